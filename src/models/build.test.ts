import { describe, expect, it } from 'vitest';
import { checkGradients } from '../autodiff/check.ts';
import { type Graph, noisesOf, parametersOf, verify } from '../graph/index.ts';
import { dense, dropout, flatten, reshape, tanh } from '../nn/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluateReference, type ReferenceFeed } from '../runtime/reference.ts';
import { buildModel, type Likelihood, type Model, type ModelOptions, vae } from './index.ts';
import { feedsFor, plainSteps, toHost } from './testing.ts';

const everyLikelihood: readonly Likelihood[] = [
  { type: 'bernoulli' },
  { type: 'normal', variance: 'fixed', deviation: 0.3 },
  { type: 'normal', variance: 'shared' },
  { type: 'normal', variance: 'perDimension' },
];

const tiny: ModelOptions = {
  input: [2, 3, 2],
  latent: 2,
  encoder: [flatten(), dense(4), tanh()],
  decoder: [dense(4), tanh(), dense('output')],
};

const graphsOf = (model: Model): Graph[] => [
  model.stepGraph(),
  model.boundGraph(),
  model.encoderGraph(),
  model.decoderGraph(),
  model.reconstructGraph(),
  model.scoreGraph(),
];

type Feeds = Readonly<Record<string, ReferenceFeed>>;

const values = (graph: Graph, feeds: Feeds): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(evaluateReference(graph, feeds)).map(([name, { data }]) => [name, Array.from(data)]),
  );

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

describe.each(everyLikelihood)('with the likelihood %j', likelihood => {
  const model = buildModel(vae({ ...tiny, likelihood }));

  it('builds legal graphs over the same parameters', () => {
    for (const graph of graphsOf(model)) {
      verify(graph);
      for (const used of parametersOf(graph)) expect(model.parameters).toContainEqual(used);
    }
    expect(parametersOf(model.stepGraph()).length).toBe(model.parameters.length);
    expect(Object.keys(model.stepGraph().outputs)).toEqual([
      'loss',
      'reconstruction',
      'kl',
      ...model.parameters.map(({ name }) => `gradient/${name}`),
    ]);
  });

  it('has gradients that finite differences confirm', () => {
    const step = model.stepGraph();
    const feeds: Feeds = { ...feedsFor(step, 3), klWeight: { shape: [], data: [0.7] } };
    const leaves = [...step.leaves.values()].filter(leaf => leaf.op.name === 'parameter');
    checkGradients(step.outputs.loss!, leaves, feeds);
    // What the graph returns as a gradient is the derivative of its loss by that parameter.
    const { name } = model.parameters[0]!;
    const moved = (by: number) => {
      const data = Float64Array.from(feeds[name]!.data);
      data[0]! += by;
      return values(step, { ...feeds, [name]: { ...feeds[name]!, data } }).loss![0]!;
    };
    const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
    expect(values(step, feeds)[`gradient/${name}`]![0]).toBeCloseTo(slope, 6);
  });

  it('gives on ONNX Runtime what the reference gives', async () => {
    const runtime = await nodeRuntime({ threads: 1 });
    for (const graph of graphsOf(model)) {
      const feeds = feedsFor(graph, 3);
      const program = await runtime.compile(graph);
      const got = await program.run(toHost(graph, feeds));
      for (const [name, { data, shape }] of Object.entries(evaluateReference(graph, feeds))) {
        expect(got[name]!.shape).toEqual([...shape]);
        const scale = Math.max(1, ...data.map(Math.abs));
        data.forEach((value, i) => {
          expect(Math.abs(got[name]!.data[i]! - value)).toBeLessThan(1e-5 * scale);
        });
      }
      await program.dispose();
    }
  });

  it('splits the bound into reconstruction and KL, whose batch sums the step reports', () => {
    const bound = model.boundGraph();
    const feeds = { ...feedsFor(bound, 4), klWeight: { shape: [], data: [1] } };
    const { negElbo, reconstruction, kl } = values(bound, feeds);
    negElbo!.forEach((value, i) => {
      expect(value).toBe(reconstruction![i]! + kl![i]!);
    });
    const step = values(model.stepGraph(), feeds);
    expect(step.loss![0]).toBeCloseTo(sum(negElbo!), 10);
    expect(step.reconstruction![0]).toBeCloseTo(sum(reconstruction!), 10);
    expect(step.kl![0]).toBeCloseTo(sum(kl!), 10);
  });

  it('learns: ten plain steps on one batch lower the loss', async () => {
    const { losses } = await plainSteps(model, 0.0005);
    losses.slice(1).forEach((loss, i) => {
      expect(loss).toBeLessThan(losses[i]!);
    });
  });

  it('scores without noise, at the posterior’s mean', () => {
    for (const graph of [model.scoreGraph(), model.encoderGraph(), model.reconstructGraph(), model.decoderGraph()]) {
      expect(noisesOf(graph)).toEqual([]);
    }
    const feeds = feedsFor(model.boundGraph(), 3);
    const still = { ...feeds, 'posterior.noise': { shape: [3, 2], data: new Float64Array(6) } };
    const [score, bound] = [values(model.scoreGraph(), feeds), values(model.boundGraph(), still)];
    score.score!.forEach((value, i) => {
      expect(value).toBeCloseTo(bound.negElbo![i]!, 10);
    });
  });

  it('reconstructs what the decoder gives at the mean that the encoder gives', () => {
    const feeds = feedsFor(model.reconstructGraph(), 3);
    const { mean: codes } = values(model.encoderGraph(), feeds);
    const z = { shape: [3, 2], data: codes! };
    const images = values(model.decoderGraph(), { ...feeds, z }).mean!;
    expect(model.decoderGraph().outputs.mean!.shape).toEqual(['N', 2, 3, 2]);
    values(model.reconstructGraph(), feeds).mean!.forEach((value, i) => {
      expect(value).toBeCloseTo(images[i]!, 12);
    });
  });
});

describe('the scale of data', () => {
  // A decoder that gives its code as it is: the mean shows what goes where.
  const through = vae({
    ...tiny,
    input: { shape: [2, 1, 2], dtype: 'float32', range: [-1, 3] },
    latent: 4,
    decoder: [reshape(2, 2, 1)],
    likelihood: { type: 'normal', variance: 'fixed', deviation: 1 },
  });

  it('is [0, 1] within, and vectors hold images channels last, as data are kept', () => {
    const model = buildModel(through);
    const z = { shape: [1, 4], data: [10, 20, 30, 40] };
    const { mean } = values(model.decoderGraph(), { z });
    expect(mean).toEqual([10, 20, 30, 40]);
    // The reconstruction is least, ½ · 4 · log 2π, where the code is the data, scaled.
    const bound = model.boundGraph();
    const x = { shape: [1, 2, 1, 2], data: [-1, 0, 1, 3] };
    const feeds: Record<string, ReferenceFeed> = { ...feedsFor(bound, 1), x };
    for (const { name, shape } of model.parameters) {
      feeds[name] = { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) };
    }
    feeds['posterior.noise'] = { shape: [1, 4], data: [0, 0.25, 0.5, 1] };
    expect(values(bound, feeds).reconstruction![0]).toBeCloseTo(2 * Math.log(2 * Math.PI), 12);
  });
});

describe('dropout in a model', () => {
  it('acts in training alone', () => {
    const model = buildModel(vae({ ...tiny, encoder: [flatten(), dropout(0.5), dense(4), tanh()] }));
    const names = (graph: Graph) => noisesOf(graph).map(noise => noise.name);
    expect(names(model.stepGraph())).toEqual(['encoder.1.mask', 'posterior.noise']);
    expect(names(model.boundGraph())).toEqual(['posterior.noise']);
  });
});

describe('dynamic binarisation', () => {
  const model = buildModel(vae({ ...tiny, binarization: 'dynamic' }));
  const grey = buildModel(vae(tiny));
  const feeds = feedsFor(model.boundGraph(), 3);

  it('draws pixels in training and evaluation: 1 where the uniform noise is below the grey value', () => {
    expect(noisesOf(model.stepGraph()).map(noise => noise.name)).toContain('binarization');
    const { x, binarization: u } = feeds;
    // Noise is channels first, as the network sees the data: pixel (h, w) of channel c.
    const drawn = Array.from(x!.data, (value, i) => {
      const [n, pixel, c] = [Math.floor(i / 12), Math.floor((i % 12) / 2), i % 2];
      return u!.data[n * 12 + c * 6 + pixel]! < value / 255 ? 255 : 0;
    });
    expect(new Set(drawn).size).toBe(2);
    const expected = values(grey.boundGraph(), { ...feeds, x: { ...x!, data: drawn } });
    values(model.boundGraph(), feeds).negElbo!.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.negElbo![i]!, 12);
    });
  });

  it('leaves grey values to what must not depend on noise', () => {
    const feeds = feedsFor(grey.scoreGraph(), 3);
    expect(values(model.scoreGraph(), feeds)).toEqual(values(grey.scoreGraph(), feeds));
  });
});

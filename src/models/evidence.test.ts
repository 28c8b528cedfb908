// Bounds and importance weights of codes that are not all of the space, against the evidence itself: where the code is one
// choice, or a point of the circle, p(x) is a sum or an integral that is done here by itself.

import { expect, it } from 'vitest';
import { type Graph, noisesOf } from '../graph/index.ts';
import { createKernels } from '../kernels/index.ts';
import { dense, flatten, tanh } from '../nn/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { noiseBuffers, noiseBytes } from '../runtime/noise.ts';
import { evaluateReference, type ReferenceFeed } from '../runtime/reference.ts';
import { buildModel, type ModelOptions, vae } from './index.ts';
import { feedsFor, toHost } from './testing.ts';

const tiny: ModelOptions = {
  input: [2, 2, 1],
  latent: 2,
  encoder: [flatten(), dense(4), tanh()],
  decoder: [dense(4), tanh(), dense('output')],
};
const pixels = [30, 200, 90, 255];
const draws = 10_000;
const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

/** The model with some parameters, at one example; its decoder's and its draws' answers. */
function modelOf(options: Partial<ModelOptions>) {
  const model = buildModel(vae({ ...tiny, ...options }));
  const { x: _, ...parameters } = feedsFor(model.stepGraph(), 1, 1);
  const rows = (count: number): Record<string, ReferenceFeed> => ({
    ...parameters,
    x: { shape: [count, 2, 2, 1], data: Array.from({ length: count }, () => pixels).flat() },
  });
  const drawn = async (graph: Graph) => {
    const leaves = noisesOf(graph);
    const noise = noiseBuffers(createKernels(noiseBytes(leaves, draws)), leaves, draws);
    noise.fill({ seed: 4, step: 0 });
    const program = await (await nodeRuntime({ threads: 1 })).compile(graph);
    const out = await program.run(toHost(graph, { ...rows(draws), ...noise.feeds }));
    await program.dispose();
    return out;
  };
  /** log p(x|z) of codes. */
  const logLikelihood = (codes: readonly (readonly number[])[]): number[] => {
    const z = { shape: [codes.length, model.spec.latent], data: codes.flat() };
    const { mean } = evaluateReference(model.decoderGraph(), { ...parameters, z });
    return codes.map((_, i) =>
      total(
        pixels.map((pixel, j) => {
          const p = mean!.data[4 * i + j]!;
          return (pixel / 255) * Math.log(p) + (1 - pixel / 255) * Math.log(1 - p);
        }),
      ),
    );
  };
  return { model, rows, drawn, logLikelihood, parameters };
}

/** That the mean of numbers is the one expected, within four standard errors, which are small beside `scale`. */
function expectMean(values: ArrayLike<unknown>, expected: number, scale: number): void {
  const list = Array.from(values, Number);
  const mean = total(list) / list.length;
  const error = Math.sqrt(total(list.map(v => (v - mean) ** 2))) / list.length;
  expect(Math.abs(mean - expected)).toBeLessThan(4 * error + 1e-9);
  expect(error).toBeLessThan(scale);
}

it('a choice among four: the evidence is a sum, and the bound that of the choice itself', async () => {
  const posterior = { type: 'gumbelSoftmax', categories: [4], temperature: 0.67 } as const;
  const { model, rows, drawn, logLikelihood } = modelOf({ latent: 4, posterior, prior: 'normalCategorical' });
  const each = [0, 1, 2, 3].map(k => [0, 1, 2, 3].map(j => (j === k ? 1 : 0)));
  const given = logLikelihood(each);
  const evidence = total(given.map(v => Math.exp(v) / 4));
  const { logWeight } = await drawn(model.importanceGraph());
  expectMean(
    logWeight!.data.map(v => Math.exp(v)),
    evidence,
    0.05 * evidence,
  );

  const { mean, probabilities } = evaluateReference(model.encoderGraph(), rows(1));
  const q = [...probabilities!.data];
  expect(Math.max(...q)).toBeLessThan(0.95);
  expect([...mean!.data]).toEqual(each[q.indexOf(Math.max(...q))]);
  const kl = total(q.map(p => p * Math.log(4 * p)));
  const { negElbo, kl: reported } = await drawn(model.boundGraph());
  expect(reported!.data[0]).toBeCloseTo(kl, 5);
  expectMean(negElbo!.data, kl - total(q.map((p, k) => p * given[k]!)), 0.05);
});

it('two choices and a number: the evidence is a sum of integrals', async () => {
  const posterior = { type: 'gumbelSoftmax', categories: [2, 3], temperature: 0.67 } as const;
  const { model, drawn, logLikelihood } = modelOf({ latent: 6, posterior, prior: 'normalCategorical' });
  const side = 201;
  const numbers = Array.from({ length: side }, (_, i) => -7 + (14 * i) / (side - 1));
  const choices = [0, 1].flatMap(a => [0, 1, 2].map(b => [1 - a, a, ...[0, 1, 2].map(j => (j === b ? 1 : 0))]));
  const codes = choices.flatMap(choice => numbers.map(number => [number, ...choice]));
  const weight = ([number]: readonly number[]): number =>
    ((Math.exp(-0.5 * number! ** 2) / Math.sqrt(2 * Math.PI)) * (14 / (side - 1))) / choices.length;
  const evidence = total(logLikelihood(codes).map((v, i) => Math.exp(v) * weight(codes[i]!)));
  const { logWeight } = await drawn(model.importanceGraph());
  expectMean(
    logWeight!.data.map(v => Math.exp(v)),
    evidence,
    0.1 * evidence,
  );
});

it('a point of the circle: the evidence is an integral over angles', async () => {
  const { model, rows, drawn, logLikelihood } = modelOf({ posterior: 'vonMisesFisher', prior: 'uniformSphere' });
  const count = 400;
  const angles = Array.from({ length: count }, (_, i) => (2 * Math.PI * i) / count);
  const codes = angles.map(a => [Math.cos(a), Math.sin(a)]);
  const given = logLikelihood(codes);
  const evidence = total(given.map(v => Math.exp(v) / count));
  const { logWeight } = await drawn(model.importanceGraph());
  expectMean(
    logWeight!.data.map(v => Math.exp(v)),
    evidence,
    0.05 * evidence,
  );

  const { mean, concentration } = evaluateReference(model.encoderGraph(), rows(1));
  const [x, y] = mean!.data;
  expect(Math.hypot(x!, y!)).toBeCloseTo(1, 10);
  const unnormalised = codes.map(([a, b]) => Math.exp(concentration!.data[0]! * (a! * x! + b! * y!)));
  const q = unnormalised.map(v => v / total(unnormalised));
  const kl = total(q.map(p => p * Math.log(count * p)));
  const { negElbo, kl: reported } = await drawn(model.boundGraph());
  expect(reported!.data[0]).toBeCloseTo(kl, 5);
  expectMean(negElbo!.data, kl - total(q.map((p, k) => p * given[k]!)), 0.05);
});

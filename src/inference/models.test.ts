// Which models can be inferred upon: any posterior and likelihood that has what it takes, the others with a reason.

import { describe, expect, it } from 'vitest';
import { buildModel, type ModelOptions, type ModelSpec, TrainedVae, vae } from '../models/index.ts';
import { columnEmbedding, dense, flatten, tanh } from '../nn/index.ts';
import {
  float32,
  type HostTensor,
  initializeParameters,
  int32,
  layoutOf,
  nodeRuntime,
  viewsOf,
} from '../runtime/index.ts';
import { completeRows } from './complete.ts';
import { inferCodes } from './infer.ts';

const small = { chains: 4, draws: 2, warmUp: 8, ascent: 5, leaps: 2 };

async function modelOf(spec: ModelSpec): Promise<TrainedVae> {
  const model = buildModel(spec);
  const layout = layoutOf(model.parameters);
  const buffer = new Float32Array(layout.length);
  initializeParameters(layout, buffer, 1);
  return new TrainedVae(model, viewsOf(layout, buffer), await nodeRuntime({ threads: 1 }));
}

const imageModel = (options: Partial<ModelOptions> = {}): ModelSpec =>
  vae({
    input: [2, 2, 1],
    latent: 4,
    encoder: [flatten(), dense(6), tanh()],
    decoder: [dense(6), tanh(), dense('output')],
    ...options,
  });

const seen: HostTensor<'float32'> = float32(Float32Array.from([0.2, 0.8, Number.NaN, Number.NaN]), [1, 2, 2, 1]);

describe('models whose codes', () => {
  it.each([
    [{ posterior: 'fullGaussian' }, 'gibbs'],
    [{ posterior: 'planar' }, 'gradient'],
    [{ posterior: 'deterministic' }, 'gradient'],
    [{ posterior: 'vonMisesFisher', prior: 'uniformSphere' }, 'gibbs'],
    [{ prior: { type: 'gaussianMixture', components: 3 } }, 'gradient'],
    [{ likelihood: 'discretizedLogistic' }, 'gradient'],
  ] as const)('are of %j are inferred by %s', async (options, method) => {
    const model = await modelOf(imageModel(options as Partial<ModelOptions>));
    const { completions, mean, weights } = await completeRows(model, seen, { ...small, method });
    expect(completions.shape).toEqual([1, 4, 2, 2, 1]);
    expect([...mean.data, ...weights.data].every(Number.isFinite)).toBe(true);
    expect([...mean.data.subarray(0, 2)]).toEqual([...seen.data.subarray(0, 2)]);
  });

  it.each([
    [{ posterior: 'vectorQuantized', prior: 'uniformCodes', latent: 16 }, {}, /codes from a codebook/],
    [{ posterior: 'planar' }, { method: 'gibbs' }, /knows no density of a code that it did not draw/],
    [{ posterior: 'vonMisesFisher', prior: 'uniformSphere' }, { method: 'gradient' }, /choose the method "gibbs"/],
    [{}, { method: 'gibbs', noise: { type: 'gaussian' } }, /do not find the level of the noise/],
  ] as const)('are of %j with %j are refused', async (options, given, reason) => {
    const model = await modelOf(imageModel(options as unknown as Partial<ModelOptions>));
    const call = inferCodes(model, seen, given);
    await expect(call).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(reason) });
  });
});

it('a likelihood of whole images has none for a part of one', async () => {
  const model = await modelOf(imageModel({ input: [4, 4, 1], likelihood: 'msSsim' }));
  const call = inferCodes(model, float32(new Float32Array(16), [1, 4, 4, 1]));
  await expect(call).rejects.toMatchObject({ message: expect.stringMatching(/"msSsim" explains a row as a whole/) });
});

describe('conditional models', () => {
  const spec = imageModel({ condition: { type: 'label', classes: 3 } });

  it('take the classes of the rows, or have chains of every class', async () => {
    const model = await modelOf(spec);
    const given = await inferCodes(model, { ...seen, label: int32(Int32Array.of(2), [1]) }, small);
    expect(given.codes.label).toBeUndefined();
    const inferred = await inferCodes(model, seen, small);
    expect(inferred.chains).toBe(6);
    expect([...inferred.codes.label!.data]).toEqual([0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
  });

  it('weigh chains by how probable their class makes what was seen', async () => {
    const model = await modelOf(spec);
    // The decoder takes the code and then the class: class 1 makes every pixel nearly white, the others nearly black.
    for (const { data } of Object.values(model.parameters)) data.fill(0);
    model.parameters['decoder.0.weight']!.data.set(Array<number>(6).fill(9), 5 * 6);
    model.parameters['decoder.2.weight']!.data.fill(1);
    model.parameters['decoder.2.bias']!.data.fill(-3);
    const { weights, diagnostics } = await inferCodes(model, seen, { ...small, draws: 30, warmUp: 40 });
    // log p of 0.2 and 0.8 by Bernoulli's cross-entropy, at the logits 3 and −3.
    const logs = [-3, 3, -3].map(y => (0.2 + 0.8) * y - 2 * Math.log1p(Math.exp(y)));
    const total = logs.reduce((sum, log) => sum + Math.exp(log), 0);
    logs.forEach((log, label) => {
      expect(weights.data[label]! + weights.data[label + 3]!).toBeCloseTo(Math.exp(log) / total, 1);
    });
    expect(diagnostics.logEvidence.data[0]).toBeCloseTo(Math.log(total / 3), 1);
  });
});

describe('tables', () => {
  it('are completed on their columns’ own scale, and what is there stays', async () => {
    const columns = [
      { name: 'height', type: 'numeric', mean: 170, deviation: 10 },
      { name: 'smoker', type: 'binary' },
      { name: 'colour', type: 'categorical', categories: ['red', 'green', 'blue'] },
    ] as const;
    const model = await modelOf(
      vae({
        input: { shape: [3], dtype: 'float32', columns },
        latent: 2,
        encoder: [columnEmbedding(), dense(4), tanh()],
        decoder: [dense(4), tanh(), dense('output')],
      }),
    );
    const { NaN: missing } = Number;
    const rows = float32(Float32Array.from([missing, 1, 2, 181, missing, missing]), [2, 3]);
    const { mean, completions } = await completeRows(model, rows, small);
    expect(mean.data[0]).toBeGreaterThan(140);
    expect(mean.data[0]).toBeLessThan(200);
    expect([...mean.data.subarray(1, 4)]).toEqual([1, 2, 181]);
    expect(mean.data[4]).toBeGreaterThan(0);
    expect(mean.data[4]).toBeLessThan(1);
    expect([0, 1, 2]).toContain(mean.data[5]);
    for (let k = 0; k < 4; k++) expect([0, 1, 2]).toContain(completions.data[(4 + k) * 3 + 2]);
  });
});

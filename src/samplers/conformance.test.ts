// What every sampler must do: repeat itself, draw what it was fitted to, and come back from a file the same. A new sampler
// is tested by being listed.

import { beforeAll, describe, expect, it } from 'vitest';
import { memoryFolder, writeParameters } from '../artifact/index.ts';
import { type DataSplits, subset } from '../data/index.ts';
import { greyRows, smallVae } from '../evaluate/testing.ts';
import { isSymbolic } from '../graph/index.ts';
import type { TrainedVae } from '../models/index.ts';
import { type Sampler, samplerSchema, samplerTypes } from '../models/sampler.ts';
import { float32 } from '../runtime/index.ts';
import { parseSpec } from '../schema.ts';
import { type FittedSampler, fitSampler, openSampler, readSampler, writeSampler } from './index.ts';
import type { Tensors } from './sampler.ts';
import { samplerOf } from './table.ts';
import { clustered, plane, splits } from './testing.ts';

/** Every sampler, at a size for tests; one that is missing here does not compile. */
const cases: { readonly [T in Sampler['type']]: Extract<Sampler, { readonly type: T }> } = {
  prior: { type: 'prior' },
  gmm: { type: 'gmm', components: 2 },
  knn: { type: 'knn', neighbours: 5 },
  maf: { type: 'maf', layers: 3, hidden: 16, epochs: 60 },
  vae: { type: 'vae', hidden: 32, epochs: 60 },
};

let vae: TrainedVae;
let data: DataSplits;
beforeAll(async () => {
  vae = await smallVae();
  const rows = greyRows(400);
  data = { train: subset(rows, 0, 300), validation: subset(rows, 300, 350), test: subset(rows, 350, 400) };
});

/** The same, fitted in no time. */
const brief = <S extends Sampler>(spec: S): S => ('epochs' in spec ? { ...spec, epochs: 2 } : spec);

/** Means, variances and covariance of codes of two dimensions, and the share of them in the right half. */
function momentsOf(codes: Float32Array): number[] {
  const rows = codes.length / 2;
  const mean = (value: (a: number, b: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += value(codes[2 * i]!, codes[2 * i + 1]!);
    return sum / rows;
  };
  const [a, b] = [mean(x => x), mean((_, y) => y)];
  return [
    a,
    b,
    mean(x => (x - a) ** 2),
    mean((_, y) => (y - b) ** 2),
    mean((x, y) => (x - a) * (y - b)),
    mean(x => (x > 0.75 ? 1 : 0)),
  ];
}

it('lists them all', () => {
  expect(Object.keys(cases)).toEqual(samplerTypes);
});

/** A scale of codes which says that they were standardised: the clusters’ codes times 2, and moved. */
const scale: Tensors = {
  'scale.mean': float32(Float32Array.of(3, -1), [2]),
  'scale.deviation': float32(Float32Array.of(2, 2), [2]),
};

/** A sampler of the clusters' codes. */
async function clusterSampler(spec: Sampler): Promise<FittedSampler> {
  const tensors = spec.type === 'prior' ? {} : await samplerOf(spec).fit(spec, splits, { vae, seed: 3 });
  return openSampler(vae, spec, { ...scale, ...tensors });
}

describe.each(Object.values(cases))('$type', spec => {
  let sampler: FittedSampler;
  beforeAll(async () => {
    sampler = await clusterSampler(spec);
    return () => sampler.dispose();
  });

  it('survives JSON, and its name alone is enough', () => {
    expect(parseSpec(samplerSchema, JSON.parse(JSON.stringify(spec)), 'sampler')).toEqual(spec);
    expect(Object.keys(parseSpec(samplerSchema, { type: spec.type }, 'sampler'))).toEqual(Object.keys(spec));
  });

  it('draws the same for the same seed, whatever the count', async () => {
    const draw = async (count: number, seed: number) => (await sampler.draw(count, { seed })).data;
    const [many, few, others] = [await draw(40, 5), await draw(7, 5), await draw(7, 6)];
    expect([...few]).toEqual([...many.subarray(0, 14)].map(value => expect.closeTo(value, 5)));
    expect([...others]).not.toEqual([...few]);
    expect(await draw(40, 5)).toEqual(many);
  });

  it('is cooler at a lower temperature, or says that it has none', async () => {
    const cool = sampler.draw(1000, { temperature: 0.1 });
    if (spec.type === 'knn') return expect(cool).rejects.toMatchObject({ code: 'usage' });
    const spread = (codes: Float32Array): number => {
      const [, , a, b, both] = momentsOf(codes) as [number, number, number, number, number];
      return a * b - both ** 2;
    };
    expect(spread((await cool).data)).toBeLessThan(0.3 * spread((await sampler.draw(1000)).data));
  });

  it('is fitted to a model’s codes, kept with its run, and found again until something changes', async () => {
    const small = brief(spec);
    const shares: number[] = [];
    const sampler = await fitSampler(vae, data, small, { progress: share => shares.push(share) });
    if (spec.type !== 'prior') expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    const again = await fitSampler(vae, data, small);
    expect(again.tensors).toEqual(sampler.tensors);

    const folder = memoryFolder();
    const kept = async (): Promise<boolean> => (await readSampler(folder, vae, small)) !== undefined;
    await writeParameters(folder, vae.parameters);
    expect(await kept()).toBe(spec.type === 'prior');
    await writeSampler(folder, sampler);
    const found = (await readSampler(folder, vae, small))!;
    expect(await found.draw(9, { seed: 4 })).toEqual(await sampler.draw(9, { seed: 4 }));
    for (const one of [sampler, again, found]) await one.dispose();

    await writeParameters(folder, {});
    expect(await kept()).toBe(spec.type === 'prior');
  });
});

const fitted = Object.values(cases).filter(spec => spec.type !== 'prior');

describe.each(fitted)('$type', spec => {
  it('draws what it was fitted to', async () => {
    const sampler = await clusterSampler(spec);
    const codes = (await sampler.draw(4000, { seed: 1 })).data;
    const drawn = momentsOf(codes.map((value, i) => (value - (i % 2 === 0 ? 3 : -1)) / 2));
    await sampler.dispose();
    const expected = momentsOf(clustered(20_000, 9));
    // Of 4,000 codes the moments’ standard errors are about 0.02; a small VAE is not quite the clusters.
    const tolerance = spec.type === 'vae' ? 0.2 : 0.1;
    drawn.forEach((moment, i) => {
      expect(Math.abs(moment - expected[i]!)).toBeLessThan(tolerance);
    });
  });

  it('is made of the tensors that it says', async () => {
    const { tensors } = await fitSampler(vae, data, brief(spec));
    const shapes = samplerOf(spec).shapes(spec, 2);
    expect(Object.keys(tensors).sort()).toEqual([...Object.keys(shapes), ...Object.keys(scale)].sort());
    for (const [name, shape] of Object.entries(shapes)) {
      expect(tensors[name]!.shape).toEqual(shape.map((dim, i) => (isSymbolic(dim) ? tensors[name]!.shape[i] : dim)));
    }
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(fitSampler(vae, data, spec, { signal })).rejects.toThrow('enough');
  });

  it('refuses a file of other tensors', async () => {
    const folder = memoryFolder();
    await writeParameters(folder, vae.parameters);
    const sampler = await fitSampler(vae, data, brief(spec));
    const [name] = Object.keys(sampler.tensors) as [string];
    const tensors = { ...sampler.tensors, [name]: float32(new Float32Array(7), [7]) };
    await writeSampler(folder, { ...sampler, tensors });
    await expect(readSampler(folder, vae, brief(spec))).rejects.toThrow(`expected the tensor "${name}" as float32`);
  });
});

describe.each([cases.gmm, cases.maf])('the density of $type', spec => {
  it('integrates to one, and is that of its draws', async () => {
    const definition = samplerOf(spec);
    const tensors = await definition.fit(spec, splits, { vae, seed: 3 });
    const { draw, logProb } = definition.open(spec, tensors, vae);
    const { points, cell } = plane(6, 241);
    const log = await logProb!(points);
    const density = log.map(value => Math.exp(value) * cell);
    const total = density.reduce((a, b) => a + b);
    expect(total).toBeCloseTo(1, 2);
    // The mean log-density of draws is the negative entropy, which quadrature gives as well.
    const negentropy = density.reduce((sum, p, i) => sum + p * log[i]!, 0);
    const drawn = await logProb!(await draw(4000, { seed: 2, temperature: 1 }));
    const mean = drawn.reduce((a, b) => a + b) / drawn.length;
    const error = Math.sqrt(drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / drawn.length;
    expect(Math.abs(mean - negentropy)).toBeLessThan(4 * error + 0.01);
  });
});

describe('fitting', () => {
  it('sees codes drawn from the posteriors, not their means', async () => {
    const { tensors } = await fitSampler(vae, data, cases.gmm);
    const rows = { dtype: 'uint8', shape: [300, 3, 2, 1], data: new Uint8Array(1800) } as const;
    data.train.read(
      Array.from({ length: 300 }, (_, i) => i),
      rows.data,
    );
    const { mean, logVar } = await vae.run('encoder', rows);
    const column = (values: Float32Array, j: number): number[] => [...values].filter((_, i) => i % 2 === j);
    const average = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;
    for (const j of [0, 1]) {
      const means = column(mean!.data, j);
      const within = average(column(logVar!.data, j).map(Math.exp));
      const between = average(means.map(value => (value - average(means)) ** 2));
      // The variance of the aggregated posterior is that of the means and that within; its error of 300 draws is 8 %.
      expect(tensors['scale.deviation']!.data[j]! ** 2 / (within + between)).toBeCloseTo(1, 0);
      expect(within).toBeGreaterThan(between);
    }
  });
});

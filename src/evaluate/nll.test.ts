// The estimate against exact integration over a plane of codes, and what must not change it.

import { beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, hostRows, subset } from '../data/index.ts';
import type { TrainedVae } from '../models/index.ts';
import { dense, tanh } from '../nn/index.ts';
import { float32 } from '../runtime/index.ts';
import { evaluateBound } from './bound.ts';
import { LogMeanExp } from './log-mean-exp.ts';
import { estimateNll, rowNlls } from './nll.ts';
import { binaryRows, greyRows, smallVae } from './testing.ts';

let model: TrainedVae;
beforeAll(async () => {
  model = await smallVae();
});

/** −log ∫ p(x|z) p(z) dz of each row, by the trapezoidal rule on [−7, 7]², in float64. */
async function integrated(vae: TrainedVae, data: Dataset): Promise<number[]> {
  const [half, step] = [70, 0.1];
  const axis = Array.from({ length: 2 * half + 1 }, (_, i) => (i - half) * step);
  const plane = axis.flatMap(a => axis.map(b => [a, b] as const));
  const codes = float32(Float32Array.from(plane.flat()), [plane.length, 2]);
  const { mean } = await vae.run('decoder', codes);
  const rows = (await hostRows(data, 0, data.size)).data;
  return Array.from({ length: data.size }, (_, row) => {
    let total = 0;
    plane.forEach(([a, b], point) => {
      let log = -0.5 * (a * a + b * b) - Math.log(2 * Math.PI);
      for (let i = 0; i < 6; i++) {
        const [x, p] = [rows[row * 6 + i]! / 255, mean!.data[point * 6 + i]!];
        log += x * Math.log(p) + (1 - x) * Math.log(1 - p);
      }
      total += Math.exp(log) * step * step;
    });
    return -Math.log(total);
  });
}

describe('the importance-weighted estimate', () => {
  it('agrees with exact integration', async () => {
    for (const data of [binaryRows(6), greyRows(6)]) {
      const exact = await integrated(model, data);
      const estimate = await rowNlls(model, data, { samples: 5000, seed: 1 });
      const differences = exact.map((value, row) => estimate[row]! - value);
      expect(Math.abs(differences.reduce((a, b) => a + b) / data.size)).toBeLessThan(0.02);
      // The encoder is not a trained one, so single rows are estimated less well.
      expect(Math.max(...differences.map(Math.abs))).toBeLessThan(0.08);
    }
  });

  it('falls with K, from above the exact value', async () => {
    const data = binaryRows(64);
    const exact = await integrated(model, data);
    const truth = exact.reduce((a, b) => a + b) / exact.length;
    const averaged = async (samples: number): Promise<number> => {
      const estimates = await Promise.all([1, 2, 3, 4, 5, 6].map(seed => estimateNll(model, data, { samples, seed })));
      return estimates.reduce((sum, { nll }) => sum + nll / estimates.length, 0);
    };
    const [one, five, fifty, many] = [await averaged(1), await averaged(5), await averaged(50), await averaged(500)];
    expect(one).toBeGreaterThan(five! + 0.01);
    expect(five).toBeGreaterThan(fifty! + 0.001);
    expect(fifty).toBeGreaterThan(many! - 0.002);
    expect(Math.abs(many! - truth)).toBeLessThan(0.02);
    // With one sample it is the bound, but for the KL, which the bound has in closed form.
    const bounds = await Promise.all([1, 2, 3, 4, 5, 6].map(seed => evaluateBound(model, data, seed)));
    expect(one).toBeCloseTo(
      bounds.reduce((sum, { negElbo }) => sum + negElbo / bounds.length, 0),
      0,
    );
  });

  it('gives mean and standard error over rows', async () => {
    const data = greyRows(10);
    const rows = await rowNlls(model, data, { samples: 7 });
    const mean = rows.reduce((a, b) => a + b) / 10;
    const variance = rows.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 9;
    expect(await estimateNll(model, data, { samples: 7 })).toEqual({
      nll: expect.closeTo(mean, 12),
      standardError: expect.closeTo(Math.sqrt(variance / 10), 12),
      samples: 7,
      rows: 10,
    });
  });

  it('depends on seed, row and sample alone', async () => {
    // 1,100 rows are three batches; their noise is that of their places.
    const data = greyRows(1100);
    const all = await rowNlls(model, data, { samples: 3, seed: 5 });
    expect(await rowNlls(model, data, { samples: 3, seed: 5 })).toEqual(all);
    const first = await rowNlls(model, subset(data, 0, 9), { samples: 3, seed: 5 });
    first.forEach((value, i) => {
      expect(value).toBeCloseTo(all[i]!, 4);
    });
    const twice = subset(data, [...Array(1000).keys(), ...Array(100).keys()]);
    const repeated = await rowNlls(model, twice, { samples: 3, seed: 5 });
    expect(repeated[1000]).not.toBeCloseTo(repeated[0]!, 6);
    expect(await rowNlls(model, data, { samples: 3, seed: 6 })).not.toEqual(all);
  });

  it('is of one drawing of the pixels, under dynamic binarisation', async () => {
    const dynamic = await smallVae({ binarization: 'dynamic' });
    const one = greyRows(1, 8);
    const estimate = (await rowNlls(dynamic, one, { samples: 4000, seed: 2 }))[0]!;
    // One of the 64 images that the pixels may come to, each drawn with its own probability.
    const images = Uint8Array.from({ length: 64 * 6 }, (_, i) => ((Math.floor(i / 6) >> (i % 6)) % 2 === 1 ? 255 : 0));
    const { arrayDataset } = await import('../data/index.ts');
    const exact = await integrated(model, arrayDataset({ name: 'all', data: images, shape: [3, 2, 1] }));
    expect(exact.reduce((sum, nll) => sum + Math.exp(-nll), 0)).toBeCloseTo(1, 4);
    expect(Math.min(...exact.map(value => Math.abs(value - estimate)))).toBeLessThan(0.02);
    // The pixels are those of the bound with the same seed.
    const bound = await evaluateBound(dynamic, one, 2);
    const single = (await rowNlls(dynamic, one, { samples: 1, seed: 2 }))[0]!;
    expect(Math.abs(single - bound.negElbo)).toBeLessThan(3);
  });

  it('takes as many rows at a time whatever the number of weights', async () => {
    const wide = [dense(300), tanh(), dense(300), tanh()];
    const large = await smallVae({ decoder: [...wide, dense('output')] });
    let runs = 0;
    await rowNlls(large, binaryRows(800), { samples: 1, progress: () => runs++ });
    expect(runs).toBe(2);
  });

  it('tells its progress, and ends when it is told to', async () => {
    const shares: number[] = [];
    await rowNlls(model, greyRows(1100), { samples: 2, progress: share => shares.push(share) });
    expect(shares.map(share => share.toFixed(3))).toEqual(['0.227', '0.455', '0.682', '0.909', '0.955', '1.000']);
    const controller = new AbortController();
    const stopped = rowNlls(model, greyRows(4), {
      samples: 1e9,
      signal: controller.signal,
      progress: () => controller.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
  });
});

describe('LogMeanExp', () => {
  it('is the logarithm of the mean of the exponentials, where those cannot be had', () => {
    const terms = [-1000, -998.5, -1003, -999, Number.NEGATIVE_INFINITY, -2000];
    const mean = new LogMeanExp(3);
    for (const term of terms) mean.add([term, 1700 + term, Number.NEGATIVE_INFINITY]);
    const shifted = terms.reduce((sum, term) => sum + Math.exp(term + 1000), 0) / terms.length;
    expect(mean.values[0]).toBeCloseTo(Math.log(shifted) - 1000, 12);
    expect(mean.values[1]).toBeCloseTo(Math.log(shifted) + 700, 12);
    expect(mean.values[2]).toBe(Number.NEGATIVE_INFINITY);
  });

  it('says where a term was none', () => {
    const mean = new LogMeanExp(1);
    for (const term of [-1, Number.NaN, 3, Number.NEGATIVE_INFINITY]) mean.add([term]);
    expect(mean.values[0]).toBeNaN();
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { arrayDataset, type DataSplits, hostRowsAt, split, subset } from '../data/index.ts';
import { presets } from '../models/index.ts';
import { wordsOf } from '../random/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { fit } from '../train/index.ts';
import { duplicates, embed, generate, map, neighbours, type OpenedRun } from './index.ts';
import { memorisationOf, quantile, rankTest } from './memorisation.ts';
import { toUnitScale } from './rows.ts';

const words = wordsOf({ seed: 1, stream: 2, step: 3 });
const pixels = Uint8Array.from({ length: 200 * 16 }, () => words() & 255);
const whole = arrayDataset({ name: 'noise', data: pixels, shape: [4, 4, 1] });
const data: DataSplits = split(whole, { validation: 40, test: 60 });

let runtime: Runtime;
let run: OpenedRun;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
  const spec = presets.mlp.build({ input: [4, 4, 1], latent: 2, hidden: 8 });
  run = await fit(spec, data, { epochs: 1, batchSize: 20, runtime });
}, 60_000);

const apart = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, width: number): number =>
  Math.hypot(...Array.from({ length: width }, (_, k) => a[i * width + k]! - b[j * width + k]!));

describe('neighbours', () => {
  it('are those nearest by code, the row itself apart', async () => {
    const { rows, distances, images, queries, searched } = await neighbours(
      run,
      { query: [5, 30], count: 3 },
      { data },
    );
    const { mean } = await embed(run, {}, { data });
    expect([rows.shape, searched, queries.shape[0], images.shape[0]]).toEqual([[2, 3], 60, 2, 6]);
    for (const [i, query] of [5, 30].entries()) {
      const sorted = Array.from({ length: 60 }, (_, row) => row)
        .filter(row => row !== query)
        .sort((a, b) => apart(mean.data, query, mean.data, a, 2) - apart(mean.data, query, mean.data, b, 2));
      expect([...rows.data.subarray(3 * i, 3 * i + 3)]).toEqual(sorted.slice(0, 3));
      expect(distances.data[3 * i]).toBeCloseTo(apart(mean.data, query, mean.data, sorted[0]!, 2), 5);
    }
    const few = { ...data, test: subset(data.test, 0, 2) };
    expect((await neighbours(run, { query: [0], count: 9 }, { data: few })).rows.shape).toEqual([1, 1]);
    const single = { ...data, test: subset(data.test, 0, 1) };
    await expect(neighbours(run, { query: [0] }, { data: single })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('duplicates', () => {
  it('finds the copies that were put in, and little else', async () => {
    const copied = { ...data, test: subset(data.test, [...Array.from({ length: 50 }, (_, i) => i), 3, 17]) };
    const { pairs, found, threshold, heldOut, distances } = await duplicates(run, {}, { data: copied });
    expect([heldOut, threshold > 0]).toEqual([40, true]);
    expect([...pairs.data.subarray(0, 4)]).toEqual([3, 50, 17, 51]);
    expect([...distances.data.subarray(0, 2)]).toEqual([0, 0]);
    expect(found).toBeLessThan(10);
  });

  it('takes its threshold from rows that the model did not learn from', async () => {
    const [held, train] = [
      await embed(run, { split: 'validation' }, { data }),
      await embed(run, { split: 'train' }, { data }),
    ];
    const nearest = Float64Array.from({ length: 40 }, (_, i) =>
      Math.min(...Array.from({ length: 100 }, (_, j) => apart(held.mean.data, i, train.mean.data, j, 2))),
    );
    const { threshold } = await duplicates(run, { falseAlarmRate: 0.1 }, { data });
    expect(threshold).toBeCloseTo(quantile(nearest, 0.1), 6);
    expect((await duplicates(run, { threshold: 1e-9 }, { data })).found).toBe(0);
  });
});

describe('map', () => {
  it('shows the rows it says, chosen by the seed', async () => {
    const { rows, points, of, images } = await map(run, { method: 'pca', count: 20, seed: 3 }, { data });
    expect([rows.shape, points.shape, of, images.shape[0]]).toEqual([[20], [20, 2], 60, 20]);
    expect([...rows.data]).toEqual([...new Set(rows.data)].sort((a, b) => a - b));
    const { mean } = await embed(run, {}, { data });
    // Principal components turn the plane of codes and no more.
    const [a, b] = [rows.data[0]!, rows.data[7]!];
    expect(apart(points.data, 0, points.data, 7, 2)).toBeCloseTo(apart(mean.data, a, mean.data, b, 2), 5);
    expect((await map(run, { method: 'pca', count: 20, seed: 4 }, { data })).rows).not.toEqual(rows);
  });
});

describe('the check for memorised rows', () => {
  it('finds the nearest training row of each sample, and how near test rows are', async () => {
    const { memorisation, samples } = await generate(run, { count: 5, checkMemorisation: true }, { data });
    const known = new Float32Array(100 * 16);
    const bytes = new Uint8Array(100 * 16);
    data.train.read(
      Uint32Array.from({ length: 100 }, (_, i) => i),
      bytes,
    );
    bytes.forEach((value, i) => {
      known[i] = value / 255;
    });
    const { nearest, distance, rows, testRows } = memorisation!;
    expect(testRows).toBe(60);
    for (let i = 0; i < 5; i++) {
      const all = Array.from({ length: 100 }, (_, row) => apart(samples.data, i, known, row, 16));
      expect(distance.data[i]).toBeCloseTo(Math.min(...all), 5);
      expect(all[nearest.data[i]!]).toBeCloseTo(Math.min(...all), 5);
      const shown = rows.data.subarray(16 * i, 16 * i + 16);
      expect([...shown]).toEqual([...known.subarray(16 * nearest.data[i]!, 16 * nearest.data[i]! + 16)]);
    }
  });

  it('ranks as Mann and Whitney do', () => {
    // By hand: of 2 × 3 pairs, those with the first set's value above the second's: 1 + 3, and one tie.
    expect(rankTest(Float64Array.of(2, 9), Float64Array.of(1, 2, 5))).toBeCloseTo(
      (4.5 - 3) / Math.sqrt((6 * 6) / 12),
      12,
    );
    const values = Float64Array.from({ length: 50 }, (_, i) => i);
    expect(rankTest(values, values)).toBeCloseTo(0, 12);
    expect(
      rankTest(
        values.map(v => v - 100),
        values,
      ),
    ).toBeLessThan(-8);
    expect(quantile(Float64Array.of(4, 1, 3, 2), 0.5)).toBe(2.5);
    expect(quantile(Float64Array.of(7), 0.01)).toBe(7);
  });

  it('sees copies: training rows that are given out as samples', async () => {
    const { range } = data.train;
    const samples = toUnitScale(await hostRowsAt(data.train, [4, 8, 15, 16, 23, 42]), range);
    const { nearest, suspects, medianDistance, medianTestDistance, z } = await memorisationOf({ run }, samples, data);
    expect([...nearest.data]).toEqual([4, 8, 15, 16, 23, 42]);
    expect([suspects, medianDistance]).toEqual([1, 0]);
    expect(medianTestDistance).toBeGreaterThan(0.5);
    expect(z).toBeLessThan(-3.5);
    // Test rows themselves are no copies.
    const fresh = toUnitScale(
      await hostRowsAt(
        data.validation,
        Array.from({ length: 40 }, (_, i) => i),
      ),
      range,
    );
    const honest = await memorisationOf({ run }, fresh, data);
    expect(Math.abs(honest.z)).toBeLessThan(3.5);
    expect(honest.suspects).toBeLessThan(0.2);
  });
});

it('a temperature is refused where a prior draws no normal noise', async () => {
  const spec = presets.svae.build({ input: [4, 4, 1], latent: 3, hidden: 8 });
  const sphere = await fit(spec, data, { epochs: 1, batchSize: 20, runtime });
  await expect(generate(sphere, { temperature: 0.5 })).rejects.toThrow(/^prior uniformSphere: expected no temperature/);
  expect((await generate(sphere, { count: 2 })).codes.shape).toEqual([2, 3]);
});

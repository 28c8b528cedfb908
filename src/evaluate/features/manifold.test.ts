// Precision and recall by hand, and against the definitions written out.

import { beforeAll, describe, expect, it } from 'vitest';
import { nodeRuntime, type Runtime } from '../../runtime/index.ts';
import { numbers } from '../testing.ts';
import type { Points } from './extractor.ts';
import { precisionRecall, squaredRadii } from './manifold.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
});

const line = (...values: number[]): Points => ({ width: 1, values: Float32Array.from(values) });
const cloud = (rows: number, width: number, seed: number, spread = 1): Points => ({
  width,
  values: Float32Array.from(numbers(rows * width, seed), v => spread * v),
});

const row = ({ width, values }: Points, i: number): number[] => [...values.subarray(i * width, (i + 1) * width)];
const count = ({ width, values }: Points): number => values.length / width;
const distance = (a: number[], b: number[]): number => Math.hypot(...a.map((v, j) => v - b[j]!));

/** Equations 1 and 2 as they stand. */
function covered(points: Points, of: Points, k: number): number {
  const centres = Array.from({ length: count(of) }, (_, i) => row(of, i));
  const radii = centres.map((centre, i) => {
    const others = centres.filter((_, j) => j !== i).map(other => distance(centre, other));
    return others.sort((a, b) => a - b)[k - 1]!;
  });
  const inside = Array.from({ length: count(points) }, (_, i) =>
    centres.some((centre, j) => distance(row(points, i), centre) <= radii[j]!),
  );
  return inside.filter(Boolean).length / inside.length;
}

describe('radii', () => {
  it('reach the k-th nearest of the other points', async () => {
    const points = line(0, 1, 3, 7, 7);
    expect([...(await squaredRadii(points, 1, runtime))]).toEqual([1, 1, 4, 0, 0]);
    expect([...(await squaredRadii(points, 3, runtime))]).toEqual([49, 36, 16, 36, 36]);
  });
});

describe('precision and recall', () => {
  it('are what one counts by hand', async () => {
    const [real, generated] = [line(0, 1, 10, 12), line(1, 2.5, 2.5, 27)];
    expect([...(await squaredRadii(real, 1, runtime))]).toEqual([1, 1, 4, 4]);
    expect([...(await squaredRadii(generated, 1, runtime))]).toEqual([2.25, 0, 0, 24.5 ** 2]);
    // 1 is within [−1, 1]; 2.5 and 27 are nowhere. Of the real points 0 and 1 are within [−0.5, 2.5], and all above 2.5.
    expect(await precisionRecall(real, generated, runtime, { k: 1 })).toEqual({ precision: 0.25, recall: 1 });
    expect(await precisionRecall(generated, real, runtime, { k: 1 })).toEqual({ precision: 1, recall: 0.25 });
  });

  it('are the definitions', async () => {
    const [real, generated] = [cloud(120, 6, 1), cloud(90, 6, 2, 0.7)];
    const { precision, recall } = await precisionRecall(real, generated, runtime);
    expect(precision).toBe(covered(generated, real, 3));
    expect(recall).toBe(covered(real, generated, 3));
    expect(recall).toBeLessThan(precision);
  });

  it('reach their ends: the same points, and points far apart', async () => {
    const points = cloud(50, 4, 3);
    expect(await precisionRecall(points, points, runtime)).toEqual({ precision: 1, recall: 1 });
    const far = { width: 4, values: points.values.map(v => v + 100) };
    expect(await precisionRecall(points, far, runtime)).toEqual({ precision: 0, recall: 0 });
  });

  it('tell a sample that is all one point', async () => {
    // In sixteenths, so that distances are exact.
    const real = { width: 4, values: cloud(50, 4, 3).values.map(v => Math.round(16 * v) / 16) };
    const first = real.values.subarray(0, 4);
    const same = { width: 4, values: real.values.map((_, i) => first[i % 4]!) };
    expect(await precisionRecall(real, same, runtime)).toEqual({ precision: 1, recall: 1 / 50 });
  });
});

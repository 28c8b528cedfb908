import { beforeAll, expect, it } from 'vitest';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { nearestNeighbours, nearPairs, type Points, streamOf } from './neighbours.ts';
import { normals } from './testing.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
});

const distanceOf = (a: Points, i: number, b: Points, j: number): number => {
  let sum = 0;
  for (let k = 0; k < a.width; k++) sum += (a.values[i * a.width + k]! - b.values[j * b.width + k]!) ** 2;
  return Math.sqrt(sum);
};

/** Everything measured, everything sorted. */
function byForce(queries: Points, query: number, points: Points, k: number, apart: boolean) {
  return Array.from({ length: points.values.length / points.width }, (_, row) => row)
    .filter(row => !(apart && row === query))
    .map(row => ({ row, distance: distanceOf(queries, query, points, row) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, k);
}

it.each([false, true])('finds the neighbours that brute force finds (the row itself apart: %s)', async apart => {
  const points = { width: 5, values: normals(2300 * 5) };
  const queries = { width: 5, values: apart ? points.values : normals(2100 * 5, 1) };
  const k = 4;
  const search = { k, runtime, ...(apart && { apart: (query: number, row: number) => query === row }) };
  const { rows, distances } = await nearestNeighbours(queries, streamOf(points), search);
  // Of all queries, every seventeenth.
  for (let query = 0; query < rows.length / k; query += 17) {
    const wanted = byForce(queries, query, points, k, apart);
    expect([...rows.subarray(query * k, (query + 1) * k)]).toEqual(wanted.map(({ row }) => row));
    wanted.forEach(({ distance }, i) => {
      expect(distances[query * k + i]).toBeCloseTo(distance, 10);
    });
  }
});

it('measures exactly far from the origin, where products cancel', async () => {
  const points = { width: 2, values: Float32Array.of(1000, 1000, 1000, 1000.25, 1000, 1001, -1000, 0) };
  const { rows, distances } = await nearestNeighbours(points, streamOf(points), { k: 2, runtime });
  expect([...rows.subarray(0, 6)]).toEqual([0, 1, 1, 0, 2, 1]);
  expect([...distances.subarray(0, 6)]).toEqual([0, 0.25, 0, 0.25, 0, 0.75]);
});

it('says where there are fewer neighbours than asked for', async () => {
  const points = { width: 1, values: Float32Array.of(3, 5) };
  const { rows, distances } = await nearestNeighbours({ width: 1, values: Float32Array.of(4.5) }, streamOf(points), {
    k: 3,
    runtime,
  });
  expect([...rows]).toEqual([1, 0, -1]);
  expect([...distances]).toEqual([0.5, 1.5, Number.POSITIVE_INFINITY]);
});

it('finds all pairs under a threshold, and keeps the nearest', async () => {
  const points = { width: 3, values: normals(2100 * 3, 2) };
  const threshold = 0.1;
  const all: { a: number; b: number; distance: number }[] = [];
  for (let a = 0; a < 2100; a++) {
    for (let b = a + 1; b < 2100; b++) {
      const distance = distanceOf(points, a, points, b);
      if (distance < threshold) all.push({ a, b, distance });
    }
  }
  all.sort((p, q) => p.distance - q.distance);
  expect(all.length).toBeGreaterThan(100);
  const { pairs, found } = await nearPairs(points, { threshold, most: 40, runtime });
  expect(found).toBe(all.length);
  expect(pairs.map(({ a, b }) => [a, b])).toEqual(all.slice(0, 40).map(({ a, b }) => [a, b]));
  expect((await nearPairs(points, { threshold: 1e-9, most: 5, runtime })).found).toBe(0);
});

it('ends when it is told to', async () => {
  const points = { width: 2, values: normals(20) };
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(nearestNeighbours(points, streamOf(points), { k: 1, runtime, signal })).rejects.toThrow('enough');
});

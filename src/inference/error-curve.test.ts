import { expect, it } from 'vitest';
import { alignedBytes, createKernels } from '../kernels/index.ts';
import { expectedSquaredError, fitErrorCurve, isotonic } from './error-curve.ts';

function normals(count: number, seed: number): Float32Array {
  const kernels = createKernels(alignedBytes(4 * count));
  const numbers = kernels.float32(count);
  kernels.fillNormal(numbers, { seed, stream: 1, step: 0 });
  return numbers;
}

it('isotonic is the greatest of the least means (Robertson, Wright & Dykstra 1988, theorem 1.4.4)', () => {
  for (let length = 1; length <= 12; length++) {
    const values = [...normals(length, length)].map((value, i) => value + 0.1 * i);
    const weights = [...normals(length, 100 + length)].map(value => 0.1 + value ** 2);
    const meanOf = (from: number, to: number): number => {
      let [sum, weight] = [0, 0];
      for (let i = from; i <= to; i++) {
        sum += weights[i]! * values[i]!;
        weight += weights[i]!;
      }
      return sum / weight;
    };
    const places = values.map((_, i) => i);
    const expected = places.map(i =>
      Math.max(...places.slice(0, i + 1).map(from => Math.min(...places.slice(i).map(to => meanOf(from, to))))),
    );
    const found = isotonic(values, weights);
    for (const i of places) expect(found[i]).toBeCloseTo(expected[i]!, 10);
  }
});

it('finds how large errors are where they were predicted too small', () => {
  const count = 20_000;
  const truth = (variance: number): number => 0.01 + 2 * variance ** 1.5;
  const variance = Float64Array.from({ length: count }, (_, i) => ((i * 7919) % count) / count);
  const errors = Float64Array.from(normals(count, 5), (value, i) => value ** 2 * truth(variance[i]!));
  const curve = fitErrorCurve(variance, errors);
  for (const predicted of [0.05, 0.2, 0.5, 0.8]) {
    // 400 squares a knot, of a deviation of √2 each: their mean is known to 7 %, that of pooled ones better.
    const ratio = expectedSquaredError(curve, predicted) / truth(predicted);
    expect(Math.abs(ratio - 1)).toBeLessThan(3 * Math.sqrt(2 / 400));
  }
  const along = Array.from({ length: 500 }, (_, i) => expectedSquaredError(curve, i / 400 - 0.1));
  expect(along).toEqual(along.toSorted((a, b) => a - b));
  expect(along[0]).toBe(curve.squaredError[0]);
  expect(along.at(-1)).toBe(curve.squaredError.at(-1));
});

it('is one figure where there are few numbers', () => {
  const curve = fitErrorCurve(Float64Array.of(3, 1, 2), Float64Array.of(1, 4, 4));
  expect(curve).toEqual({ variance: Float32Array.of(2), squaredError: Float32Array.of(3) });
  expect([0, 2, 9].map(predicted => expectedSquaredError(curve, predicted))).toEqual([3, 3, 3]);
});

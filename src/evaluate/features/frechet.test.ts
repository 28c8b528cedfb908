// The distance against closed forms, and the fitted normal distributions against those that points were drawn from.

import { describe, expect, it } from 'vitest';
import { alignedBytes, createKernels } from '../../kernels/index.ts';
import { streamOf } from '../../random/index.ts';
import { numbers } from '../testing.ts';
import { frechetDistance, type Gaussian, gaussianOf } from './frechet.ts';
import { eigenOf, productTransposed } from './symmetric.ts';

const diagonal = (deviations: readonly number[]): Float64Array =>
  Float64Array.from({ length: deviations.length ** 2 }, (_, at) => {
    const [i, j] = [Math.floor(at / deviations.length), at % deviations.length];
    return i === j ? deviations[i]! ** 2 : 0;
  });

const gaussian = (mean: readonly number[], covariance: Float64Array): Gaussian => ({
  mean: Float64Array.from(mean),
  covariance,
});

/** Q Σ Qᵀ for an orthogonal Q without a pattern. */
function turned(covariance: Float64Array, n: number): Float64Array {
  const any = numbers(n * n, 9);
  const { vectors } = eigenOf(
    any.map((v, at) => v + any[(at % n) * n + Math.floor(at / n)]!),
    n,
  );
  return productTransposed(productTransposed(vectors, covariance, n), vectors, n);
}

/** Two covariances of two rows: tr (AB)^½ = √(tr AB + 2 √det AB), by the theorem of Cayley and Hamilton. */
function traceOfRoot([a, b, , c]: readonly number[], [d, e, , f]: readonly number[]): number {
  const trace = a! * d! + 2 * b! * e! + c! * f!;
  return Math.sqrt(trace + 2 * Math.sqrt((a! * c! - b! ** 2) * (d! * f! - e! ** 2)));
}

describe('the Fréchet distance', () => {
  it('of independent dimensions is Σ (μ₁ − μ₂)² + (σ₁ − σ₂)²', () => {
    const [a, b] = [gaussian([1, 0, -2], diagonal([1, 2, 0.5])), gaussian([0, 0, 1], diagonal([3, 2, 0]))];
    expect(frechetDistance(a, b)).toBeCloseTo(1 + 9 + 4 + 0.25, 10);
    expect(frechetDistance(b, a)).toBeCloseTo(14.25, 10);
    expect(frechetDistance(a, a)).toBeCloseTo(0, 10);
  });

  it('of covariances that commute is that of their eigenvalues', () => {
    const [s, t] = [
      [0.1, 1, 2, 3],
      [2, 0.3, 2, 1],
    ] as const;
    const zero = [0, 0, 0, 0];
    const [a, b] = [gaussian(zero, turned(diagonal(s), 4)), gaussian(zero, turned(diagonal(t), 4))];
    expect(frechetDistance(a, b)).toBeCloseTo(1.9 ** 2 + 0.7 ** 2 + 2 ** 2, 9);
  });

  it('of covariances that do not commute is what the closed form of two dimensions says', () => {
    const pairs = [
      [
        [2, 0.9, 0.9, 1],
        [1, -0.7, -0.7, 3],
      ],
      [
        [1, 1, 1, 1],
        [1, -0.5, -0.5, 2],
      ],
    ] as const;
    for (const [a, b] of pairs) {
      const expected = a[0] + a[3] + b[0] + b[3] - 2 * traceOfRoot(a, b);
      const of = (covariance: readonly number[]): Gaussian => gaussian([0, 0], Float64Array.from(covariance));
      expect(frechetDistance(of(a), of(b))).toBeCloseTo(expected, 10);
    }
  });

  it('of samples is near that of the distributions they were drawn from', () => {
    const [rows, width] = [20_000, 3];
    const kernels = createKernels(2 * alignedBytes(4 * rows * width));
    const draw = (name: string, mean: readonly number[], deviations: readonly number[]): Gaussian => {
      const values = kernels.float32(rows * width);
      kernels.fillNormal(values, { seed: 1, stream: streamOf(name), step: 0 });
      // The third dimension follows the first.
      const points = values.map((_, i) => {
        const j = i % width;
        const own = values[i]!;
        return mean[j]! + deviations[j]! * (j === 2 ? 0.6 * values[i - 2]! + 0.8 * own : own);
      });
      return gaussianOf({ width, values: points });
    };
    const fitted = draw('a', [1, 0, 5], [1, 2, 3]);
    // Var(s²) = 2 σ⁴ / n.
    const variances = [1, 4, 9];
    variances.forEach((variance, j) => {
      expect(Math.abs(fitted.mean[j]! - [1, 0, 5][j]!)).toBeLessThan(4 * Math.sqrt(variance / rows));
      expect(Math.abs(fitted.covariance[j * 4]! - variance)).toBeLessThan(4 * variance * Math.sqrt(2 / rows));
    });
    expect(fitted.covariance[2]!).toBeCloseTo(0.6 * 3, 1);
    expect(fitted.covariance[6]).toBe(fitted.covariance[2]);
    const other = draw('b', [0, 0, 5], [2, 4, 6]);
    // Twice the deviations: tr Σ (1 + 4 − 2 · 2).
    expect(Math.abs(frechetDistance(fitted, other) - (1 + 14))).toBeLessThan(0.4);
  });

  it('takes the covariance over n − 1', () => {
    const { mean, covariance } = gaussianOf({ width: 2, values: Float32Array.of(0, 1, 2, 5, 4, 3) });
    expect([...mean]).toEqual([2, 3]);
    expect([...covariance]).toEqual([4, 2, 2, 4]);
  });
});

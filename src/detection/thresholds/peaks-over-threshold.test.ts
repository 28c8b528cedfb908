// The fit on simulated tails whose distribution is known, and the quantile against its own inverse.

import { describe, expect, it } from 'vitest';
import { normals, uniforms } from '../testing.ts';
import { sortedScores } from './conformal.ts';
import { fitGeneralizedPareto, fitTail, tailQuantile } from './peaks-over-threshold.ts';

/** Draws of a generalised Pareto distribution, by its quantiles. */
function pareto(count: number, shape: number, scale: number): Float64Array {
  return uniforms(count, `pareto ${shape}`).map(u =>
    shape === 0 ? -scale * Math.log(u) : (scale * (u ** -shape - 1)) / shape,
  );
}

describe('fitGeneralizedPareto', () => {
  it.each([[-0.3], [0], [0.25], [0.8]])('finds shape %f and its scale', shape => {
    const count = 20_000;
    const fitted = fitGeneralizedPareto(pareto(count, shape, 2.5));
    // The asymptotic standard errors of the likeliest values (Smith 1984): (1 + ξ) / √n and σ √(2 (1 + ξ) / n).
    expect(Math.abs(fitted.shape - shape)).toBeLessThan((4 * (1 + shape)) / Math.sqrt(count));
    expect(Math.abs(fitted.scale - 2.5)).toBeLessThan(4 * 2.5 * Math.sqrt((2 * (1 + shape)) / count));
  });

  it('scales with its data, from few of them too', () => {
    const few = pareto(12, 0.2, 1);
    const [one, ten] = [fitGeneralizedPareto(few), fitGeneralizedPareto(few.map(y => 10 * y))];
    expect(ten.shape).toBeCloseTo(one.shape, 8);
    expect(ten.scale).toBeCloseTo(10 * one.scale, 6);
  });
});

describe('fitTail', () => {
  it('extrapolates a normal distribution beyond what its rows show', () => {
    const tail = fitTail(sortedScores(normals(20_000, 'tail')));
    expect(tail.share).toBeCloseTo(0.0212, 3);
    // P(z > 3.09) = 0.001, P(z > 4.2649) = 1e-5: one row in five samples of this size.
    expect(Math.abs(tailQuantile(tail, 1e-3) - 3.0902)).toBeLessThan(0.15);
    expect(Math.abs(tailQuantile(tail, 1e-5) - 4.2649)).toBeLessThan(0.6);
  });

  it('begins where the rate is its share, without a jump at shape 0', () => {
    const tail = { shape: 0, scale: 2, start: 5, share: 0.1 };
    expect(tailQuantile(tail, 0.1)).toBe(5);
    expect(tailQuantile({ ...tail, shape: 1e-7 }, 0.001)).toBeCloseTo(tailQuantile(tail, 0.001), 4);
    expect(tailQuantile(tail, 0.001)).toBeCloseTo(5 + 2 * Math.log(100), 10);
  });

  it('refuses too few rows and rows without a tail', () => {
    expect(() => fitTail(sortedScores(normals(49, 'few')))).toThrow(/at least 50 held-out rows/);
    expect(() => fitTail(new Float64Array(100))).toThrow(/got 100 rows with 0 scores above 0/);
  });
});

import { describe, expect, it } from 'vitest';
import { mutualInformation, mutualInformationGap } from './mig.ts';
import { aligned, codesOf, grid, mixed, normals } from './testing.ts';

/** The entropy of a coin in nats. */
const coin = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);

describe('the mutual information gap', () => {
  it('is that of two noisy channels, in closed form', () => {
    const factors = grid([2], 500);
    // Of each value 1/10 is flipped, or 1/4: I = log 2 − H(flip).
    const flipped = (every: number) =>
      Array.from(factors[0]!.numbers, (n, row) => ((row >> 1) % every === 0 ? 1 - n : n));
    const codes = codesOf(factors, [flipped(4), flipped(10), new Array(1000).fill(7)]);
    expect(mutualInformationGap(codes)).toBeCloseTo((coin(1 / 4) - coin(1 / 10)) / Math.log(2), 10);
    expect(mutualInformationGap({ ...codes, dimensions: codes.dimensions.slice(1) })).toBeCloseTo(
      1 - coin(1 / 10) / Math.log(2),
      10,
    );
  });

  it('is 1 of aligned codes, whatever their order and scale, near 0 of mixtures and of noise', () => {
    const factors = grid([5, 5, 5, 5]);
    const axes = aligned(factors);
    expect(mutualInformationGap(codesOf(factors, axes))).toBeCloseTo(1, 10);
    const other = [axes[2]!, axes[0]!.map(x => 5 - 100 * x), axes[3]!, axes[1]!];
    expect(mutualInformationGap(codesOf(factors, other))).toBeCloseTo(1, 10);
    expect(mutualInformationGap(codesOf(factors, mixed(axes)))).toBeLessThan(0.05);
    const noise = [1, 2, 3, 4].map(seed => normals(625, seed));
    expect(mutualInformationGap(codesOf(factors, noise))).toBeLessThan(0.05);
    // Twice the same: nothing is ahead.
    expect(mutualInformationGap(codesOf(factors, [...axes, ...axes]))).toBeCloseTo(0, 10);
  });

  it('has the bias that counting has: 2 n I is chi-squared where symbols are independent', () => {
    const [rows, trials] = [2000, 60];
    const factor = Uint8Array.from({ length: rows }, (_, row) => row % 6);
    const values = Array.from({ length: trials }, (_, seed) => {
      const symbols = Uint8Array.from(normals(rows, seed), x => Math.min(4, Math.max(0, Math.floor(x + 2.5))));
      return 2 * rows * mutualInformation(symbols, factor);
    });
    const mean = values.reduce((a, b) => a + b) / trials;
    // (5 − 1)(6 − 1) degrees of freedom; a standard error is √(40 / 60).
    expect(Math.abs(mean - 20)).toBeLessThan(3 * Math.sqrt(40 / trials));
  });
});

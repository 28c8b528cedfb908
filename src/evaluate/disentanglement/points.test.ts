// The scores of Higgins et al. and of Kim and Mnih, on codes whose scores can be worked out.

import { describe, expect, it } from 'vitest';
import { betaVaeScore } from './beta-vae.ts';
import { factorVaeScore } from './factor-vae.ts';
import { fixedFactorDraws } from './fixed-factor.ts';
import { aligned, codesOf, grid, normals } from './testing.ts';

const options = { trainingPoints: 1000, testPoints: 1000, batchSize: 32, seed: 4 };
/** Three standard errors of a share of 1,000 points, at most; and as much for what 1,000 points taught. */
const tolerance = 6 * Math.sqrt(0.25 / 1000);

const factors = grid([4, 4, 4], 4);
const rows = factors[0]!.numbers.length;
const axes = aligned(factors);
const noise = (seed: number): number[] => normals(rows, seed);

describe('draws with a fixed factor', () => {
  it('share its value and are free in the others', () => {
    const draws = fixedFactorDraws(codesOf(factors, axes), 'test', 0);
    const [like, seen] = [new Map<number, number>(), new Set<number>()];
    for (let i = 0; i < 6000; i++) {
      const row = draws.rowLike(21, 1);
      expect(factors[1]!.numbers[row]).toBe(factors[1]!.numbers[21]);
      like.set(row, (like.get(row) ?? 0) + 1);
      seen.add(draws.factor());
      expect(draws.row()).toBeLessThan(rows);
    }
    // 64 rows are alike, each drawn 94 times; the standard deviation is 9.6.
    expect(like.size).toBe(64);
    expect(Math.min(...like.values())).toBeGreaterThan(94 - 5 * 9.6);
    expect(Math.max(...like.values())).toBeLessThan(94 + 5 * 9.6);
    expect([...seen].sort()).toEqual([0, 1, 2]);
  });
});

describe.each([
  ['the FactorVAE score', factorVaeScore],
  ['the β-VAE score', betaVaeScore],
] as const)('%s', (_, score) => {
  it('is 1 of aligned codes, whatever their order, with dimensions that hold nothing', () => {
    expect(score(codesOf(factors, [...axes, noise(1)]), options)).toBeGreaterThan(0.99);
    expect(score(codesOf(factors, [axes[2]!, noise(1), axes[0]!, axes[1]!]), options)).toBeGreaterThan(0.99);
  });

  it('is that of a guess where codes hold nothing', () => {
    expect(Math.abs(score(codesOf(factors, [1, 2, 3].map(noise)), options) - 1 / 3)).toBeLessThan(tolerance);
  });

  it('is of the seed', () => {
    const codes = codesOf(factors, [axes[0]!, noise(1), noise(2)]);
    expect(score(codes, options)).toBe(score(codes, options));
    expect(score(codes, options)).not.toBe(score(codes, { ...options, seed: 5 }));
  });
});

describe('where one factor of three is in the codes', () => {
  it('the FactorVAE score is that of votes', () => {
    // Factor 0 steadies its dimension always; the other two steady either, by chance: ⅓ + ⅔ · ½ · ½.
    const score = factorVaeScore(codesOf(factors, [axes[0]!, noise(1)]), options);
    expect(Math.abs(score - 1 / 2)).toBeLessThan(tolerance);
    // What is not active has no say: one dimension is left, and with it a guess.
    const tiny = axes.map(axis => axis.map(x => 0.05 * x));
    expect(Math.abs(factorVaeScore(codesOf(factors, [...tiny, noise(1)]), options) - 1 / 3)).toBeLessThan(tolerance);
    expect(factorVaeScore(codesOf(factors, tiny), options)).toBe(0);
  });

  it('the FactorVAE score does not mind scales', () => {
    const noisy = axes.map((axis, seed) => axis.map((x, i) => x + 0.5 * noise(seed)[i]!));
    const codes = codesOf(factors, [...noisy, noise(9)]);
    expect(factorVaeScore(codes, options)).toBeGreaterThan(0.95);
    const scaled = { ...codes, dimensions: codes.dimensions.map((values, i) => values.map(x => 10 ** i * x - i)) };
    expect(factorVaeScore(scaled, options)).toBe(factorVaeScore(codes, options));
  });

  it('the β-VAE score tells it from the others, and guesses between these', () => {
    const score = betaVaeScore(codesOf(factors, [axes[0]!, noise(1)]), options);
    expect(Math.abs(score - 2 / 3)).toBeLessThan(tolerance);
  });
});

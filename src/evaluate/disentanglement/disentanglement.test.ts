import { describe, expect, it } from 'vitest';
import { hasFactors, loadSprites, sprites, subset } from '../../data/index.ts';
import { factoredCodes } from './codes.ts';
import { disentanglementScores } from './index.ts';
import { aligned, codesOf, grid, mixed, normals } from './testing.ts';

const options = { trainingPoints: 500, testPoints: 500, batchSize: 16, trees: 10 };
const factors = grid([5, 5, 5, 5], 2);
const axes = aligned(factors);

describe('the scores', () => {
  it('are near 1 of aligned codes', () => {
    for (const [name, value] of Object.entries(disentanglementScores(codesOf(factors, axes), options))) {
      expect(value, name).toBeGreaterThan(0.98);
      expect(value, name).toBeLessThan(1 + 1e-9);
    }
  });

  it('are low of mixtures, those of FactorVAE and β-VAE excepted, and all of noise', () => {
    const mixture = disentanglementScores(codesOf(factors, mixed(axes)), options);
    const { mig, sap, dciDisentanglement, dciCompleteness } = mixture;
    for (const value of [mig, sap, dciDisentanglement, dciCompleteness]) expect(value).toBeLessThan(0.15);
    const noise = disentanglementScores(
      codesOf(
        factors,
        [1, 2, 3, 4].map(seed => normals(1250, seed)),
      ),
      options,
    );
    for (const [name, value] of Object.entries(noise)) expect(value, name).toBeLessThan(0.35);
  });
});

describe('codes with factors', () => {
  it('are those of rows drawn by the seed, without factors that do not differ', async () => {
    const { test } = await loadSprites();
    // Codes that say which row they are of.
    const mean = Float32Array.from({ length: 2 * test.size }, (_, i) => (i % 2 === 0 ? i / 2 : 1));
    const codes = { rows: test.size, latent: 2, mean };
    const drawn = factoredCodes(codes, test, { rows: 50, seed: 3 });
    expect(drawn.rows).toBe(50);
    expect(drawn.factors.map(({ name }) => name)).toEqual(['shape', 'scale', 'rotation', 'x', 'y']);
    const rows = [...drawn.dimensions[0]!];
    expect(new Set(rows).size).toBe(50);
    expect(new Set(drawn.dimensions[1])).toEqual(new Set([1]));
    const numbers = new Uint8Array(5 * 50);
    test.readFactors(rows, numbers);
    for (const [k, factor] of drawn.factors.entries()) {
      expect([...factor.numbers]).toEqual([...numbers].filter((_, i) => i % 5 === k));
    }
    expect(factoredCodes(codes, test, { rows: 50, seed: 4 }).dimensions).not.toEqual(drawn.dimensions);
    expect([...factoredCodes(codes, test).dimensions[0]!]).toEqual(Array.from({ length: 10_000 }, (_, i) => i));

    // The first 64 sprites differ in x and y alone.
    const few = subset(sprites, 0, 64);
    if (!hasFactors(few)) throw new Error('the factors are lost');
    const same = factoredCodes({ rows: 64, latent: 1, mean: new Float32Array(64) }, few);
    expect(same.factors.map(({ name }) => name)).toEqual(['x', 'y']);
  });
});

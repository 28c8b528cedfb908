// Diagnostics of codes against closed forms for Gaussian codes, and against the definitions written out.

import { describe, expect, it } from 'vitest';
import { evaluateBound } from './bound.ts';
import { activeUnits, encodeAll, estimateKlParts, type GaussianCodes, klParts, klPerDimension } from './latents.ts';
import { greyRows, numbers, smallVae } from './testing.ts';

/** Normal numbers by Box and Muller. */
function normals(count: number, seed: number): Float32Array {
  const [u, v] = [numbers(count, seed), numbers(count, seed + 1)];
  return Float32Array.from(
    u,
    (x, i) => Math.sqrt(-2 * Math.log((x + 1.000001) / 2.000002)) * Math.cos(Math.PI * v[i]!),
  );
}

function codesOf(mean: ArrayLike<number>, logVar: ArrayLike<number>, latent: number): GaussianCodes {
  return { rows: mean.length / latent, latent, mean: Float32Array.from(mean), logVar: Float32Array.from(logVar) };
}

describe('active units', () => {
  it('are those whose means vary by more than 0.01 over the data', () => {
    // Variances a² of means ±a: 0.0081, 0.0121, 1, and 0 about 5.
    const spread = [0.09, 0.11, 1, 0];
    const mean = Array.from({ length: 4 * 10 }, (_, i) => spread[i % 4]! * (i < 20 ? 1 : -1) + (i % 4 === 3 ? 5 : 0));
    expect(activeUnits({ rows: 10, latent: 4, mean: Float32Array.from(mean) })).toBe(2);
  });
});

describe('the KL per dimension', () => {
  it('sums to the KL of the bound', async () => {
    const [vae, data] = [await smallVae(), greyRows(1500)];
    const codes = await encodeAll(vae, data);
    const kl = klPerDimension(codes)!;
    expect(kl).toHaveLength(2);
    expect(kl[0]! + kl[1]!).toBeCloseTo((await evaluateBound(vae, data)).kl, 5);
    const { mean, logVar } = await vae.run('encoder', await (await import('../data/index.ts')).hostRows(data, 0, 1500));
    const second = mean!.data.reduce((sum, m, i) => {
      const v = logVar!.data[i]!;
      return i % 2 === 1 ? sum + 0.5 * (m ** 2 + Math.exp(v) - 1 - v) : sum;
    }, 0);
    expect(kl[1]).toBeCloseTo(second / 1500, 10);
  });
});

describe('the parts of the KL', () => {
  it('are the closed forms for Gaussian codes: means N(0, a²), variance s²', () => {
    const [rows, a, s] = [1500, 0.8, 0.5];
    const codes = codesOf(
      normals(rows, 1).map(v => a * v),
      new Array(rows).fill(Math.log(s * s)),
      1,
    );
    const parts = klParts(codes, normals(rows, 7));
    const total = a * a + s * s;
    expect(parts.mutualInformation).toBeCloseTo(0.5 * Math.log(total / (s * s)), 1);
    expect(Math.abs(parts.marginalKl - 0.5 * (total - 1 - Math.log(total)))).toBeLessThan(0.03);
    expect(parts.kl).toBeCloseTo(parts.mutualInformation + parts.marginalKl, 10);
    // Of one dimension there is no total correlation.
    expect(parts.totalCorrelation).toBeCloseTo(0, 10);
  });

  it('tell dependent dimensions: total correlation −½ log(1 − ρ²)', () => {
    const [rows, s] = [1200, 0.6];
    const [first, own] = [normals(rows, 3), normals(rows, 11)];
    const mean = Array.from({ length: 2 * rows }, (_, i) => {
      const row = i >> 1;
      return i % 2 === 0 ? first[row]! : 0.9 * first[row]! + Math.sqrt(1 - 0.81) * own[row]!;
    });
    const parts = klParts(codesOf(mean, new Array(2 * rows).fill(Math.log(s * s)), 2), normals(2 * rows, 5));
    expect(parts.kl).toBeCloseTo(parts.mutualInformation + parts.marginalKl, 10);
    const correlation = 0.9 / (1 + s * s);
    expect(Math.abs(parts.totalCorrelation + 0.5 * Math.log(1 - correlation ** 2))).toBeLessThan(0.05);
  });

  it('reach their ends: nothing of x in z, and all rows told apart', () => {
    const none = klParts(codesOf(new Array(100).fill(0), new Array(100).fill(0), 2), normals(100, 4));
    expect([none.mutualInformation, none.marginalKl, none.kl].map(v => expect.closeTo(v, 10))).toEqual([0, 0, 0]);
    const apart = Array.from({ length: 64 }, (_, i) => 100 * i);
    expect(klParts(codesOf(apart, new Array(64).fill(0), 1), normals(64, 2)).mutualInformation).toBeCloseTo(
      Math.log(64),
      10,
    );
  });

  it('are the same each time, and near the KL in closed form', async () => {
    const [vae, data] = [await smallVae(), greyRows(1200)];
    const parts = await estimateKlParts(vae, data, 3);
    expect(parts).toEqual(await estimateKlParts(vae, data, 3));
    expect(parts).not.toEqual(await estimateKlParts(vae, data, 4));
    expect(parts!.rows).toBe(1000);
    const exact = klPerDimension(await encodeAll(vae, data))!.reduce((a, b) => a + b);
    expect(Math.abs(parts!.kl - exact)).toBeLessThan(0.1);
  });
});

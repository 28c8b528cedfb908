// The discrepancy against its definition, against exact expectations for normal distributions, and of models of all kinds.

import { describe, expect, it } from 'vitest';
import type { Dataset } from '../data/index.ts';
import { alignedBytes, createKernels } from '../kernels/index.ts';
import { type ModelOptions, TrainedVae } from '../models/index.ts';
import { streamOf } from '../random/index.ts';
import { float32 } from '../runtime/index.ts';
import { aggregatedPosteriorMmd, squaredMmd } from './mmd.ts';
import { meanAndError } from './statistics.ts';
import { greyRows, numbers, smallVae } from './testing.ts';

const scales = [0.1, 0.2, 0.5, 1, 2, 5, 10];

const kernels = createKernels(alignedBytes(4 * 1000));
const scratch = kernels.float32(1000);

function normals(count: number, name: string, step: number): Float32Array {
  kernels.fillNormal(scratch, { seed: 1, stream: streamOf(name), step });
  return scratch.slice(0, count);
}

/**
 * E k(a, b) where a − b is normal with this mean and variance in each dimension: sC / (sC + r²) = ∫₀¹ e^(−t r²) du with
 * t = −log u / sC, and the mean of e^(−t r²) is a product over dimensions.
 */
function expectedKernel(mean: number, variance: number, latent: number, c: number): number {
  const steps = 2000;
  let total = 0;
  for (const s of scales) {
    for (let i = 0; i < steps; i++) {
      const t = -Math.log((i + 0.5) / steps) / (s * c);
      const spread = 1 + 2 * t * variance;
      total += (Math.exp((-t * mean * mean) / spread) / Math.sqrt(spread)) ** latent / steps;
    }
  }
  return total;
}

describe('the squared discrepancy', () => {
  it('is its definition', () => {
    const [rows, latent] = [5, 2];
    const [q, p] = [numbers(rows * latent, 1), numbers(rows * latent, 2)];
    const at = (codes: Float64Array, i: number): number[] => [codes[2 * i]!, codes[2 * i + 1]!];
    const gap = ([a, b]: number[], [x, y]: number[]): number => (a! - x!) ** 2 + (b! - y!) ** 2;
    const pairs = Array.from({ length: rows * rows }, (_, k) => [Math.floor(k / rows), k % rows] as const);
    const apart = pairs.filter(([i, j]) => i !== j);
    const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
    const c = mean(apart.map(([i, j]) => gap(at(p, i), at(p, j))));
    const k = (a: number[], b: number[]): number => scales.reduce((sum, s) => sum + (s * c) / (s * c + gap(a, b)), 0);
    const within = (z: Float64Array): number => mean(apart.map(([i, j]) => k(at(z, i), at(z, j))));
    const across = mean(apart.map(([i, j]) => k(at(q, i), at(p, j))));
    const { mmd } = squaredMmd({ latent, codes: q }, { latent, codes: p });
    expect(mmd).toBeCloseTo(within(q) + within(p) - 2 * across, 10);
    const scaled = (codes: Float64Array): Float64Array => codes.map(v => 30 * v);
    expect(squaredMmd({ latent, codes: scaled(q) }, { latent, codes: scaled(p) }).mmd).toBeCloseTo(mmd, 10);
  });

  it('is what integration says for normal codes, within its standard error, which is that of repeated draws', () => {
    const [rows, latent, shift, deviation, draws] = [200, 3, 0.4, 0.7, 40];
    const c = 2 * latent;
    const exact =
      expectedKernel(0, 2 * deviation ** 2, latent, c) +
      expectedKernel(0, 2, latent, c) -
      2 * expectedKernel(shift, 1 + deviation ** 2, latent, c);
    const estimates = Array.from({ length: draws }, (_, step) =>
      squaredMmd(
        { latent, codes: normals(rows * latent, 'q', step).map(v => shift + deviation * v) },
        { latent, codes: normals(rows * latent, 'p', step) },
      ),
    );
    const { mean, standardError } = meanAndError(estimates.map(({ mmd }) => mmd));
    expect(exact).toBeGreaterThan(10 * standardError);
    expect(Math.abs(mean - exact)).toBeLessThan(3 * standardError);
    const claimed = estimates.reduce((sum, estimate) => sum + estimate.standardError / draws, 0);
    expect(Math.abs(claimed / (standardError * Math.sqrt(draws)) - 1)).toBeLessThan(0.4);
  });

  it('is 0 on average for codes from the prior, with an error that is no smaller than it is', () => {
    const [rows, latent, draws] = [60, 4, 100];
    const estimates = Array.from({ length: draws }, (_, step) =>
      squaredMmd(
        { latent, codes: normals(rows * latent, 'a', step) },
        { latent, codes: normals(rows * latent, 'b', step) },
      ),
    );
    const { mean, standardError } = meanAndError(estimates.map(({ mmd }) => mmd));
    expect(Math.abs(mean)).toBeLessThan(3 * standardError);
    const claimed = estimates.reduce((sum, estimate) => sum + estimate.standardError / draws, 0);
    const ratio = claimed / (standardError * Math.sqrt(draws));
    expect(ratio).toBeGreaterThan(1.1);
    expect(ratio).toBeLessThan(1.8);
  });
});

describe('the aggregated posterior', () => {
  it('of a model whose posterior is the prior is at no distance from it', async () => {
    const { model, parameters, runtime } = await smallVae();
    const zero = Object.entries(parameters).map(
      ([name, { data, shape }]) => [name, float32(new Float32Array(data.length), shape)] as const,
    );
    const estimate = await aggregatedPosteriorMmd(
      new TrainedVae(model, Object.fromEntries(zero), runtime),
      greyRows(1000),
    );
    expect(estimate!.rows).toBe(1000);
    expect(Math.abs(estimate!.mmd)).toBeLessThan(3 * estimate!.standardError);
  });

  it('is compared with the own prior of any model, and grows as codes move off it', async () => {
    const kinds: Partial<ModelOptions>[] = [
      {},
      { posterior: { type: 'fullGaussian' } },
      { posterior: { type: 'iaf' } },
      { posterior: { type: 'deterministic' } },
      { prior: { type: 'gaussianMixture', components: 3 } },
      { binarization: 'dynamic' },
      { condition: { type: 'attributes', width: 1 }, prior: { type: 'conditionalNormal' } },
      { condition: { type: 'label', classes: 4 } },
    ];
    const data: Dataset = {
      ...greyRows(400),
      labels: { values: Uint8Array.from({ length: 400 }, (_, i) => i % 4) },
      attributes: { names: ['size'], read: (rows, into) => into.set(Float32Array.from(rows, row => row / 400)) },
    };
    for (const kind of kinds) {
      const { model, parameters, runtime } = await smallVae(kind);
      const moved = (by: number): TrainedVae => {
        const own = Object.entries(parameters).map(([name, { data, shape }]) => {
          // The mean of the (base) posterior comes first.
          const moved = data.map((v, i) => (name === 'posterior.bias' && i < 2 ? v + by : v));
          return [name, float32(moved, shape)] as const;
        });
        return new TrainedVae(model, Object.fromEntries(own), runtime);
      };
      const values: number[] = [];
      for (const by of [0, 20]) values.push((await aggregatedPosteriorMmd(moved(by), data, 2))!.mmd);
      expect(values[1]!, JSON.stringify(kind)).toBeGreaterThan(values[0]! + 1);
    }
  });

  it('is a function of model, rows and seed', async () => {
    const [vae, data] = [await smallVae(), greyRows(200)];
    const estimate = await aggregatedPosteriorMmd(vae, data, 1);
    expect(await aggregatedPosteriorMmd(vae, data, 1)).toEqual(estimate);
    expect(await aggregatedPosteriorMmd(vae, data, 2)).not.toEqual(estimate);
    expect(await aggregatedPosteriorMmd(vae, greyRows(1))).toBeUndefined();
  });
});

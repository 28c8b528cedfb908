// The codes of a data set as training saw them: one draw from each row's posterior, so that their distribution is the
// aggregated posterior q(z) = 1/M Σ q(z|xᵢ) (Makhzani et al. 2016), which is where the decoder knows its way about.

import { type Dataset, hostRows } from '../data/index.ts';
import type { TrainedVae } from '../models/index.ts';
import { float32 } from '../runtime/index.ts';
import type { Tensors } from './sampler.ts';

const chunk = 1000;

interface Drawing {
  readonly seed: number;
  /** Keeps the draws of splits apart. */
  readonly step: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((share: number) => void) | undefined;
}

/** A code for each row, [rows, latent] laid flat: drawn from its posterior, its mean where that is deterministic. */
export async function codesOf(vae: TrainedVae, data: Dataset, drawing: Drawing): Promise<Float32Array> {
  const { seed, step, signal, progress } = drawing;
  const { latent } = vae.model.spec;
  const codes = new Float32Array(data.size * latent);
  for (let start = 0; start < data.size; start += chunk) {
    signal?.throwIfAborted();
    const end = Math.min(start + chunk, data.size);
    const { z } = await vae.run('posterior', await hostRows(data, start, end), { seed, step, firstRow: start });
    codes.set(z!.data, start * latent);
    progress?.(end / data.size);
  }
  return codes;
}

/** The tensors of a scale. */
export function scaleShapes(latent: number): Readonly<Record<string, readonly number[]>> {
  return { 'scale.mean': [latent], 'scale.deviation': [latent] };
}

/** The mean and the standard deviation of each dimension of codes laid flat. A dimension that never varies has 1. */
export function scaleOf(codes: Float32Array, latent: number): Tensors {
  const rows = codes.length / latent;
  const [mean, variance] = [new Float64Array(latent), new Float64Array(latent)];
  codes.forEach((value, i) => {
    mean[i % latent]! += value / rows;
  });
  codes.forEach((value, i) => {
    variance[i % latent]! += (value - mean[i % latent]!) ** 2 / rows;
  });
  return {
    'scale.mean': float32(Float32Array.from(mean), [latent]),
    'scale.deviation': float32(
      Float32Array.from(variance, v => (v > 1e-12 ? Math.sqrt(v) : 1)),
      [latent],
    ),
  };
}

/** Codes in units of their scale. */
export function standardised(codes: Float32Array, scale: Tensors): Float32Array {
  const [mean, deviation] = [scale['scale.mean']!.data, scale['scale.deviation']!.data];
  return codes.map((value, i) => (value - mean[i % mean.length]!) / deviation[i % mean.length]!);
}

/** The inverse of `standardised`. */
export function restored(codes: Float32Array, scale: Tensors): Float32Array {
  const [mean, deviation] = [scale['scale.mean']!.data, scale['scale.deviation']!.data];
  return codes.map((value, i) => value * deviation[i % mean.length]! + mean[i % mean.length]!);
}

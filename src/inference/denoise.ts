// Noisy rows made clean by a model of clean rows: the mean of p(x|y) under the noise's own likelihood. No noisy row was
// needed in training, and any noise that noise.ts knows can be undone by the same model.

import type { TrainedVae } from '../models/index.ts';
import type { HostTensor, RowTensor } from '../runtime/index.ts';
import { type Completions, completeRows } from './complete.ts';
import type { InferenceOptions } from './infer.ts';
import type { Noise } from './noise.ts';

export interface DenoiseOptions extends Omit<InferenceOptions, 'noise'> {
  readonly noise: Noise;
}

/** What is expected of the clean rows. */
export type Denoised = Omit<Completions, 'level' | 'logLikelihood'> & {
  /** [rows]: the level that was given, or the posterior's mean of it for each row. */
  readonly level: HostTensor<'float32'>;
};

/**
 * Denoises rows [rows, ...shape], float32 on the scale of [0, 1] and beyond it where the noise led there; NaN where a
 * number is missing altogether. Throws as `inferCodes` does.
 */
export async function denoiseByModel(
  vae: TrainedVae,
  noisy: RowTensor<'float32'>,
  options: DenoiseOptions,
): Promise<Denoised> {
  const { level, logLikelihood: _, ...result } = await completeRows(vae, noisy, options);
  return { ...result, level: level! };
}

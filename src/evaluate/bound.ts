// The evidence lower bound over a data set (Kingma and Welling 2014, eq. 2–3), estimated with one draw of z a row.

import { type Dataset, hostRows } from '../data/index.ts';
import type { TrainedVae } from '../models/trained.ts';

/** A negative ELBO and its two terms: nats a row, averaged over the rows. negElbo = reconstruction + kl. */
export interface BoundEstimate {
  readonly negElbo: number;
  /** −log p(x|z), summed over the dimensions of x. */
  readonly reconstruction: number;
  /** KL(q(z|x) ‖ p(z)), summed over the dimensions of z. */
  readonly kl: number;
  readonly rows: number;
}

const chunk = 1000;

/**
 * Estimates the bound (weight 1 on the KL, whatever the training objective was). The noise is keyed by the
 * row's place in the data set, so the same model and rows always give the same figure.
 *
 * @param seed of the noise; 0 unless told.
 */
export async function evaluateBound(vae: TrainedVae, data: Dataset, seed = 0): Promise<BoundEstimate> {
  const sums = { reconstruction: 0, kl: 0 };
  for (let start = 0; start < data.size; start += chunk) {
    const rows = hostRows(data, start, Math.min(start + chunk, data.size));
    const terms = await vae.run('bound', rows, { seed, step: 0, firstRow: start });
    for (const name of ['reconstruction', 'kl'] as const) {
      for (const value of terms[name]!.data) sums[name] += value;
    }
  }
  const reconstruction = sums.reconstruction / data.size;
  const kl = sums.kl / data.size;
  return { negElbo: reconstruction + kl, reconstruction, kl, rows: data.size };
}

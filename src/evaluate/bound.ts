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
  const terms = await rowBounds(vae, data, seed);
  const [reconstruction, kl] = [meanOf(terms.reconstruction), meanOf(terms.kl)];
  return { negElbo: reconstruction + kl, reconstruction, kl, rows: data.size };
}

/** The terms of the bound at each row, in nats. */
export async function rowBounds(
  vae: TrainedVae,
  data: Dataset,
  seed = 0,
  signal?: AbortSignal,
): Promise<{ readonly reconstruction: Float64Array; readonly kl: Float64Array }> {
  const rows = { reconstruction: new Float64Array(data.size), kl: new Float64Array(data.size) };
  for (let start = 0; start < data.size; start += chunk) {
    signal?.throwIfAborted();
    const x = await hostRows(data, start, Math.min(start + chunk, data.size));
    const terms = await vae.run('bound', x, { seed, step: 0, firstRow: start });
    for (const name of ['reconstruction', 'kl'] as const) rows[name].set(terms[name]!.data, start);
  }
  return rows;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// Held-out normal rows, and what is kept of them. Validation rows took part in no gradient, only in choosing among epochs, where
// a mean over all of them decides; they are divided in two, so that the scores that thresholds are made of are of rows to
// which nothing of the detector was fitted.

import { type Dataset, hostRows, subset } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import type { TrainedVae } from '../models/index.ts';
import { permutation, streamOf } from '../random/index.ts';
import type { Detector, ScoreName } from './detector.ts';
import type { Vectors } from './drift/energy.ts';

/** Validation rows, divided. */
export interface HeldOutRows {
  /** A third: what a detector is fitted to beside the training rows. */
  readonly fitting: Dataset;
  /** The others: nothing is fitted to them. */
  readonly calibration: Dataset;
}

/** What drift and attribution compare rows with. */
export interface HeldOutFacts {
  /** What each number of a row adds to −log p(x|z) on average, in nats. */
  readonly usual: Float32Array;
  /** The means of some rows' posteriors. */
  readonly codes: Vectors;
  /** Of a table, some rows. */
  readonly values?: Vectors | undefined;
}

const least = 6;
/** More would promise rates below 1 in 20,000, and take longer. */
const mostCalibrated = 20_000;
/** Rows that are kept for drift. */
const mostKept = 1000;
const chunk = 1000;

/**
 * Divides validation rows by a fixed shuffle; each part keeps their order, so that rows on disk are read in turn.
 * @throws LatentkitError `data` where there are fewer than six.
 */
export function divideHeldOut(validation: Dataset): HeldOutRows {
  const { name, size } = validation;
  if (size < least) {
    throw new LatentkitError(
      'data',
      `${name}: expected at least ${least} validation rows, which detection is calibrated on, got ${size}. Train with more rows ` +
        'set aside for validation.',
    );
  }
  const order = permutation(size, { seed: 0, stream: streamOf('detection/held-out'), step: 0 });
  const fitted = Math.floor(size / 3);
  return {
    fitting: subset(validation, order.slice(0, fitted).sort()),
    calibration: subset(validation, order.slice(fitted, fitted + mostCalibrated).sort()),
  };
}

/** How long things take, and whom to tell. */
export interface Watched {
  readonly signal?: AbortSignal | undefined;
  /** Told the share that is done, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
}

/** Scores of all rows of a data set, by name, as float32 has them. */
export async function scoreRows(
  detector: Detector,
  data: Dataset,
  names: readonly ScoreName[],
  { signal, progress }: Watched = {},
): Promise<Partial<Record<ScoreName, Float64Array>>> {
  const all = Object.fromEntries(names.map(name => [name, new Float64Array(data.size)]));
  for (let start = 0; start < data.size; start += chunk) {
    signal?.throwIfAborted();
    const end = Math.min(start + chunk, data.size);
    const scores = await detector.score(await hostRows(data, start, end), names);
    // Calibration scores are kept as float32, with which no other scores are compared than such as well.
    for (const name of names) all[name]!.set(scores[name]!.map(Math.fround), start);
    progress?.(end / data.size);
  }
  return all;
}

/** Measures the facts. */
export async function measureHeldOut(vae: TrainedVae, rows: Dataset, { signal }: Watched = {}): Promise<HeldOutFacts> {
  const usual = new Float64Array(rows.shape.reduce((a, b) => a * b, 1));
  for (let start = 0; start < rows.size; start += chunk) {
    signal?.throwIfAborted();
    const { terms } = await vae.run('attribution', await hostRows(rows, start, Math.min(start + chunk, rows.size)));
    terms!.data.forEach((term, i) => {
      usual[i % usual.length]! += term / rows.size;
    });
  }
  return { usual: Float32Array.from(usual), ...(await vectorsOf(vae, rows)) };
}

/** Codes and, of a table, values of rows spread over a data set: 1,000 at most. */
export async function vectorsOf(vae: TrainedVae, rows: Dataset): Promise<Pick<HeldOutFacts, 'codes' | 'values'>> {
  const kept = Math.min(rows.size, mostKept);
  const spread = subset(
    rows,
    Uint32Array.from({ length: kept }, (_, i) => Math.floor((i * rows.size) / kept)),
  );
  const x = await hostRows(spread, 0, kept);
  const { mean } = await vae.run('encoder', x);
  const values = rows.columns && { width: rows.columns.length, data: Float32Array.from(x.data) };
  return { codes: { width: vae.model.spec.latent, data: mean!.data }, ...(values && { values }) };
}

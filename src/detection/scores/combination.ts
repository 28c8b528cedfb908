// Several scores as one, without a label: each in units of its own spread over held-out normal rows, then averaged with fixed
// weights. Distance to the nearest normal row counts most, being the finest where there are normal rows; what the model says of
// the row as a whole is added. That is the bound, but not of a likelihood that is none: the cross-entropy of grey values is high
// wherever there is much grey, so there it is the reconstruction's error. The weights were chosen on half of the tables of
// bench/detect.mjs.

import { LatentkitError } from '../../errors.ts';
import { likelihoods, type ModelSpec } from '../../models/index.ts';
import { float32, type HostTensor } from '../../runtime/index.ts';

type Member = 'nearest' | 'negElbo' | 'reconstructionError';
type Members = readonly [Member, Member];

const weights = [0.75, 0.25] as const;

/** What is combined. */
export function membersOf({ likelihood, binarization }: ModelSpec): Members {
  const measure = likelihoods[likelihood.type].measure(binarization);
  return ['nearest', measure === 'pseudo' ? 'reconstructionError' : 'negElbo'];
}

/** The shape of what `calibrate` gives. */
export const calibrationShape: readonly number[] = [weights.length, 2];

/** A score of normal rows: its median, and half the width of the middle 68 %, which is the deviation were it normal. [members, 2]. */
export function calibrate(scores: readonly Float64Array[]): HostTensor<'float32'> {
  const rows = scores.map(values => {
    const sorted = values.filter(Number.isFinite).sort();
    if (sorted.length < 2) {
      throw new LatentkitError(
        'data',
        `detection: expected at least 2 held-out normal rows whose scores are finite, got ${sorted.length}. Give more ` +
          'validation rows.',
      );
    }
    const [low, middle, high] = [quantile(sorted, 0.16), quantile(sorted, 0.5), quantile(sorted, 0.84)];
    return [middle, (high - low) / 2 || 1];
  });
  return float32(Float32Array.from(rows.flat()), calibrationShape);
}

/** The members' scores as one. */
export function combine(scores: readonly Float64Array[], { data }: HostTensor<'float32'>): Float64Array {
  return scores[0]!.map((_, row) =>
    weights.reduce((sum, weight, k) => sum + (weight * (scores[k]![row]! - data[2 * k]!)) / data[2 * k + 1]!, 0),
  );
}

/** Linear between the two nearest of the sorted values. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

// Several scores as one, without a label: each in units of its own spread over held-out normal rows, then averaged with fixed
// weights. Distance to the nearest normal row counts most, being the finest where there are normal rows; the bound, which knows
// also where there are none, adds what is unlikely as a whole. Weights were chosen on half of the tables of bench/detect.mjs.

import { LatentkitError } from '../../errors.ts';
import { float32, type HostTensor } from '../../runtime/index.ts';

/** What is combined, and with what weight. */
export const combination = { nearest: 0.75, negElbo: 0.25 } as const;

type Member = keyof typeof combination;
export const members: readonly Member[] = ['nearest', 'negElbo'];

/** Where the middle of the members' scores lies on normal rows, and how wide they are: [members, 2]. */
export const calibrationShape: readonly number[] = [members.length, 2];

/** Median and half the width of the middle 68 % of each member's scores: the deviation, were they normal. */
export function calibrate(scores: Readonly<Record<Member, Float64Array>>): HostTensor<'float32'> {
  const rows = members.map(name => {
    const sorted = scores[name].filter(Number.isFinite).sort();
    if (sorted.length < 2) {
      throw new LatentkitError(
        'data',
        `detection: expected at least 2 held-out normal rows that have a finite score "${name}", got ${sorted.length}. Give more ` +
          'validation rows.',
      );
    }
    const [low, middle, high] = [quantile(sorted, 0.16), quantile(sorted, 0.5), quantile(sorted, 0.84)];
    return [middle, (high - low) / 2 || 1];
  });
  return float32(Float32Array.from(rows.flat()), calibrationShape);
}

/** The members' scores as one. */
export function combine(scores: Readonly<Record<Member, Float64Array>>, { data }: HostTensor<'float32'>): Float64Array {
  const total = new Float64Array(scores.nearest.length);
  members.forEach((name, k) => {
    const [middle, width] = [data[2 * k]!, data[2 * k + 1]!];
    for (let row = 0; row < total.length; row++) {
      total[row]! += (combination[name] * (scores[name][row]! - middle)) / width;
    }
  });
  return total;
}

/** Linear between the two nearest of the sorted values. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

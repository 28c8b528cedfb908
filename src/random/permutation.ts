// The order in which an epoch visits its examples: a permutation that follows from (seed, stream, step) alone, so that
// a resumed run and every worker find the same one.

import { LatentkitError } from '../errors.ts';
import type { NoiseKey } from './key.ts';
import { wordsOf } from './philox.ts';

/**
 * A permutation of 0 … length - 1, every one equally likely: Fisher and Yates (Knuth 1997, algorithm 3.4.2 P), with
 * words that would favour small remainders rejected, so there is no bias.
 *
 * @param length below 2³²
 */
export function permutation(length: number, key: NoiseKey): Uint32Array {
  if (!Number.isInteger(length) || length < 0 || length >= 2 ** 32) {
    throw new LatentkitError('usage', `permutation: expected a length from 0 to 2^32 - 1, got ${length}`);
  }
  const next = wordsOf(key);
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let last = length - 1; last > 0; last--) {
    const choice = below(last + 1, next);
    const moved = order[last]!;
    order[last] = order[choice]!;
    order[choice] = moved;
  }
  return order;
}

/** A whole number below `count`, without bias: words of the incomplete last run of `count` are drawn again. */
export function below(count: number, next: () => number): number {
  const whole = 2 ** 32 - (2 ** 32 % count);
  let word = next();
  while (word >= whole) word = next();
  return word % count;
}

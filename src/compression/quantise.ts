// From a distribution to whole masses that add up to 2²⁸. A symbol's interval is a function of the distribution function at
// its two ends alone, so a symbol among thousands costs two evaluations, and looking one up some ten.

import { type Interval, type Stack, wholeMass } from './ans.ts';

/** A distribution over the symbols 0 ... count − 1. */
export interface Symbols {
  readonly count: number;
  /** The probability of the symbols below `k`, for 0 ≤ k ≤ count: from 0 to 1, not falling but by rounding. */
  below(k: number): number;
}

/**
 * Where a symbol's interval starts. Each symbol gets two of the 2²⁸ whatever its probability: one, so that nothing is
 * impossible, and one more, so that a distribution function which falls by rounding still gives it a mass.
 */
function startOf(symbols: Symbols, k: number): number {
  const share = Math.min(1, Math.max(0, symbols.below(k)));
  return Math.floor(share * (wholeMass - 2 * symbols.count)) + 2 * k;
}

/** Where a symbol lies. */
export function intervalOf(symbols: Symbols, k: number): Interval {
  const start = startOf(symbols, k);
  return { start, mass: startOf(symbols, k + 1) - start };
}

/** Pushes a symbol, which takes −log2 of its mass in bits. */
export function push(stack: Stack, symbols: Symbols, k: number): void {
  stack.push(intervalOf(symbols, k));
}

/** Pops the symbol on top, which is drawn from the distribution where none was pushed. */
export function pop(stack: Stack, symbols: Symbols): number {
  const place = stack.peek();
  // The last symbol whose interval starts at or before the place. Many images are black for the most part.
  let low = 0;
  let high = symbols.count;
  if (startOf(symbols, 1) > place) high = 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (startOf(symbols, middle) <= place) low = middle;
    else high = middle;
  }
  stack.drop(intervalOf(symbols, low));
  return low;
}

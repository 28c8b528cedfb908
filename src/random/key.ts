// How noise is keyed, said once for the kernels (SIMD), the reference in philox.ts and any other backend: a number is
// a function of (seed, stream, step, element) and of nothing else. So a batch may be split and filled in any order.
//
//   key     = (seed mod 2³², ⌊seed / 2³²⌋)
//   counter = (block mod 2³², ⌊block / 2³²⌋, step, stream)
//   block   = 4 ⌊element / 16⌋ + element mod 4,   word = ⌊element / 4⌋ mod 4
//
// Sixteen elements are thus four counters' words with the counters side by side, as SIMD lanes are.

import { LatentkitError } from '../errors.ts';

/** What a draw depends on. `offset` is the index, in the whole tensor, of the first element to fill; 0 unless told. */
export interface NoiseKey {
  /** A safe integer, 0 or more. */
  readonly seed: number;
  /** Which of the draws of a step, 0 to 2³² - 1; {@link streamOf} makes one of a name. */
  readonly stream: number;
  /** 0 to 2³² - 1. */
  readonly step: number;
  /** A safe integer, 0 or more. */
  readonly offset?: number;
}

/** A key in the 32-bit words that Philox takes. */
export interface KeyWords {
  readonly key0: number;
  readonly key1: number;
  readonly step: number;
  readonly stream: number;
  readonly firstLow: number;
  readonly firstHigh: number;
}

const TWO_32 = 2 ** 32;

/** Splits a key into words. Throws `usage` where a part is not a whole number in its range. */
export function keyWords(key: NoiseKey): KeyWords {
  const { seed, stream, step, offset = 0 } = key;
  expectInteger('seed', seed, Number.MAX_SAFE_INTEGER);
  expectInteger('stream', stream, TWO_32 - 1);
  expectInteger('step', step, TWO_32 - 1);
  expectInteger('offset', offset, Number.MAX_SAFE_INTEGER);
  return {
    key0: seed >>> 0,
    key1: Math.floor(seed / TWO_32),
    step,
    stream,
    firstLow: offset >>> 0,
    firstHigh: Math.floor(offset / TWO_32),
  };
}

/** The stream of a name: FNV-1a over its UTF-16 units, low byte first. */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash >>> 0;
}

function expectInteger(what: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new LatentkitError('usage', `noise: expected ${what} to be a whole number from 0 to ${max}, got ${value}`);
}

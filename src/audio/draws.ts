// Random numbers of the kinds that sound is made of, one after another from one Philox stream.

import { below, type NoiseKey, wordsOf } from '../random/index.ts';

export interface Draws {
  /** A number from `low` up to `high`, every one as likely. */
  uniform(low: number, high: number): number;
  /** A whole number below `count`. */
  below(count: number): number;
  /** Standard normals (Box and Muller 1958). */
  normals(length: number): Float32Array;
}

/** Draws that are a function of the key alone. */
export function drawsOf(key: NoiseKey): Draws {
  const next = wordsOf(key);
  // Never 0, of which there is no logarithm.
  const share = (): number => (next() + 0.5) / 2 ** 32;
  return {
    uniform: (low, high) => low + (high - low) * share(),
    below: count => below(count, next),
    normals(length) {
      const values = new Float32Array(length);
      for (let i = 0; i < length; i += 2) {
        const [radius, angle] = [Math.sqrt(-2 * Math.log(share())), 2 * Math.PI * share()];
        values[i] = radius * Math.cos(angle);
        if (i + 1 < length) values[i + 1] = radius * Math.sin(angle);
      }
      return values;
    },
  };
}

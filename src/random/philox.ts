// Philox4x32-10 in plain TypeScript (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3", section 3.3):
// what the SIMD kernels are tested against, and what draws the few numbers that need no kernel.

import { keyWords, type NoiseKey } from './key.ts';

/** Four uint32. */
export type Words4 = readonly [number, number, number, number];

/** Ten rounds of Philox4x32 on one counter; all words are uint32. */
export function philox4x32(counter: Words4, key: readonly [number, number]): Words4 {
  let [x0, x1, x2, x3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, x0);
    const low0 = Math.imul(0xd2511f53, x0);
    const high1 = multiplyHigh(0xcd9e8d57, x2);
    const low1 = Math.imul(0xcd9e8d57, x2);
    x0 = (high1 ^ x1 ^ k0) >>> 0;
    x1 = low1 >>> 0;
    x2 = (high0 ^ x3 ^ k1) >>> 0;
    x3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [x0, x1, x2, x3];
}

/**
 * A source of uint32: its n-th call gives the word of element `offset + n`, the same that the kernels' `fillBits` writes.
 */
export function wordsOf(key: NoiseKey): () => number {
  const { key0, key1, step, stream } = keyWords(key);
  let element = key.offset ?? 0;
  let group = -1;
  let blocks: readonly Words4[] = [];
  return () => {
    const wanted = Math.floor(element / 16);
    if (wanted !== group) {
      group = wanted;
      const high = Math.floor(group / 2 ** 30);
      const low = (group % 2 ** 30) * 4;
      blocks = [0, 1, 2, 3].map(lane => philox4x32([low + lane, high, step, stream], [key0, key1]));
    }
    const within = element % 16;
    element += 1;
    return blocks[within % 4]![within >> 2]!;
  };
}

/** The upper 32 bits of a product of two uint32, by halves of 16 bits. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

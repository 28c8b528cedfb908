// The order in which an epoch visits the rows of a data set. Any order is as likely as any other where rows are at hand; of
// data that are read by blocks, blocks are shuffled, and rows within windows of blocks: near enough to it for training,
// and each block is read once.

import { below, type NoiseKey, permutation, wordsOf } from '../random/index.ts';
import type { Dataset } from './dataset.ts';

/** Blocks whose rows are mixed with each other: as many as a loader should keep at hand. */
export const blocksOfWindow = 16;

/** All rows of a data set, each once, by a shuffle that follows from the key alone. */
export function shuffled({ size, block }: Pick<Dataset, 'size' | 'block'>, key: NoiseKey): Uint32Array {
  if (block === undefined) return permutation(size, key);
  const blocks = permutation(Math.ceil(size / block), key);
  const next = wordsOf({ ...key, offset: blocks.length });
  const order = new Uint32Array(size);
  let filled = 0;
  for (let first = 0; first < blocks.length; first += blocksOfWindow) {
    const start = filled;
    for (const index of blocks.subarray(first, first + blocksOfWindow)) {
      const end = Math.min((index + 1) * block, size);
      for (let row = index * block; row < end; row++) order[filled++] = row;
    }
    shuffle(order.subarray(start, filled), next);
  }
  return order;
}

/** Fisher and Yates, in place. */
function shuffle(rows: Uint32Array, next: () => number): void {
  for (let last = rows.length - 1; last > 0; last--) {
    const choice = below(last + 1, next);
    const moved = rows[last]!;
    rows[last] = rows[choice]!;
    rows[choice] = moved;
  }
}

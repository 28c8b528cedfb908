// Train, validation and test: where one source has to serve for all three, or for two of them.

import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import { permutation, streamOf } from '../random/index.ts';
import { type DataSplits, type Dataset, subset } from './dataset.ts';

/** A part of a data set: a fraction of its rows (below 1) or a number of rows. */
export type Share = number;

export const shareSchema: z.ZodType<Share> = z.union([z.number().gt(0).lt(1), z.int().min(1)]);

/** How many rows a share is. */
export function rowsOf(share: Share, size: number): number {
  return share < 1 ? Math.round(share * size) : share;
}

/**
 * Sets rows aside for validation, drawn by a seeded shuffle: a file sorted by class would give a lopsided end. The
 * rows that stay keep their order.
 * @throws LatentkitError `data` where nothing would be left on one side.
 */
export function setAside(dataset: Dataset, share: Share, seed = 0): { kept: Dataset; aside: Dataset } {
  const { size, name } = dataset;
  const count = rowsOf(share, size);
  if (!(Number.isInteger(count) && count >= 1 && count < size)) {
    throw new LatentkitError(
      'data',
      `${name}: expected to set aside from 1 to ${size - 1} of ${size} rows, got ${share}. Give a fraction such as 0.1, or fewer rows.`,
    );
  }
  const order = permutation(size, { seed, stream: streamOf('data/split'), step: 0 });
  return {
    kept: subset(dataset, order.subarray(count).sort()),
    aside: subset(dataset, order.subarray(0, count).sort()),
  };
}

/** One source as all three splits: test is set aside first, then validation of what is left. */
export function split(dataset: Dataset, shares: { validation: Share; test: Share; seed?: number }): DataSplits {
  const { validation, test, seed = 0 } = shares;
  if (dataset.size < 3) {
    throw new LatentkitError(
      'data',
      `${dataset.name}: expected at least 3 rows, to train on some and hold some back, got ${dataset.size}. Add rows.`,
    );
  }
  // A fraction of a few rows is one at least.
  const rows = (share: Share): number => Math.max(share < 1 ? 1 : 0, rowsOf(share, dataset.size));
  const { kept, aside } = setAside(dataset, rows(test), seed);
  const parts = setAside(kept, rows(validation), seed);
  return { train: parts.kept, validation: parts.aside, test: aside };
}

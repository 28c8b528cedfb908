// What the scores of this folder see of a model: the codes of some rows, and the factors that made these rows. Where a score
// wants batches that share a factor, it draws them among these very rows, so any split of any data set will do that knows
// its factors; it need not be a full grid.

import type { Factor, FactorDataset } from '../../data/index.ts';
import { permutation, streamOf } from '../../random/index.ts';
import type { Codes } from '../latents.ts';

/** Codes of rows whose factors are known. */
export interface FactoredCodes {
  readonly rows: number;
  /** What each dimension of the code is, a number for each row: `dimensions[latent][row]`. */
  readonly dimensions: readonly Float64Array[];
  /** The factors that differ among these rows. */
  readonly factors: readonly FactorColumn[];
}

/** A factor and which of its values each row has, by number. */
export interface FactorColumn extends Factor {
  readonly numbers: Uint8Array;
}

/**
 * The codes of a data set with its factors: posterior means, of `rows` rows drawn by the seed where there are more. A factor
 * that is the same in all of them is left out.
 *
 * @param codes of all rows of `data`, as `encodeAll` gives them
 */
export function factoredCodes(
  { latent, mean }: Codes,
  data: FactorDataset,
  { rows = 10_000, seed = 0 }: { readonly rows?: number; readonly seed?: number } = {},
): FactoredCodes {
  const order = permutation(data.size, { seed, stream: streamOf('evaluate/disentanglement/rows'), step: 0 });
  const chosen = order.subarray(0, rows).sort();
  const numbers = new Uint8Array(chosen.length * data.factors.length);
  data.readFactors(chosen, numbers);
  const columns = data.factors.map((factor, k): FactorColumn => {
    return { ...factor, numbers: Uint8Array.from(chosen, (_, i) => numbers[i * data.factors.length + k]!) };
  });
  return {
    rows: chosen.length,
    dimensions: Array.from({ length: latent }, (_, j) => Float64Array.from(chosen, row => mean[row * latent + j]!)),
    factors: columns.filter(column => column.numbers.some(number => number !== column.numbers[0])),
  };
}

/** The difference between the largest number and the next; the largest itself where there is but one. */
export function gap(values: readonly number[]): number {
  const [first = 0, second = 0] = values.toSorted((a, b) => b - a);
  return first - second;
}

/** The mean; 0 of nothing. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

/** The variance of numbers, with n in the denominator. */
export function variance(values: Float64Array): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return squares / values.length;
}

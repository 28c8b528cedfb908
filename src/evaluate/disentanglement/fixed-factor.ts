// Drawing rows that have the same value of one factor and differ in the others: what the scores of Higgins et al. and of Kim
// and Mnih are made of.

import { below, streamOf, wordsOf } from '../../random/index.ts';
import type { FactoredCodes } from './codes.ts';

/** How many points a score's classifier learns from and is judged on, and the rows (or pairs) of each point. */
export interface PointOptions {
  readonly trainingPoints: number;
  readonly testPoints: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** Draws rows. Each factor is as likely as any other, and so is each row. */
export interface FixedFactorDraws {
  /** One factor by its number. */
  factor(): number;
  /** One row. */
  row(): number;
  /** A row with this row's value of a factor; it may be the very same. */
  rowLike(row: number, factor: number): number;
}

/** Draws that follow from the seed and the score's name. */
export function fixedFactorDraws({ rows, factors }: FactoredCodes, score: string, seed: number): FixedFactorDraws {
  const next = wordsOf({ seed, stream: streamOf(`evaluate/disentanglement/${score}`), step: 0 });
  const byValue = factors.map(({ values, numbers }) => {
    const rowsOf: number[][] = values.map(() => []);
    numbers.forEach((number, row) => {
      rowsOf[number]!.push(row);
    });
    return rowsOf.map(of => Uint32Array.from(of));
  });
  return {
    factor: () => below(factors.length, next),
    row: () => below(rows, next),
    rowLike(row, factor) {
      const alike = byValue[factor]![factors[factor]!.numbers[row]!]!;
      return alike[below(alike.length, next)]!;
    },
  };
}

// Fidelity: how like real rows of a table synthetic ones are, and whether they are more than copies.

import { dependences } from './dependence.ts';
import { marginalDistances } from './marginals.ts';
import { nearestDistances } from './nearest.ts';
import { rowCount, type TableRows } from './table.ts';
import { type Prediction, predictions } from './utility.ts';

export type { TableRows } from './table.ts';

/** A column's distance between synthetic and real rows, and what it is between two sets of real rows. */
interface Marginal {
  readonly column: string;
  /** Kolmogorov and Smirnov's of numbers, total variation of categories: from 0 to 1; null where there is no value. */
  readonly distance: number | null;
  /** The same between the training and the test rows. */
  readonly yardstick: number | null;
}

/** Two columns whose dependence differs, with what it is. */
interface Dependence {
  readonly columns: readonly [string, string];
  readonly synthetic: number;
  readonly real: number;
}

/** How synthetic rows compare with real ones; nothing here was trained on the test rows. */
export interface Fidelity {
  readonly rows: { readonly synthetic: number; readonly train: number; readonly test: number };
  readonly marginals: readonly Marginal[];
  /** Over all pairs of columns, the mean absolute difference of their dependence from that in the training rows; and that of the test rows. */
  readonly dependence: {
    readonly difference: number;
    readonly yardstick: number;
    readonly worst: readonly Dependence[];
  };
  /** Trained on synthetic and on real rows, tested on real ones; `ratio` is that of the means over columns. */
  readonly utility: { readonly predictions: readonly Prediction[]; readonly ratio: number | null };
  /** Gower distances to the nearest training row. */
  readonly nearest: {
    readonly medianOfSynthetic: number;
    readonly medianOfTest: number;
    /** Share of synthetic rows nearer to a training row than all but 5 % of the test rows are: 0.05 where they are no copies. */
    readonly shareTooNear: number;
    /** Synthetic rows that are a training row, value by value. */
    readonly copies: number;
  };
}

/** Compares synthetic rows with those that a model was trained on, and with test rows. Quadratic in the rows: give some thousand. */
export function fidelity(
  synthetic: TableRows,
  { train, test }: { readonly train: TableRows; readonly test: TableRows },
): Fidelity {
  const names = train.columns.map(({ name }) => name);
  const [distances, yardsticks] = [marginalDistances(synthetic, train), marginalDistances(test, train)];
  const scored = predictions(synthetic, train, test);
  const [own, others] = [nearestDistances(synthetic, train), nearestDistances(test, train)].map(list => list.sort());
  const near = others![Math.floor(0.05 * others!.length)]!;
  const mean = (pick: (prediction: Prediction) => number): number =>
    scored.reduce((sum, prediction) => sum + pick(prediction), 0) / scored.length;
  return {
    rows: { synthetic: rowCount(synthetic), train: rowCount(train), test: rowCount(test) },
    marginals: names.map((column, i) => ({ column, distance: distances[i]!, yardstick: yardsticks[i]! })),
    dependence: compareDependence(synthetic, train, test),
    utility: {
      predictions: scored,
      ratio: scored.length === 0 ? null : mean(({ synthetic }) => synthetic) / mean(({ real }) => real),
    },
    nearest: {
      medianOfSynthetic: median(own!),
      medianOfTest: median(others!),
      shareTooNear: own!.filter(distance => distance < near).length / own!.length,
      copies: own!.filter(distance => distance === 0).length,
    },
  };
}

function compareDependence(synthetic: TableRows, train: TableRows, test: TableRows): Fidelity['dependence'] {
  const names = train.columns.map(({ name }) => name);
  const key = (i: number, j: number): number => i * names.length + j;
  const [made, held] = [synthetic, test].map(
    table => new Map(dependences(table).map(([i, j, value]) => [key(i, j), value])),
  );
  const pairs = dependences(train).map(([i, j, real]) => ({
    columns: [names[i]!, names[j]!] as const,
    real,
    // A column that became constant depends on nothing.
    synthetic: made!.get(key(i, j)) ?? 0,
    test: held!.get(key(i, j)) ?? real,
  }));
  const mean = (pick: (pair: (typeof pairs)[number]) => number): number =>
    pairs.length === 0 ? 0 : pairs.reduce((sum, pair) => sum + Math.abs(pick(pair) - pair.real), 0) / pairs.length;
  const worst = pairs.toSorted((a, b) => Math.abs(b.synthetic - b.real) - Math.abs(a.synthetic - a.real)).slice(0, 5);
  return {
    difference: mean(pair => pair.synthetic),
    yardstick: mean(pair => pair.test),
    worst: worst.map(({ columns, synthetic, real }) => ({ columns, synthetic, real })),
  };
}

function median(sorted: Float64Array): number {
  return sorted[Math.floor(sorted.length / 2)]!;
}

// What synthetic rows are good for: a simple model learns each column from all others, once from synthetic rows and once from
// real ones, and both are judged on real rows that neither saw (Esteban et al. 2017, "train on synthetic, test on real"). The
// model is a ridge regression (Hoerl and Kennard 1970) on the other columns, categories one-hot; of a categorical column it
// regresses the one-hot category, and the largest is its answer. Real rows have gaps and those that a model makes up have
// none: to be rows of the same kind, they are given the gaps of training rows.

import { solvePositive } from '../evaluate/index.ts';
import { columnAt, given, levelsOf, rowCount, type TableRows } from './table.ts';

/** How well a column is predicted, on rows of the test. */
export interface Prediction {
  readonly column: string;
  /** `r2`: explained share of the variance, at least 0; `accuracy`: share of right categories above that of the most frequent one, of what is left, at least 0. */
  readonly measure: 'r2' | 'accuracy';
  readonly synthetic: number;
  readonly real: number;
}

/** Trains on each of two tables and tests on a third. Columns that no model learns (real score below 0.05) are left out. */
export function predictions(synthetic: TableRows, train: TableRows, test: TableRows): Prediction[] {
  const encode = encoder(train);
  const encoded = { synthetic: encode(withGaps(synthetic, train)), train: encode(train), test: encode(test) };
  return train.columns.flatMap((column, place) => {
    const target = (table: TableRows): Float64Array => columnAt(table, place);
    const score = (rows: Encoded, learned: TableRows): number => {
      const model = fit(rows, target(learned), place, levelsOf(column));
      return model === undefined ? 0 : judge(model(encoded.test), target(test), levelsOf(column));
    };
    const real = score(encoded.train, train);
    if (!(real >= 0.05)) return [];
    const measure = column.type === 'numeric' ? ('r2' as const) : ('accuracy' as const);
    return [{ column: column.name, measure, synthetic: score(encoded.synthetic, synthetic), real }];
  });
}

/**
 * Rows with the gaps of others, row by row, in the columns where they have none of their own. Without them a model learns to
 * lean on columns that are mostly missing where it is tested.
 */
export function withGaps(rows: TableRows, others: TableRows): TableRows {
  const width = rows.columns.length;
  const own = rows.columns.map((_, place) => columnAt(rows, place).some(Number.isNaN));
  const values = rows.values.map((value, i) =>
    !own[i % width]! && Number.isNaN(others.values[i % others.values.length]!) ? Number.NaN : value,
  );
  return { columns: rows.columns, values };
}

/** Features [rows, width] laid flat; `owners` says of which column each is. */
interface Encoded {
  readonly features: Float64Array;
  readonly owners: readonly number[];
}

/** Numbers standardised by a table, categories one-hot, and whether a value is missing; what is missing is 0 in all but that. */
function encoder(table: TableRows): (rows: TableRows) => Encoded {
  const columns = table.columns.map((column, place) => {
    const values = given(columnAt(table, place));
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
    return { levels: levelsOf(column), mean, deviation: Math.sqrt(variance) || 1 };
  });
  const owners = columns.flatMap(({ levels = 1 }, place) => Array<number>(levels + 1).fill(place));
  return rows => {
    const count = rowCount(rows);
    const features = new Float64Array(count * owners.length);
    for (let row = 0; row < count; row++) {
      let at = row * owners.length;
      columns.forEach(({ levels, mean, deviation }, place) => {
        const value = rows.values[row * columns.length + place]!;
        const width = levels ?? 1;
        if (Number.isNaN(value)) features[at + width] = 1;
        else if (levels === undefined) features[at] = (value - mean) / deviation;
        else features[at + value] = 1;
        at += width + 1;
      });
    }
    return { features, owners };
  };
}

const ridge = 1e-2;

/** What a column is expected to be, [rows, outputs] laid flat, by the other columns' features. */
type Model = (rows: Encoded) => Float64Array;

/** Fits by the rows where the column is known; undefined where there is none. */
function fit({ features, owners }: Encoded, target: Float64Array, place: number, levels?: number): Model | undefined {
  const used = owners.flatMap((owner, i) => (owner === place ? [] : [i]));
  const width = used.length + 1;
  const outputs = levels ?? 1;
  const normal = new Float64Array(width * width);
  const right = new Float64Array(width * outputs);
  const inputs = (from: Float64Array, row: number): Float64Array =>
    Float64Array.from({ length: width }, (_, i) => (i < used.length ? from[row * owners.length + used[i]!]! : 1));
  let count = 0;
  target.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    count += 1;
    const x = inputs(features, row);
    for (let i = 0; i < width; i++) {
      if (x[i] === 0) continue;
      for (let j = 0; j <= i; j++) normal[i * width + j]! += x[i]! * x[j]!;
      if (levels === undefined) right[i]! += x[i]! * value;
      else right[i * outputs + value]! += x[i]!;
    }
  });
  if (count === 0) return undefined;
  for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) normal[j * width + i] = normal[i * width + j]!;
  for (let i = 0; i < width; i++) normal[i * width + i]! += i < used.length ? ridge * count : 1e-9;
  const weights = solvePositive(normal, right, width, outputs);
  return rows => {
    const result = new Float64Array((rows.features.length / owners.length) * outputs);
    for (let row = 0; row * outputs < result.length; row++) {
      inputs(rows.features, row).forEach((x, i) => {
        for (let k = 0; k < outputs; k++) result[row * outputs + k]! += x * weights[i * outputs + k]!;
      });
    }
    return result;
  };
}

/** The score of answers, both kinds 0 for what needs no other column and 1 for perfection. */
function judge(answers: Float64Array, truth: Float64Array, levels?: number): number {
  const known = Array.from(truth.keys()).filter(row => !Number.isNaN(truth[row]!));
  if (levels === undefined) {
    const mean = known.reduce((sum, row) => sum + truth[row]!, 0) / known.length;
    const error = known.reduce((sum, row) => sum + (answers[row]! - truth[row]!) ** 2, 0);
    return Math.max(0, 1 - error / known.reduce((sum, row) => sum + (truth[row]! - mean) ** 2, 0));
  }
  const counts = new Float64Array(levels);
  let right = 0;
  for (const row of known) {
    counts[truth[row]!]! += 1;
    const own = answers.subarray(row * levels, (row + 1) * levels);
    if (own.indexOf(Math.max(...own)) === truth[row]) right += 1;
  }
  const chance = Math.max(...counts) / known.length;
  return chance === 1 ? 0 : Math.max(0, (right / known.length - chance) / (1 - chance));
}

// Drift: whether rows of today still look like those held out in training. Several tests, of what the model makes of a row and
// of a table's columns; their p-values are corrected together, so that one is seldom called drifted by chance.

import { type Column, categoryCount } from '../../columns.ts';
import { chiSquare } from './chi-square.ts';
import { energyTest, type Vectors } from './energy.ts';
import { kolmogorovSmirnov, type TestResult } from './kolmogorov-smirnov.ts';

/** Rows as drift is told by. */
export interface Seen {
  readonly scores: ArrayLike<number>;
  /** The means of their posteriors. */
  readonly codes: Vectors;
  /** Of a table, its rows. */
  readonly values?: Vectors | undefined;
}

/** One test. */
export interface DriftTest extends TestResult {
  /** `scores`, `codes`, or a column's name. */
  readonly name: string;
  readonly of: 'scores' | 'codes' | 'column' | 'missing';
  readonly test: 'Kolmogorov–Smirnov' | 'energy distance' | 'chi-square';
  /** By Holm's method (1979) over the model's tests and over the columns', each with half the level: at most it where this one has drifted. */
  readonly adjusted: number;
}

export interface Drift {
  /** Whether any test says so, with an error rate of `level` over all of them. */
  readonly drifted: boolean;
  readonly level: number;
  /** How many rows were compared, and with how many. */
  readonly rows: number;
  readonly referenceRows: number;
  /** The clearest first. */
  readonly tests: readonly DriftTest[];
}

type Test = Omit<DriftTest, 'adjusted'>;

/** Rows whose codes are compared, of each sample. */
const mostCodes = 500;

/**
 * Compares rows with held-out ones.
 * @param columns of a table.
 */
export function detectDrift(reference: Seen, today: Seen, columns: readonly Column[] = [], level = 0.01): Drift {
  const ofModel: Test[] = [
    {
      name: 'scores',
      of: 'scores',
      test: 'Kolmogorov–Smirnov',
      ...kolmogorovSmirnov(reference.scores, today.scores),
    },
    {
      name: 'codes',
      of: 'codes',
      test: 'energy distance',
      ...energyTest(...standardised(firstRows(reference.codes), firstRows(today.codes))),
    },
  ];
  const ofColumns = columns.flatMap((column, place) =>
    columnTests(column, valuesAt(reference, place), valuesAt(today, place)),
  );
  // Half of the level goes to what the model makes of the rows: of many columns, Holm's first step would leave the energy
  // test, whose p-values have a least one, no way to say anything.
  const families = [ofModel, ofColumns].filter(family => family.length > 0);
  const told = families.flatMap(family => {
    const adjusted = holm(family.map(({ pValue }) => pValue));
    return family.map((test, i) => ({ ...test, adjusted: Math.min(1, families.length * adjusted[i]!) }));
  });
  return {
    drifted: told.some(({ adjusted }) => adjusted <= level),
    level,
    rows: today.scores.length,
    referenceRows: reference.scores.length,
    tests: told.sort((a, b) => a.pValue - b.pValue),
  };
}

/** p-values such that calling those up to a level wrong calls a true one so with a chance of at most that level. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = pValues.map(() => 0);
  let most = 0;
  order.forEach((i, rank) => {
    most = Math.max(most, Math.min(1, (pValues.length - rank) * pValues[i]!));
    adjusted[i] = most;
  });
  return adjusted;
}

/** Of a column: its values that are there, and how many are missing where some are. */
function columnTests(column: Column, before: Float64Array, now: Float64Array): Test[] {
  const [given, gone] = [before, now].map(values => values.filter(value => !Number.isNaN(value)).length) as [
    number,
    number,
  ];
  const { name } = column;
  const absent: Test[] =
    given === before.length && gone === now.length
      ? []
      : [
          {
            name,
            of: 'missing',
            test: 'chi-square',
            ...chiSquare([given, before.length - given], [gone, now.length - gone]),
          },
        ];
  if (given === 0 || gone === 0) return absent;
  const present = [before, now].map(values => values.filter(value => !Number.isNaN(value))) as [
    Float64Array,
    Float64Array,
  ];
  if (column.type === 'numeric') {
    return [{ name, of: 'column', test: 'Kolmogorov–Smirnov', ...kolmogorovSmirnov(...present) }, ...absent];
  }
  const count = column.type === 'binary' ? 2 : categoryCount(column);
  const [a, b] = present.map(values => {
    const counts = Array<number>(count).fill(0);
    for (const value of values) counts[value]!++;
    return counts;
  }) as [number[], number[]];
  return [{ name, of: 'column', test: 'chi-square', ...chiSquare(a, b) }, ...absent];
}

function valuesAt({ values }: Seen, place: number): Float64Array {
  if (values === undefined) return new Float64Array();
  const rows = values.data.length / values.width;
  return Float64Array.from({ length: rows }, (_, i) => values.data[i * values.width + place]!);
}

function firstRows({ width, data }: Vectors): Vectors {
  return { width, data: Array.prototype.slice.call(data, 0, mostCodes * width) };
}

/** Both in units of the first one's deviations, so that no dimension outweighs the others. */
function standardised(reference: Vectors, today: Vectors): [Vectors, Vectors] {
  const { width, data } = reference;
  const rows = data.length / width;
  const deviations = Array.from({ length: width }, (_, d) => {
    let [sum, squares] = [0, 0];
    for (let i = d; i < data.length; i += width) {
      sum += data[i]!;
      squares += data[i]! ** 2;
    }
    return Math.sqrt(Math.max(0, squares / rows - (sum / rows) ** 2)) || 1;
  });
  const scaled = ({ data }: Vectors): Vectors => ({
    width,
    data: Float64Array.from(data, (value, i) => value / deviations[i % width]!),
  });
  return [scaled(reference), scaled(today)];
}

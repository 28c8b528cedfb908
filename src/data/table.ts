// Tables: rows that a program has as objects, as a data set of which models know what its numbers mean.

import {
  type BinaryColumn,
  type CategoricalColumn,
  type Column,
  categoryCount,
  cellError,
  columnsSchema,
  describeColumn,
  transformed,
} from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import { parseSpec } from '../schema.ts';
import { didYouMean } from '../suggest.ts';
import { arrayDataset, type Dataset, type Labels, readRange } from './dataset.ts';

/** A row: its values by the names of columns. What is null, undefined or NaN is missing. */
export type TableRow = Readonly<Record<string, number | string | boolean | null | undefined>>;

/** What `tableDataset` makes a data set of. */
export interface TableSource {
  /** Default `table`. */
  readonly name?: string | undefined;
  /** What to take of the rows, in this order. */
  readonly columns: readonly Column[];
  readonly rows: readonly TableRow[];
  readonly labels?: Labels | undefined;
}

/**
 * Rows of objects as a data set. A category is given by its name where the column says names, else by its index.
 *
 * @throws LatentkitError `spec` where the columns make no sense, `data` that names the row, counted from 0, and the column
 * of a value which that column cannot have.
 * @example
 * const people = tableDataset({
 *   columns: [
 *     { name: 'age', type: 'numeric' },
 *     { name: 'smoker', type: 'binary' },
 *     { name: 'city', type: 'categorical', categories: ['Bern', 'Rome'] },
 *   ],
 *   rows: [{ age: 31, smoker: false, city: 'Rome' }, { age: null, smoker: true, city: 'Bern' }],
 * });
 */
export function tableDataset({ name = 'table', rows, labels, ...source }: TableSource): Dataset {
  const columns = parseSpec(columnsSchema, source.columns, `${name}: columns`);
  checkFields(rows, columns, name);
  const data = new Float32Array(rows.length * columns.length);
  columns.forEach((column, place) => {
    const numberOf = readerOf(column, name);
    rows.forEach((row, i) => {
      data[i * columns.length + place] = numberOf(row[column.name], i);
    });
  });
  return arrayDataset({ name, data, shape: [columns.length], columns, labels });
}

/** A field that no row has is a misspelt one: what is missing in all rows is to be null. */
function checkFields(rows: readonly TableRow[], columns: readonly Column[], name: string): void {
  const fields = new Set(rows.flatMap(row => Object.keys(row)));
  for (const column of columns) {
    if (fields.has(column.name) || rows.length === 0) continue;
    throw new LatentkitError(
      'data',
      `${name}: expected a field "${column.name}" in the rows, whose fields are ${[...fields].join(', ')}.` +
        (didYouMean(column.name, [...fields]) || ' Give null where it is missing.'),
    );
  }
}

type Reader = (value: TableRow[string], row: number) => number;

/** Reads a column's values as the numbers that stand for them. Which numbers it may have is checked with the data set. */
function readerOf(column: Column, where: string): Reader {
  const indices = column.type === 'numeric' ? undefined : indicesOf(column);
  return (value, row) => {
    if (value === null || value === undefined || Number.isNaN(value)) return Number.NaN;
    if (indices !== undefined && (column.type === 'categorical' || typeof value === 'string')) {
      const index = indices.get(String(value));
      if (index !== undefined) return index;
    } else if (typeof value === 'number' || (column.type === 'binary' && typeof value === 'boolean')) {
      return Number(value);
    }
    throw cellError({ where, row, column, expected: expectedOf(column), value });
  };
}

function indicesOf(column: BinaryColumn | CategoricalColumn): ReadonlyMap<string, number> {
  const categories = column.type === 'binary' ? (column.labels ?? []) : column.categories;
  const names = typeof categories === 'number' ? Array.from({ length: categories }, (_, i) => `${i}`) : categories;
  return new Map(names.map((name, i) => [name, i]));
}

function expectedOf(column: Column): string {
  if (column.type === 'numeric') return 'a number';
  if (column.type === 'binary') return `${column.labels ? `${column.labels.join(', ')}, ` : ''}true, false, 1 or 0`;
  const { categories } = column;
  if (typeof categories === 'number') return `a category’s index from 0 to ${categoryCount(column) - 1}`;
  return `one of: ${categories.slice(0, 20).join(', ')}${categories.length > 20 ? ', ...' : ''}`;
}

/**
 * A table as a model's `input`: mean and deviation of each numeric column, where they are not given, are those of these
 * rows. Give the training rows, so that nothing is known of the others.
 *
 * @throws LatentkitError `data` where the data set is no table.
 * @example presets.table.build({ input: tableInput(data.train) })
 */
export function tableInput(data: Dataset): {
  readonly shape: readonly number[];
  readonly dtype: 'float32';
  readonly columns: readonly Column[];
} {
  const { name, size, shape, columns } = data;
  if (columns === undefined) {
    throw new LatentkitError('data', `${name}: expected a table, got data without columns. Make it by tableDataset().`);
  }
  // A loader has measured its columns already, of data that may be larger than memory.
  if (columns.every(isMeasured)) return { shape, dtype: 'float32', columns };
  const values = readRange(data, 0, size);
  const measured = columns.map((column, place): Column => {
    if (column.type !== 'numeric') return column;
    const given: number[] = [];
    for (let i = place; i < values.length; i += columns.length) {
      if (!Number.isNaN(values[i])) given.push(transformed(values[i]!, column));
    }
    const { mean = meanOf(given) } = column;
    // A column that is all one number has no deviation; in its own unit it is then 0.
    const { deviation = Math.sqrt(meanOf(given.map(value => (value - mean) ** 2))) || 1 } = column;
    return { ...column, mean, deviation };
  });
  return { shape, dtype: 'float32', columns: measured };
}

function isMeasured(column: Column): boolean {
  return column.type !== 'numeric' || (column.mean !== undefined && column.deviation !== undefined);
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Checks that a data set has the columns that a model was made for, or none where it was made for none. Mean and deviation
 * may differ: they are the model's.
 * @throws LatentkitError `data` that says both.
 */
export function checkColumns(expected: readonly Column[] | undefined, { name, columns }: Dataset): void {
  if (expected === undefined && columns === undefined) return;
  if (expected === undefined || columns === undefined) {
    const [wanted, got] = expected ? ['a table', 'data without columns'] : ['data without columns', 'a table'];
    throw new LatentkitError('data', `${name}: the model takes ${wanted}, got ${got}. Name data of that kind.`);
  }
  const [wanted, got] = [expected, columns].map(list => list.map(describeColumn).join(', '));
  if (wanted === got) return;
  throw new LatentkitError(
    'data',
    `${name}: expected the columns that the model was made for: ${wanted}; got: ${got}. Give a table of those, in their ` +
      'order, or train a model on this one.',
  );
}

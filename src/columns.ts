// The columns of a table. A row of a table is float32 [width], a number a column, in which NaN stands for a missing value:
// what the other numbers mean, a list of columns says.

import { z } from 'zod';
import { LatentkitError } from './errors.ts';

/** A measured number. */
interface NumericColumn {
  readonly name: string;
  readonly type: 'numeric';
  /** A model sees (value − mean) / deviation. Defaults 0 and 1, which is for numbers that are on one scale already. */
  readonly mean?: number | undefined;
  readonly deviation?: number | undefined;
}

/** 0 or 1. */
interface BinaryColumn {
  readonly name: string;
  readonly type: 'binary';
}

/** One of some categories, which have no order: its index from 0 on. */
export interface CategoricalColumn {
  readonly name: string;
  readonly type: 'categorical';
  /** What the categories are called, or only how many there are. */
  readonly categories: number | readonly string[];
}

export type Column = NumericColumn | BinaryColumn | CategoricalColumn;

const name = z.string().min(1);
const count = z.int().min(2).max(10_000);
const labels = z
  .array(z.string())
  .min(2)
  .max(10_000)
  .refine(list => new Set(list).size === list.length, 'expected each category once');

/** Validates the columns of a table, whose names must differ. */
export const columnsSchema: z.ZodType<readonly Column[]> = z
  .array(
    z.discriminatedUnion('type', [
      z.strictObject({
        name,
        type: z.literal('numeric'),
        mean: z.number().optional(),
        deviation: z.number().gt(0).optional(),
      }),
      z.strictObject({ name, type: z.literal('binary') }),
      z.strictObject({ name, type: z.literal('categorical'), categories: z.union([count, labels]) }),
    ]),
  )
  .min(1)
  .refine(list => new Set(list.map(column => column.name)).size === list.length, 'expected each name once');

/** How many categories a column has. */
export function categoryCount({ categories }: CategoricalColumn): number {
  return typeof categories === 'number' ? categories : categories.length;
}

/** The columns of one kind, each with its place in a row. */
export function columnsOfType<T extends Column['type']>(
  columns: readonly Column[],
  type: T,
): { readonly place: number; readonly column: Extract<Column, { readonly type: T }> }[] {
  const is = (column: Column): column is Extract<Column, { readonly type: T }> => column.type === type;
  return columns.flatMap((column, place) => (is(column) ? [{ place, column }] : []));
}

/** What of a column decides what its numbers mean, in words: `city (categorical: Bern, Rome)`. */
export function describeColumn(column: Column): string {
  if (column.type !== 'categorical') return `${column.name} (${column.type})`;
  const { categories } = column;
  return `${column.name} (categorical${typeof categories === 'number' ? ` of ${categories}` : `: ${categories.join(', ')}`})`;
}

/**
 * Checks that each number of a table's rows is one that its column may have, or NaN.
 * @param where what the rows are called in the error.
 * @throws LatentkitError `data` that names the row, counted from 0, and the column.
 */
export function checkCells(values: ArrayLike<number>, columns: readonly Column[], where: string): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const column = columns[i % columns.length]!;
    if (Number.isNaN(value) || fits(value, column)) continue;
    throw cellError({ where, row: Math.floor(i / columns.length), column, expected: expectedBy(column), value });
  }
}

function fits(value: number, column: Column): boolean {
  if (column.type === 'numeric') return Number.isFinite(value);
  const last = column.type === 'binary' ? 1 : categoryCount(column) - 1;
  return Number.isInteger(value) && value >= 0 && value <= last;
}

function expectedBy(column: Column): string {
  if (column.type === 'numeric') return 'a finite number';
  return column.type === 'binary' ? '0 or 1' : `a category’s index from 0 to ${categoryCount(column) - 1}`;
}

/** A value that its column cannot have. */
interface Misfit {
  readonly where: string;
  readonly row: number;
  readonly column: Column;
  readonly expected: string;
  readonly value: unknown;
}

/** The error about such a value. */
export function cellError({ where, row, column, expected, value }: Misfit): LatentkitError {
  const got = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new LatentkitError(
    'data',
    `${where}: row ${row}, column "${column.name}": expected ${expected}, got ${got}. Mend the value, or leave it missing.`,
  );
}

// The columns of a table. A row of a table is float32 [width], a number a column, in which NaN stands for a missing value:
// what the other numbers mean, a list of columns says.

import { z } from 'zod';
import { LatentkitError } from './errors.ts';

/**
 * What a model sees in place of a number x of a column with heavy tails: asinh((x − center) / scale), which is nearly linear
 * about the center and a logarithm far from it, on both sides. Densities stay per the column's own unit.
 */
interface AsinhTransform {
  readonly type: 'asinh';
  readonly center: number;
  readonly scale: number;
}

/** Dates are days since an origin, which keeps them exact in float32 to some seconds within a few years of it. */
export interface DateFormat {
  /** `2012-03-31`. */
  readonly origin: string;
  /** Whether values have a time of day: written `2012-03-31T18:05:00Z`, in UTC; else `2012-03-31`. */
  readonly time: boolean;
}

/** A measured number. */
export interface NumericColumn {
  readonly name: string;
  readonly type: 'numeric';
  /** A model sees (value − mean) / deviation. Defaults 0 and 1, which is for numbers that are on one scale already. */
  readonly mean?: number | undefined;
  readonly deviation?: number | undefined;
  /** What is done to a value before that; mean and deviation are then those of the result. */
  readonly transform?: AsinhTransform | undefined;
  /** Whole numbers alone: what a model makes up is rounded. */
  readonly integer?: boolean | undefined;
  /** What the numbers are as dates. */
  readonly date?: DateFormat | undefined;
  /** The least and the most that was seen: what a model makes up is kept within. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** 0 or 1. */
export interface BinaryColumn {
  readonly name: string;
  readonly type: 'binary';
  /** What 0 and 1 are called in files. */
  readonly labels?: readonly [zero: string, one: string] | undefined;
}

/** One of some categories: its index from 0 on. */
export interface CategoricalColumn {
  readonly name: string;
  readonly type: 'categorical';
  /** What the categories are called, or only how many there are. */
  readonly categories: number | readonly string[];
  /** Whether they have an order, from the first to the last. A model does not use it; figures and charts may. */
  readonly ordered?: boolean | undefined;
  /** The last category stands for several rare ones, and for any that was never seen: these, by how often they were seen. */
  readonly pooled?: Readonly<Record<string, number>> | undefined;
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
        transform: z.strictObject({ type: z.literal('asinh'), center: z.number(), scale: z.number().gt(0) }).optional(),
        integer: z.boolean().optional(),
        date: z.strictObject({ origin: z.iso.date(), time: z.boolean() }).optional(),
        min: z.number().optional(),
        max: z.number().optional(),
      }),
      z.strictObject({
        name,
        type: z.literal('binary'),
        labels: z.tuple([z.string(), z.string()]).optional(),
      }),
      z.strictObject({
        name,
        type: z.literal('categorical'),
        categories: z.union([count, labels]),
        ordered: z.boolean().optional(),
        pooled: z.record(z.string(), z.int().min(1)).optional(),
      }),
    ]),
  )
  .min(1)
  .refine(list => new Set(list.map(column => column.name)).size === list.length, 'expected each name once');

/** What a model standardises of a number: the number itself, or what its column's transform makes of it. */
export function transformed(value: number, { transform }: NumericColumn): number {
  return transform === undefined ? value : Math.asinh((value - transform.center) / transform.scale);
}

/**
 * Rows that a model made up as rows that could have been seen, in place: numbers within their column's range, whole ones
 * rounded.
 */
export function toPossible(values: Float32Array, columns: readonly Column[]): void {
  for (const { place, column } of columnsOfType(columns, 'numeric')) {
    const { integer = false, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = column;
    for (let i = place; i < values.length; i += columns.length) {
      const value = integer ? Math.round(values[i]!) : values[i]!;
      values[i] = Math.min(max, Math.max(min, value));
    }
  }
}

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
  const { name, type } = column;
  if (type === 'numeric') return `${name} (${column.date ? `days since ${column.date.origin}` : type})`;
  if (type === 'binary') return `${name} (${type}${column.labels ? `: ${column.labels.join(', ')}` : ''})`;
  const { categories } = column;
  return `${name} (${type}${typeof categories === 'number' ? ` of ${categories}` : `: ${categories.join(', ')}`})`;
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

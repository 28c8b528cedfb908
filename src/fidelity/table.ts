// A table in memory as figures of it need it: by columns, what is missing left out.

import { type Column, categoryCount } from '../columns.ts';

/** Rows of a table: float32 [rows, columns] laid flat, NaN where a value is missing. */
export interface TableRows {
  readonly columns: readonly Column[];
  readonly values: Float32Array;
}

/** The number of rows. */
export function rowCount({ columns, values }: TableRows): number {
  return values.length / columns.length;
}

/** A column's values, NaN where missing. */
export function columnAt({ columns, values }: TableRows, place: number): Float64Array {
  return Float64Array.from(
    { length: values.length / columns.length },
    (_, row) => values[row * columns.length + place]!,
  );
}

/** The values that are there. */
export function given(values: Float64Array): Float64Array {
  return values.filter(value => !Number.isNaN(value));
}

/** How many values a column of categories can take; undefined of a numeric one. */
export function levelsOf(column: Column): number | undefined {
  if (column.type === 'numeric') return undefined;
  return column.type === 'binary' ? 2 : categoryCount(column);
}

/** How often each category occurs, as shares of the values that are there. */
export function sharesOf(values: Float64Array, levels: number): Float64Array {
  const shares = new Float64Array(levels);
  const there = given(values);
  for (const value of there) shares[value]! += 1 / there.length;
  return shares;
}

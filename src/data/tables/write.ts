// Rows of numbers back to a table as people keep it: categories by their names, integers without fractions, dates as dates,
// and nothing beyond the least and the most that was seen. What a model makes up is thus a value that its column can have.

import type { BasicType, ColumnSource } from 'hyparquet-writer';
import type { CategoricalColumn, Column, NumericColumn } from '../../columns.ts';
import { streamOf, wordsOf } from '../../random/index.ts';
import { formatDate } from './dates.ts';
import { type Cell, namesOf, numberOf } from './readers.ts';

export type TableFormat = 'csv' | 'tsv' | 'ndjson' | 'parquet';

export interface WriteOptions {
  readonly format: TableFormat;
  /** Chooses among the rare categories that are pooled. Default 0. */
  readonly seed?: number | undefined;
}

/**
 * A table's rows as a file.
 * @param rows [rows, columns], NaN where a value is missing.
 * @example await writeFile('people.csv', await writeTable(rows, columns, { format: 'csv' }));
 */
export async function writeTable(
  rows: Float32Array,
  columns: readonly Column[],
  { format, seed = 0 }: WriteOptions,
): Promise<Uint8Array> {
  const cells = tableCells(rows, columns, seed);
  if (format === 'parquet') return parquetOf(columns, cells);
  const lines = Array.from({ length: rows.length / columns.length }, (_, i) => cells.map(own => own[i]!));
  const names = columns.map(({ name }) => name);
  const texts =
    format === 'ndjson'
      ? lines.map(line => `${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, line[i]])))}\n`)
      : [names, ...lines].map(line => delimited(line, format === 'tsv' ? '\t' : ','));
  return new TextEncoder().encode(texts.join(''));
}

/** Rows [rows, columns] as cells, column by column: names, numbers, truths, dates as texts; null is missing. */
export function tableCells(rows: Float32Array, columns: readonly Column[], seed = 0): readonly (readonly Cell[])[] {
  const count = rows.length / columns.length;
  return columns.map((column, place) => {
    const cellOf = column.type === 'numeric' ? numbersOf(column) : namesFor(column, { seed, place });
    return Array.from({ length: count }, (_, i): Cell => {
      const value = rows[i * columns.length + place]!;
      return Number.isNaN(value) ? null : cellOf(value);
    });
  });
}

function numbersOf({ min = -Infinity, max = Infinity, integer, date }: NumericColumn): (value: number) => Cell {
  const held = (value: number): number => Math.min(max, Math.max(min, value));
  return value => {
    const whole = integer ? Math.round(value) : value;
    // Held once it is shortened: as float32, a large number can lie beyond the most that was seen.
    return date ? formatDate(held(whole), date) : held(shortest(whole));
  };
}

/** The number with the fewest digits that is this one in float32: 0.1, not 0.10000000149011612. */
function shortest(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(single.toPrecision(digits));
    if (Math.fround(rounded) === single) return rounded;
  }
  return Number(single.toPrecision(9));
}

/** A number's name, the nearest that there is: of the pool, one of those in it, as often as they were seen. */
function namesFor(
  column: Exclude<Column, { type: 'numeric' }>,
  { seed, place }: { readonly seed: number; readonly place: number },
): (value: number) => Cell {
  const names = namesOf(column);
  const cells = cellsOf(names);
  const draw = column.type === 'categorical' ? memberOf(column, { seed, place }) : undefined;
  return value => {
    const index = Math.max(0, Math.min(names.length - 1, Math.round(value)));
    return (index === names.length - 1 ? draw?.() : undefined) ?? cells[index]!;
  };
}

/** Names as they would stand in a file that has numbers and truths: all of them, or none. */
function cellsOf(names: readonly string[]): readonly Cell[] {
  if (names.every(name => numberOf(name) !== undefined && String(Number(name)) === name)) return names.map(Number);
  return names.every(name => name === 'true' || name === 'false') ? names.map(name => name === 'true') : names;
}

function memberOf(
  { pooled }: CategoricalColumn,
  { seed, place }: { readonly seed: number; readonly place: number },
): (() => string) | undefined {
  const members = Object.entries(pooled ?? {});
  const total = members.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return undefined;
  const next = wordsOf({ seed, stream: streamOf('data/pooled'), step: place });
  return () => {
    let left = (next() / 2 ** 32) * total;
    for (const [name, count] of members) {
      left -= count;
      if (left < 0) return name;
    }
    return members[0]![0];
  };
}

function delimited(cells: readonly Cell[], delimiter: string): string {
  // A line of one missing value would be an empty one, which is no row.
  const line = cells.map(cell => quoted(cell === null ? '' : String(cell), delimiter)).join(delimiter);
  return `${line === '' ? '""' : line}\n`;
}

function quoted(text: string, delimiter: string): string {
  const plain = !(text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text));
  return plain ? text : `"${text.replaceAll('"', '""')}"`;
}

async function parquetOf(columns: readonly Column[], cells: readonly (readonly Cell[])[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = columns.map((column, place): ColumnSource => {
    const { name } = column;
    const own = cells[place]!;
    const as = (type: BasicType, of: (cell: string | number | boolean) => unknown): ColumnSource => ({
      name,
      type,
      nullable: true,
      data: own.map(cell => (cell === null ? null : of(cell))),
    });
    if (column.type === 'numeric' && column.date) return as('TIMESTAMP', cell => new Date(String(cell)));
    if (column.type === 'numeric' && column.integer) return as('INT64', cell => BigInt(Number(cell)));
    const kind = column.type === 'numeric' ? 'number' : typeof cellsOf(namesOf(column))[0];
    return as(kind === 'number' ? 'DOUBLE' : kind === 'boolean' ? 'BOOLEAN' : 'STRING', cell => cell);
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

// From what stands in a cell to the number that stands for it, one reader a column. Cells of text files are read from their
// bytes, since making a string of each number would take longer than training on it.

import type { Column } from '../../columns.ts';
import { dateOf, daysSince } from './dates.ts';

/** What a cell of any file may hold. */
export type Cell = string | number | boolean | null;

/** Reads the cells of one column. Each way writes the number, NaN for what is missing, and says whether there was one. */
export interface CellReader {
  readonly column: Column;
  readonly missing: ReadonlySet<string>;
  /** Of a text from `start` to `end`, without the blanks around it. */
  ofBytes(bytes: Uint8Array, start: number, end: number, into: Float32Array, at: number): boolean;
  ofCell(cell: Cell, into: Float32Array, at: number): boolean;
  /** What was taken as missing though something stood there: how often, and the first. */
  readonly tally: { unseen: number; infinite: number; first: string | undefined };
}

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const infinity = /^[+-]?inf(?:inity)?$/i;
const decoder = new TextDecoder();

/** The number that a text is: ±Infinity too, undefined where it is none. */
export function numberOf(text: string): number | undefined {
  if (number.test(text)) return Number(text);
  return infinity.test(text) ? Number.POSITIVE_INFINITY : undefined;
}

/** A cell as text, without the blanks around it: the same ones in every format. */
export function textOf(cell: string | number | boolean): string {
  return typeof cell === 'string' ? cell.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '') : String(cell);
}

/** A reader of a column, to which some texts mean that a value is missing. */
export function cellReader(column: Column, missing: ReadonlySet<string>): CellReader {
  const tally: CellReader['tally'] = { unseen: 0, infinite: 0, first: undefined };
  const parse = parserOf(column, tally);
  const ofText = (text: string, into: Float32Array, at: number): boolean => {
    const value = missing.has(text) ? Number.NaN : parse(text);
    if (value === undefined) return false;
    into[at] = value;
    return true;
  };
  const ofCell = (cell: Cell, into: Float32Array, at: number): boolean =>
    ofText(cell === null ? '' : textOf(cell), into, at);
  if (column.type !== 'numeric' || column.date !== undefined) {
    return { column, missing, tally, ofCell, ofBytes: memoized(ofText, tally) };
  }
  return {
    column,
    missing,
    tally,
    ofCell(cell, into, at) {
      if (typeof cell !== 'number') return ofCell(cell, into, at);
      into[at] = finite(cell, tally);
      return true;
    },
    ofBytes(bytes, start, end, into, at) {
      return readDecimal(bytes, start, end, into, at) || ofText(decoder.decode(bytes.subarray(start, end)), into, at);
    },
  };
}

/** A number as float32 can hold it; an infinite one, which no density explains, is missing. */
function finite(value: number, tally: CellReader['tally']): number {
  if (Number.isFinite(Math.fround(value)) || Number.isNaN(value)) return value;
  tally.infinite += 1;
  return Number.NaN;
}

/** The number of a text that is not missing; undefined where it can be none. */
function parserOf(column: Column, tally: CellReader['tally']): (text: string) => number | undefined {
  if (column.type === 'numeric') {
    const { date } = column;
    return text => {
      const value = date ? dateOf(text) : numberOf(text);
      if (value === undefined) return undefined;
      return date ? daysSince(value, date) : finite(value, tally);
    };
  }
  const names = namesOf(column);
  const indices = new Map(names.map((name, i) => [name, i]));
  const rest = column.type === 'categorical' && column.pooled !== undefined ? names.length - 1 : undefined;
  return text => {
    const index = indices.get(text) ?? rest;
    if (index !== undefined) return index;
    tally.unseen += 1;
    tally.first ??= text;
    return Number.NaN;
  };
}

/** What a column that is not numeric calls its values, by number. */
export function namesOf(column: Exclude<Column, { type: 'numeric' }>): readonly string[] {
  if (column.type === 'binary') return column.labels ?? ['0', '1'];
  const { categories } = column;
  return typeof categories === 'number' ? Array.from({ length: categories }, (_, i) => `${i}`) : categories;
}

/** Powers of ten that float64 holds exactly. */
const powers = Array.from({ length: 23 }, (_, i) => 10 ** i);

/**
 * Reads digits with at most one point between them. Up to 2⁵³ they are a whole number that float64 holds exactly, and so is
 * the power of ten that it is divided by: the quotient is rounded once, as `Number` does it (Clinger 1990, "How to Read
 * Floating Point Numbers Accurately"). False of anything else, which may still be a number.
 */
function readDecimal(bytes: Uint8Array, start: number, end: number, into: Float32Array, at: number): boolean {
  let i = start;
  const negative = bytes[i] === 0x2d;
  if (negative) i++;
  let digits = 0;
  let point = -1;
  const first = i;
  for (; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit >= 0 && digit <= 9) digits = 10 * digits + digit;
    else if (digit === -2 && point < 0) point = i;
    else return false;
  }
  const count = end - first - (point < 0 ? 0 : 1);
  if (count === 0 || count > 15) return false;
  const value = point < 0 ? digits : digits / powers[end - point - 1]!;
  into[at] = negative ? -value : value;
  return true;
}

/** How many different texts of a column are remembered. */
const remembered = 4096;

/** Reads texts that come again and again, without making strings of those that were read before. */
function memoized(
  ofText: (text: string, into: Float32Array, at: number) => boolean,
  tally: CellReader['tally'],
): CellReader['ofBytes'] {
  const known = new Map<number, { readonly text: Uint8Array; readonly value: number }>();
  return (bytes, start, end, into, at) => {
    // FNV-1a.
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const found = known.get(hash);
    if (found !== undefined && equals(found.text, bytes, start, end)) {
      into[at] = found.value;
      return true;
    }
    const { unseen } = tally;
    if (!ofText(decoder.decode(bytes.subarray(start, end)), into, at)) return false;
    // What was unseen is to be counted each time.
    if (found === undefined && known.size < remembered && tally.unseen === unseen) {
      known.set(hash, { text: Uint8Array.from(bytes.subarray(start, end)), value: into[at]! });
    }
    return true;
  };
}

function equals(text: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text[i] !== bytes[start + i]) return false;
  return true;
}

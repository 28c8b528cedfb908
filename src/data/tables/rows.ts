// Where the rows of a text file stand: one pass over its bytes, which also gives their hash. A row ends with its line, but
// not within quotes. What is kept is where each block of rows begins.

import { LatentkitError } from '../../errors.ts';
import type { ByteSource } from './bytes.ts';

/** How the file of a table is laid out. Lines are counted from 1, rows and blocks from 0. */
interface RowIndex {
  readonly rows: number;
  /** Rows of a block; the last may have fewer. */
  readonly block: number;
  /** Where each block begins, and at last where the file ends. */
  readonly offsets: readonly number[];
  /** The line in which each block begins. */
  readonly lines: readonly number[];
  /** From where to where the line with the columns' names stands, where there is one. */
  readonly header: readonly [start: number, end: number] | undefined;
  readonly sha256: string;
}

interface IndexOptions {
  /** What errors call the file. */
  readonly name: string;
  /** The byte between two values where values may be quoted; undefined where a line is a row whatever is in it. */
  readonly delimiter: number | undefined;
  /** Whether the first line has the columns' names. */
  readonly header: boolean;
  /** Rows of a block; by their length by default. */
  readonly block?: number | undefined;
}

const [newline, carriageReturn, quote] = [0x0a, 0x0d, 0x22] as const;
const chunkBytes = 2 ** 22;
/** About what a block is to have. */
const blockBytes = 2 ** 19;

/**
 * Finds the rows. Lines that are empty are none.
 * @throws LatentkitError `data` where quotes are never closed.
 */
export function indexRows(source: ByteSource, options: IndexOptions): RowIndex {
  const { name, delimiter } = options;
  const hash = source.sha256();
  const offsets: number[] = [];
  const lines: number[] = [];
  let header: RowIndex['header'];
  let { block = 0 } = options;
  let rows = 0;
  let line = 1;
  let lineStart = 0;
  // Of the row that is being read: whether anything stands in it, and where its quotes opened.
  let empty = true;
  let rowLine = 1;
  let opened = 0;
  // Within quotes; and whether a quote here would open some, which it does at a value's start alone.
  let quoted = false;
  let starts = true;
  const endRow = (end: number): void => {
    if (!empty && options.header && header === undefined) header = [lineStart, end];
    else if (!empty) {
      if (rows % block === 0) {
        offsets.push(lineStart);
        lines.push(rowLine);
      }
      rows += 1;
    }
    empty = true;
  };
  for (let at = 0; at < source.size; at += chunkBytes) {
    const chunk = source.read(at, Math.min(source.size, at + chunkBytes));
    hash.update(chunk);
    const bom = at === 0 && hasByteOrderMark(chunk) ? 3 : 0;
    if (at === 0) {
      block ||= blockOf(chunk.subarray(0, 2 ** 16));
      lineStart = bom;
    }
    const mayQuote = delimiter !== undefined && (quoted || chunk.includes(quote));
    for (let i = bom; i < chunk.length; i++) {
      if (!mayQuote) {
        const found = chunk.indexOf(newline, i);
        const end = found < 0 ? chunk.length : found;
        empty &&= isBlank(chunk, i, end);
        if (found < 0) {
          starts = chunk[end - 1] === delimiter;
          break;
        }
        i = end;
      }
      const byte = chunk[i]!;
      if (byte === newline) {
        line += 1;
        if (quoted) continue;
        endRow(at + i);
        lineStart = at + i + 1;
        rowLine = line;
        starts = true;
      } else if (quoted) {
        // A doubled quote closes and opens again at once, which comes to the same.
        if (byte === quote) quoted = false;
        starts = byte === quote;
      } else if (byte === quote && starts) {
        quoted = true;
        opened = line;
        empty = false;
      } else if (byte !== carriageReturn) {
        empty = false;
        starts = byte === delimiter;
      }
    }
  }
  if (quoted) {
    throw new LatentkitError(
      'data',
      `${name}: line ${opened}: expected that quotes are closed, but the file ends within those that open here. Close ` +
        'them, or double a quote that is part of a value.',
    );
  }
  endRow(source.size);
  offsets.push(source.size);
  return { rows, block, offsets, lines, header, sha256: hash.hex() };
}

/** Whether there is nothing but carriage returns. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  while (i < end && bytes[i] === carriageReturn) i++;
  return i === end;
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** How many rows make a block of a useful size, by the mean length of the first lines: a power of two. */
function blockOf(bytes: Uint8Array): number {
  let lines = 1;
  for (const byte of bytes) if (byte === newline) lines += 1;
  return 2 ** Math.max(4, Math.min(13, Math.round(Math.log2((blockBytes * lines) / (bytes.length + 1)))));
}

// CSV and TSV (RFC 4180): values between delimiters, quoted where they hold a delimiter, a quote (doubled) or the end of a
// line. Rows are read from bytes by one loop, which hands over where each value stands.

import { LatentkitError } from '../../errors.ts';
import { openBytes } from './bytes.ts';
import { type Cell, numberOf } from './readers.ts';
import { indexRows, isBlank } from './rows.ts';
import { cannotRead, checkFields, rowsOfBlock, type TableFile } from './table-file.ts';

interface CsvOptions {
  readonly delimiter?: string | undefined;
  readonly header?: boolean | undefined;
  /** Rows of a block. */
  readonly block?: number | undefined;
}

const [newline, quote, tab, carriageReturn, space] = [0x0a, 0x22, 0x09, 0x0d, 0x20] as const;
const decoder = new TextDecoder();

/**
 * Opens a file of delimited values.
 * @throws LatentkitError `data` where it is empty or has no rows, where quotes are not closed, or a name stands twice.
 */
export async function openCsv(path: string, options: CsvOptions): Promise<TableFile> {
  const bytes = await openBytes(path);
  const start = bytes.read(0, Math.min(bytes.size, 2 ** 16));
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) {
    throw new LatentkitError('data', `${path}: expected UTF-8, got UTF-16. Save the file as UTF-8.`);
  }
  const delimiter = options.delimiter?.charCodeAt(0) ?? guessDelimiter(start);
  const index = indexRows(bytes, { name: path, delimiter, header: options.header !== false, block: options.block });
  const { rows, block, offsets, lines, header, sha256 } = index;
  const blockBytes = (index: number): Uint8Array => bytes.read(offsets[index]!, offsets[index + 1]!);
  if (rows === 0) throw noRows(path, header !== undefined);
  const fields = header
    ? namesIn(bytes.read(...header), delimiter)
    : namesIn(blockBytes(0), delimiter).map((_, i) => `column ${i + 1}`);
  checkFields(path, fields);
  if (options.header === undefined && fields.every(field => numberOf(field) !== undefined)) {
    throw new LatentkitError(
      'data',
      `${path}: expected the columns' names in the first line, got numbers: ${fields.slice(0, 8).join(', ')}. Say header: ` +
        'false if the file has no names, or true if these are they.',
    );
  }
  const at = (index: number, position: number): string =>
    `${path}: line ${lines[index]! + newlines(blockBytes(index), position)}`;
  const split = (index: number, own: Uint8Array, visit: Visit): void => {
    const fail = (position: number, message: string): never => {
      throw new LatentkitError('data', `${at(index, position)}: ${message}`);
    };
    const splitter = new Splitter(own, delimiter, fail);
    for (let row = 0; !splitter.atEnd(); row++) {
      const begins = splitter.position;
      const values = splitter.row(row, visit);
      if (values === fields.length) continue;
      fail(
        begins,
        `expected ${fields.length} values, one a column, got ${values}. Mend the row: a value may have to be quoted, or the file is cut off.`,
      );
    }
  };
  return {
    path,
    format: delimiter === tab ? 'tsv' : 'csv',
    fields,
    rows,
    block,
    sha256,
    async cells(blocks) {
      const cells: Cell[][] = fields.map(() => []);
      for (const index of blocks) {
        split(index, blockBytes(index), (_, field, bytes, start, end) => {
          cells[field]?.push(decoder.decode(bytes.subarray(start, end)));
        });
      }
      return cells;
    },
    async open(readers) {
      const width = readers.length;
      const places = new Int32Array(fields.length).fill(-1);
      readers.forEach(({ field }, place) => {
        places[field] = place;
      });
      return index => {
        const own = blockBytes(index);
        const into = new Float32Array(rowsOfBlock({ rows, block }, index) * width);
        split(index, own, (row, field, bytes, start, end, position) => {
          const place = places[field] ?? -1;
          if (place < 0) return;
          const { reader } = readers[place]!;
          if (reader.ofBytes(bytes, start, end, into, row * width + place)) return;
          throw cannotRead(at(index, position), reader.column, decoder.decode(bytes.subarray(start, end)));
        });
        return into;
      };
    },
  };
}

/** Is told of a value: the bytes from `start` to `end` of an array, and its position in the block. */
type Visit = (row: number, field: number, bytes: Uint8Array, start: number, end: number, position: number) => void;

/** Goes through whole rows, value by value. */
class Splitter {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #delimiter: number;
  readonly #fail: (position: number, message: string) => never;

  constructor(bytes: Uint8Array, delimiter: number, fail: (position: number, message: string) => never) {
    this.#bytes = bytes;
    this.#delimiter = delimiter;
    this.#fail = fail;
  }

  /** Whether no row is left; lines that are empty are passed over. */
  atEnd(): boolean {
    const bytes = this.#bytes;
    while (
      this.position < bytes.length &&
      (bytes[this.position] === newline || bytes[this.position] === carriageReturn)
    ) {
      const end = this.#valueEnd(this.position);
      if (bytes[end] === this.#delimiter || !isBlank(bytes, this.position, end)) return false;
      this.position = end + 1;
    }
    return this.position >= bytes.length;
  }

  /** Goes through the values of the row that begins here, and gives how many there are. */
  row(row: number, visit: Visit): number {
    const bytes = this.#bytes;
    let i = this.position;
    for (let field = 0; ; field++, i++) {
      const position = i;
      if (bytes[i] === quote) {
        const close = closingQuote(bytes, i);
        i = this.#valueEnd(close + 1);
        if (trimmedEnd(bytes, close + 1, i) > close + 1) {
          this.#fail(
            position,
            'expected the end of a value after its closing quote. Double a quote that is part of it.',
          );
        }
        const own = unquoted(bytes.subarray(position + 1, close));
        visit(row, field, own, trimmedStart(own, 0, own.length), trimmedEnd(own, 0, own.length), position);
      } else {
        i = this.#valueEnd(i);
        const start = trimmedStart(bytes, position, i);
        visit(row, field, bytes, start, trimmedEnd(bytes, start, i), position);
      }
      if (i < bytes.length && bytes[i] !== newline) continue;
      this.position = i + 1;
      return field + 1;
    }
  }

  #valueEnd(from: number): number {
    const bytes = this.#bytes;
    const delimiter = this.#delimiter;
    const { length } = bytes;
    let i = from;
    while (i < length && bytes[i] !== delimiter && bytes[i] !== newline) i++;
    return Math.min(i, length);
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === space || byte === carriageReturn || byte === tab || byte === newline;
}

function trimmedStart(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && isSpace(bytes[i])) i++;
  return i;
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && isSpace(bytes[i - 1])) i--;
  return i;
}

/** Where the quotes close that open at `start`: at a quote that is not doubled. */
function closingQuote(bytes: Uint8Array, start: number): number {
  for (let i = start + 1; ; i += 2) {
    i = bytes.indexOf(quote, i);
    if (i < 0) return bytes.length;
    if (bytes[i + 1] !== quote) return i;
  }
}

/** What stands between quotes, with doubled ones as one. */
function unquoted(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(quote)) return bytes;
  let second = false;
  return bytes.filter(byte => {
    second = byte === quote && !second;
    return byte !== quote || second;
  });
}

/** The texts of the first row. */
function namesIn(bytes: Uint8Array, delimiter: number): string[] {
  const names: string[] = [];
  const splitter = new Splitter(bytes, delimiter, (_, message) => {
    throw new LatentkitError('data', `the first line: ${message}`);
  });
  splitter.row(0, (_, field, own, start, end) => {
    names.push(decoder.decode(own.subarray(start, end)) || `column ${field + 1}`);
  });
  return names;
}

/** What the first line has most of, outside of quotes; a comma where it has none. */
function guessDelimiter(bytes: Uint8Array): number {
  const counts = new Map([',', ';', '\t', '|'].map(text => [text.charCodeAt(0), 0]));
  let quoted = false;
  for (const byte of bytes) {
    if (byte === quote) quoted = !quoted;
    else if (byte === newline && !quoted) break;
    else if (!quoted && counts.has(byte)) counts.set(byte, counts.get(byte)! + 1);
  }
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}

/** How many lines end before a position. */
function newlines(bytes: Uint8Array, position: number): number {
  let count = 0;
  for (let i = bytes.indexOf(newline); i >= 0 && i < position; i = bytes.indexOf(newline, i + 1)) count += 1;
  return count;
}

function noRows(path: string, header: boolean): LatentkitError {
  const got = header ? 'the line with the names of columns alone' : 'an empty file';
  return new LatentkitError('data', `${path}: expected rows of a table, got ${got}. Name a file with data.`);
}

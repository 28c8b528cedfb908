// Records that come one at a time, such as lines of NDJSON: objects by the names of a table's columns, or lists in their order,
// as the numbers that a model takes. The treatment is that of files: what is missing, null, infinite or an unseen category
// without a pool is missing; fields that no column has are left out.

import type { Column } from '../../columns.ts';
import { LatentkitError } from '../../errors.ts';
import { nearest } from '../../suggest.ts';
import { missingTexts } from './config.ts';
import { JsonLayout } from './json-layout.ts';
import { type Cell, cellReader } from './readers.ts';
import { cannotRead } from './table-file.ts';

/** Reads records as rows of numbers. */
export interface RecordReader {
  /**
   * Reads a record of JSON whose fields stand as those of the last record did, from its bytes: numbers of numeric columns, texts
   * without escapes, null. False of any other, which may be one all the same: then it is to be parsed, and given to `read`.
   */
  readJson(bytes: Uint8Array, start: number, end: number, into: Float32Array, at: number): boolean;
  /**
   * Writes a record's numbers, one a column, at a place.
   * @throws LatentkitError `data` where it is no record of these columns, or a column cannot have its value.
   */
  read(record: unknown, into: Float32Array, at: number): void;
  /** How many values were taken as missing though something stood there: unseen categories, infinite numbers. */
  taken(): { readonly unseen: number; readonly infinite: number };
}

/**
 * A reader of records with these columns.
 * @param missing the texts that stand for a missing value.
 */
export function recordReader(columns: readonly Column[], missing: readonly string[] = missingTexts): RecordReader {
  const texts = new Set(missing);
  const readers = columns.map(column => cellReader(column, texts));
  const names = columns.map(({ name }) => name);
  const write = (place: number, value: unknown, into: Float32Array, at: number): void => {
    const cell = cellOf(value);
    if (!readers[place]!.ofCell(cell, into, at)) throw cannotRead('the row', columns[place]!, String(cell));
  };
  const layout = new JsonLayout(readers);
  return {
    readJson: (bytes, start, end, into, at) => layout.read(bytes, start, end, into, at),
    read(record, into, at) {
      if (typeof record !== 'object' || record === null) throw noRecord(names, record);
      if (Array.isArray(record)) {
        if (record.length !== names.length) throw noRecord(names, record);
        for (let i = 0; i < names.length; i++) write(i, record[i], into, at + i);
        return;
      }
      const fields = record as Readonly<Record<string, unknown>>;
      let absent = 0;
      for (let i = 0; i < names.length; i++) {
        const name = names[i]!;
        const value = fields[name];
        if (value === undefined || !Object.hasOwn(fields, name)) {
          into[at + i] = Number.NaN;
          absent++;
        } else if (typeof value === 'number') {
          if (!readers[i]!.ofCell(value, into, at + i)) throw cannotRead('the row', columns[i]!, String(value));
        } else write(i, value, into, at + i);
      }
      if (absent > 0) checkNames(fields, names);
      else layout.learn(Object.keys(fields));
    },
    taken: () => ({
      unseen: readers.reduce((sum, { tally }) => sum + tally.unseen, 0),
      infinite: readers.reduce((sum, { tally }) => sum + tally.infinite, 0),
    }),
  };
}

/** A field that is left out is missing; but one that stands there under another name, or all of them, was not meant so. */
function checkNames(fields: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  const absent = names.filter(name => !Object.hasOwn(fields, name));
  if (absent.length === names.length) throw noRecord(names, fields);
  const others = Object.keys(fields).filter(field => !names.includes(field));
  for (const name of absent) {
    const meant = nearest(name, others);
    if (meant === undefined) continue;
    throw new LatentkitError(
      'data',
      `expected a field ${JSON.stringify(name)}, got none, but ${JSON.stringify(meant)}. Rename it; or give null where the ` +
        'value is missing.',
    );
  }
}

function noRecord(names: readonly string[], got: unknown): LatentkitError {
  const some = names.slice(0, 8).map(name => JSON.stringify(name));
  const text = JSON.stringify(got) ?? String(got);
  return new LatentkitError(
    'data',
    `expected an object with the fields ${some.join(', ')}${names.length > some.length ? ', ...' : ''}, or a list of ${names.length} ` +
      `values, got ${text.length > 60 ? `${text.slice(0, 57)}...` : text}.`,
  );
}

/** A value as a cell; what is nested within it as the text that it is. */
function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}

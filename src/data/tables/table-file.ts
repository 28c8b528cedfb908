// A table's file as everything else sees it, whatever its format: named fields, and rows that are read by blocks.

import type { Column } from '../../columns.ts';
import { LatentkitError } from '../../errors.ts';
import type { Cell, CellReader } from './readers.ts';

/** Reads the rows of a block as numbers, [rows, width]. */
export type BlockReader = (block: number) => Float32Array;

export interface TableFile {
  readonly path: string;
  /** `csv`, `parquet`, ... */
  readonly format: string;
  readonly fields: readonly string[];
  readonly rows: number;
  /** Rows of a block; the last may have fewer. */
  readonly block: number;
  /** SHA-256 of the file's contents. */
  readonly sha256: string;
  /** The cells of some blocks, field by field. */
  cells(blocks: readonly number[]): Promise<readonly (readonly Cell[])[]>;
  /**
   * Makes ready to read some fields as numbers: a row has one for each reader, in their order.
   * @throws LatentkitError `data` that names line and column of what cannot be read; of files read by blocks, when it is read.
   */
  open(readers: readonly FieldReader[]): Promise<BlockReader>;
}

/** Reads one field of a file. */
export interface FieldReader {
  readonly field: number;
  readonly reader: CellReader;
}

/** The rows of a block: as many as any, or those that are left. */
export function rowsOfBlock({ rows, block }: Pick<TableFile, 'rows' | 'block'>, index: number): number {
  return Math.min(block, rows - index * block);
}

/** How many blocks there are. */
export function blockCount({ rows, block }: Pick<TableFile, 'rows' | 'block'>): number {
  return Math.ceil(rows / block);
}

/** The error about a cell that its column cannot have. */
export function cannotRead(place: string, column: Column, got: string): LatentkitError {
  const expected = column.type === 'numeric' && column.date ? 'a date such as 2012-03-31' : 'a number';
  const name = JSON.stringify(column.name);
  return new LatentkitError(
    'data',
    `${place}, column ${name}: expected ${expected}, got ${JSON.stringify(got)}. Mend the value; or, if it stands for a ` +
      `missing one, add it to "missing"; or say what the column is, such as columns: { ${name}: { type: "categorical" } }.`,
  );
}

/** Checks the names of a file's fields. */
export function checkFields(path: string, fields: readonly string[]): void {
  const twice = fields.find((field, i) => fields.indexOf(field) !== i);
  if (twice === undefined) return;
  throw new LatentkitError(
    'data',
    `${path}: expected each column's name once, got ${JSON.stringify(twice)} several times. Rename one of them.`,
  );
}

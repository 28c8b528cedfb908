// Files that tasks' results are written to: the ending of the name says the format.

import { basename, dirname, extname } from 'node:path';
import { encodeNpy } from '../arrays/index.ts';
import { areImages, nodeFolder } from '../artifact/index.ts';
import { type Column as TableColumn, writeTable } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { encodePng, type Picture } from '../images/index.ts';
import type { HostTensor } from '../runtime/index.ts';

/** Rows that can be written as a picture, an array or a table. */
export interface Rows {
  /** What the numbers of a row are, where the rows are those of a table. */
  readonly columns?: readonly TableColumn[] | undefined;
  /** [n, ...shape]. */
  readonly values: HostTensor;
  /** The rows as one picture; only asked for where they are images. */
  readonly picture?: () => Picture;
}

/** NAME.png where rows of this shape are images, NAME.csv where they have columns, else NAME.npy. */
export function defaultOut(name: string, shape: readonly number[], columns?: readonly TableColumn[]): string {
  if (columns) return `${name}.csv`;
  return `${name}.${areImages(shape) ? 'png' : 'npy'}`;
}

const tableFormats = ['csv', 'tsv', 'ndjson', 'parquet'] as const;

/**
 * Writes rows to a file: .png, .npy or .csv; those of a table by what its columns mean, as .csv, .tsv, .ndjson, .parquet or .npy.
 * @throws LatentkitError `usage` where the ending is another, or the rows are no images; `io` where it cannot be written.
 */
export async function writeRows(path: string, { values, picture, columns }: Rows): Promise<void> {
  if (columns) {
    const format = formatOf(path, [...tableFormats, 'npy']);
    const rows = Float32Array.from(values.data);
    return writeFile(path, format === 'npy' ? encodeNpy(values) : await writeTable(rows, columns, { format }));
  }
  const format = formatOf(path, ['png', 'npy', 'csv']);
  if (format === 'png') expectImages(path, values);
  if (format === 'png' && picture) await writeFile(path, encodePng(picture()));
  else if (format === 'npy') await writeFile(path, encodeNpy(values));
  else await writeFile(path, csv(csvColumns('x', values), values.shape[0] ?? 0));
}

/** Throws a LatentkitError `usage` where rows [n, ...shape], of which a picture is to be made, are no images. */
export function expectImages(path: string, { shape: [, ...shape] }: HostTensor): void {
  if (areImages(shape)) return;
  throw new LatentkitError(
    'usage',
    `${path}: rows of [${shape.join(', ')}] are no images; end the name in .npy or .csv.`,
  );
}

/** A file's format by its ending. Throws a LatentkitError `usage` that lists those there are. */
export function formatOf<F extends string>(path: string, formats: readonly F[]): F {
  const ending = extname(path).slice(1).toLowerCase();
  const format = formats.find(name => name === ending);
  if (format !== undefined) return format;
  throw new LatentkitError(
    'usage',
    `--out ${path}: expected a name that ends in ${formats.map(name => `.${name}`).join(' or ')}.`,
  );
}

/** Writes a whole file, and the folders on the way to it. */
export async function writeFile(path: string, content: Uint8Array | string): Promise<void> {
  const folder = await nodeFolder(dirname(path), { create: true });
  await folder.write(basename(path), content);
}

/** A column of a table. */
export interface Column {
  readonly name: string;
  readonly at: (row: number) => number | string;
}

/** Columns NAME_0, NAME_1, ... of the values of each row. */
export function csvColumns(name: string, { shape, data }: HostTensor): Column[] {
  const width = shape.slice(1).reduce((a, b) => a * b, 1);
  return Array.from({ length: width }, (_, i) => ({ name: `${name}_${i}`, at: row => data[row * width + i]! }));
}

/** A table as RFC 4180 has it. */
export function csv(columns: readonly Column[], rows: number): string {
  const lines = [columns.map(({ name }) => quoted(name)).join(',')];
  for (let row = 0; row < rows; row++) lines.push(columns.map(({ at }) => quoted(String(at(row)))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

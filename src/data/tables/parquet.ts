// Parquet: columns in groups of rows, compressed. Single rows cannot be read from it at once, so it is decoded a group at a
// time: into memory where it fits, else into a file of float32 rows in the cache, made once for a file and its columns.

import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { LatentkitError } from '../../errors.ts';
import { explained } from '../../io-error.ts';
import { cacheFolder } from '../cache-folder.ts';
import { type ByteSource, openBytes } from './bytes.ts';
import type { Cell } from './readers.ts';
import { cannotRead, checkFields, type FieldReader, rowsOfBlock, type TableFile } from './table-file.ts';

/** Float32 rows up to this many bytes are kept in memory. */
const inMemory = 2 ** 27;
/** Rows of a block: what the cache gives by one reading. */
const rowsOfBlocks = 2048;

interface Group {
  /** The rows of the file that are its own. */
  readonly start: number;
  readonly end: number;
}

/**
 * Opens a Parquet file. Columns that have others within them are left out.
 * @throws LatentkitError `data` where it is no Parquet file, is cut off, or has no rows.
 */
export async function openParquet(
  path: string,
  options: { readonly block?: number | undefined; readonly inMemory?: number | undefined },
): Promise<TableFile> {
  const [{ parquetMetadataAsync, parquetRead, parquetSchema }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const bytes = await openBytes(path, { gzip: false });
  const file: AsyncBuffer = {
    byteLength: bytes.size,
    slice: (start, end = bytes.size) => bytes.read(start, end).buffer,
  };
  const metadata = await whole(path, () => parquetMetadataAsync(file));
  const rows = Number(metadata.num_rows);
  if (rows === 0)
    throw new LatentkitError('data', `${path}: expected rows of a table, got none. Name a file with data.`);
  const fields = parquetSchema(metadata).children.flatMap(({ children, element }) =>
    children.length === 0 ? [element.name] : [],
  );
  checkFields(path, fields);
  const groups = groupsOf(metadata);
  const { block = rowsOfBlocks } = options;
  const sha256 = hashOf(bytes);

  /** Hands over the cells of a column within a group, with the row of the file that each is in. */
  const eachCell = async (group: Group, field: string, visit: (row: number, cell: Cell) => void): Promise<void> => {
    await whole(path, () =>
      parquetRead({
        file,
        metadata,
        compressors,
        columns: [field],
        rowStart: group.start,
        rowEnd: group.end,
        onChunk: ({ columnData, rowStart }) => {
          for (let i = 0; i < columnData.length; i++) visit(rowStart + i, cellOf(columnData[i]));
        },
      }),
    );
  };

  /** Decodes group by group, giving each group's rows to `take`. */
  const decode = async (
    readers: readonly FieldReader[],
    take: (rows: Float32Array, group: Group) => Promise<void> | void,
  ): Promise<void> => {
    const width = readers.length;
    for (const group of groups) {
      const into = new Float32Array((group.end - group.start) * width);
      for (const [place, { reader, field }] of readers.entries()) {
        await eachCell(group, fields[field]!, (row, cell) => {
          if (row < group.start || row >= group.end) return;
          if (reader.ofCell(cell, into, (row - group.start) * width + place)) return;
          throw cannotRead(`${path}: row ${row + 1}`, reader.column, String(cell));
        });
      }
      await take(into, group);
    }
  };

  return {
    path,
    format: 'parquet',
    fields,
    rows,
    block,
    sha256,
    async cells(blocks) {
      const wanted = new Set(blocks);
      const near = groups.filter(({ start, end }) =>
        blocks.some(index => index * block < end && (index + 1) * block > start),
      );
      const cells: Cell[][] = [];
      for (const field of fields) {
        const own: Cell[] = [];
        for (const group of near) {
          await eachCell(group, field, (row, cell) => {
            if (wanted.has(Math.floor(row / block))) own.push(cell);
          });
        }
        cells.push(own);
      }
      return cells;
    },
    async open(readers) {
      const width = readers.length;
      const size = { rows, block };
      if (4 * rows * width <= (options.inMemory ?? inMemory)) {
        const all = new Float32Array(rows * width);
        await decode(readers, (part, { start }) => all.set(part, start * width));
        return index => all.slice(index * block * width, (index * block + rowsOfBlock(size, index)) * width);
      }
      const columns = readers.map(({ reader: { column, missing } }) => ({ column, missing: [...missing] }));
      const cached = await rowsInCache(sha256, { path, columns, bytes: 4 * rows * width }, take =>
        decode(readers, take),
      );
      return index => {
        const start = 4 * index * block * width;
        return new Float32Array(cached.read(start, start + 4 * rowsOfBlock(size, index) * width).buffer);
      };
    },
  };
}

function groupsOf({ row_groups }: FileMetaData): Group[] {
  let end = 0;
  return row_groups.map(({ num_rows }) => {
    const start = end;
    end += Number(num_rows);
    return { start, end };
  });
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return JSON.stringify(value);
}

function hashOf(bytes: ByteSource): string {
  const hash = bytes.sha256();
  const step = 2 ** 22;
  for (let at = 0; at < bytes.size; at += step) hash.update(bytes.read(at, Math.min(bytes.size, at + step)));
  return hash.hex();
}

/** Reads, and says of whatever else goes wrong that the file is damaged. */
async function whole<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof LatentkitError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new LatentkitError('data', `${path}: expected a whole Parquet file, but ${detail}. Copy or write it again.`, {
      cause,
    });
  }
}

interface Cached {
  /** The file that the rows are of, which errors name. */
  readonly path: string;
  readonly columns: readonly unknown[];
  readonly bytes: number;
}

/** A file of float32 rows in the cache: the one that is there, or a new one, which takes its name once it is whole. */
async function rowsInCache(
  sha256: string,
  { path, columns, bytes }: Cached,
  decode: (take: (rows: Float32Array) => Promise<void>) => Promise<void>,
): Promise<ByteSource> {
  const [fs, { join }, { createHash }] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
    import('node:crypto'),
  ]);
  const folder = await cacheFolder('tables');
  const key = createHash('sha256').update(JSON.stringify({ sha256, columns })).digest('hex');
  const name = join(folder, `${key}.f32`);
  const there = await fs.stat(name).catch(() => undefined);
  if (there?.size !== bytes) {
    const aside = `${name}.${process.pid}`;
    await explained(folder, 'write', () => fs.mkdir(folder, { recursive: true }));
    const file = await explained(aside, 'write', () => fs.open(aside, 'w'));
    try {
      await decode(async rows => {
        await file.writeFile(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
      });
      await file.sync();
    } catch (error) {
      await fs.rm(aside, { force: true });
      throw error instanceof LatentkitError
        ? error
        : new LatentkitError(
            'io',
            `${path}: its rows could not be kept in ${aside}. Make room there, or set LATENTKIT_CACHE.`,
            {
              cause: error,
            },
          );
    } finally {
      await file.close();
    }
    await fs.rename(aside, name);
  }
  return openBytes(name, { gzip: false });
}

// A table that is read by blocks as a data set: blocks are read when their rows are asked for, and the last ones are kept.

import { createSha256 } from '../../sha256.ts';
import { checkTarget, type Dataset, type Labels, noSuchRow } from '../dataset.ts';
import { blocksOfWindow } from '../shuffled.ts';
import { type BlockReader, rowsOfBlock, type TableFile } from './table-file.ts';

/** As many blocks as one window of a shuffle needs, and those of the next while the last of it are read. */
const kept = 2 * blocksOfWindow;

interface BlockSource extends Pick<Dataset, 'name' | 'notes'> {
  readonly file: Pick<TableFile, 'rows' | 'block' | 'sha256'>;
  readonly columns: NonNullable<Dataset['columns']>;
  /** Which blocks of the file are the data set's, in ascending order. */
  readonly blocks: Uint32Array;
  readonly read: BlockReader;
  /** Of all rows of the file. */
  readonly labels?: Labels | undefined;
}

/** Some blocks of a table's file. Its fingerprint is of the file's bytes, the columns and the blocks' numbers. */
export function blockDataset({ name, notes, file, columns, blocks, read, labels }: BlockSource): Dataset {
  const { block } = file;
  const width = columns.length;
  // The file's last block, the only one that may be short, is also the last of those that have it.
  const size = (blocks.length - 1) * block + rowsOfBlock(file, blocks.at(-1)!);
  const cache = new Map<number, Float32Array>();
  const rowsAt = (index: number): Float32Array => {
    const known = cache.get(index);
    const rows = known ?? read(blocks[index]!);
    // A map keeps the order in which its entries were put in: the first is the one that was not asked for the longest.
    cache.delete(index);
    cache.set(index, rows);
    if (cache.size > kept) cache.delete(cache.keys().next().value!);
    return rows;
  };
  const position = (row: number): number => blocks[Math.floor(row / block)]! * block + (row % block);
  let fingerprint: string | undefined;
  const dataset: Dataset = {
    name,
    notes,
    size,
    shape: [width],
    dtype: 'float32',
    range: [0, 1],
    columns,
    block,
    labels: labels && {
      ...labels,
      values: Int32Array.from({ length: size }, (_, row) => labels.values[position(row)]!),
    },
    get fingerprint() {
      fingerprint ??= fingerprintOf({ sha256: file.sha256, columns, labels: labels?.names, block }, blocks);
      return fingerprint;
    },
    position,
    async prepare(rows) {
      for (const index of new Set(Uint32Array.from(rows, row => Math.floor(row / block)))) {
        if (index < blocks.length) rowsAt(index);
      }
    },
    read(rows, into) {
      checkTarget(dataset, rows.length, into);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        if (!(row >= 0 && row < size && Number.isInteger(row))) throw noSuchRow(dataset, row);
        const start = (row % block) * width;
        into.set(rowsAt(Math.floor(row / block)).subarray(start, start + width), i * width);
      }
    },
  };
  return dataset;
}

function fingerprintOf(settings: object, blocks: Uint32Array): string {
  const hash = createSha256();
  hash.update(new TextEncoder().encode(JSON.stringify(settings)));
  hash.update(new Uint8Array(blocks.buffer, blocks.byteOffset, blocks.byteLength));
  return hash.hex();
}

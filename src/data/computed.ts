// Data sets whose rows are computed one by one when they are read, out of something smaller that is in memory.

import { checkTarget, type Dataset, defineDataset, noSuchRow, rowSize } from './dataset.ts';

/** All of a data set but how its rows are read; the position of a row is its number unless told. */
type Parts = Omit<Dataset, 'fingerprint' | 'read' | 'position' | 'prepare'> & Partial<Pick<Dataset, 'position'>>;

/**
 * A data set of a function that writes one row.
 * @param fill writes the row of a number to the whole of `into`, which has the data set's dtype.
 */
export function computedDataset(parts: Parts, fill: (row: number, into: Uint8Array | Float32Array) => void): Dataset {
  const width = rowSize(parts);
  const dataset: Dataset = defineDataset({
    position: row => row,
    ...parts,
    read(rows, into) {
      checkTarget(dataset, rows.length, into);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        if (!(row >= 0 && row < dataset.size && Number.isInteger(row))) throw noSuchRow(dataset, row);
        fill(row, into.subarray(i * width, (i + 1) * width));
      }
    },
  });
  return dataset;
}

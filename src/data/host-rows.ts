// Rows of a data set as the host tensor that models take, with the labels and attributes that belong to them.

import { float32, type HostTensor, int32, type RowTensor } from '../runtime/host.ts';
import { attributesAt, type Dataset, rowSize, typedArray } from './dataset.ts';

/** Rows `start` up to, not including, `end`: [end − start, ...shape] of the data set's dtype. */
export function hostRows(dataset: Dataset, start: number, end: number): Promise<RowTensor> {
  return hostRowsAt(
    dataset,
    Uint32Array.from({ length: end - start }, (_, i) => start + i),
  );
}

/** Single rows, in the order given: [rows, ...shape] of the data set's dtype. */
export async function hostRowsAt(dataset: Dataset, rows: Uint32Array | readonly number[]): Promise<RowTensor> {
  await dataset.prepare?.(rows);
  const data = typedArray(dataset.dtype, rows.length * rowSize(dataset));
  dataset.read(rows, data);
  const { labels } = dataset;
  const attributes = attributesAt(dataset, rows);
  return {
    ...hostTensorOf(data, [rows.length, ...dataset.shape]),
    ...(labels && {
      label: int32(
        Int32Array.from(rows, row => labels.values[row]!),
        [rows.length],
      ),
    }),
    ...(attributes && { attributes: float32(attributes, [rows.length, attributes.length / rows.length]) }),
  };
}

/** A typed array of rows with its shape. */
export function hostTensorOf(
  data: Uint8Array | Float32Array,
  shape: readonly number[],
): HostTensor<'uint8'> | HostTensor<'float32'> {
  return data instanceof Uint8Array ? { dtype: 'uint8', shape, data } : { dtype: 'float32', shape, data };
}

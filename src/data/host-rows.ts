// Rows of a data set as the host tensor that models take.

import type { HostTensor } from '../runtime/host.ts';
import { type Dataset, readRange } from './dataset.ts';

/** Rows `start` up to, not including, `end`: [end − start, ...shape] of the data set's dtype. */
export function hostRows(dataset: Dataset, start: number, end: number): HostTensor {
  return hostTensorOf(readRange(dataset, start, end), [end - start, ...dataset.shape]);
}

/** A typed array of rows with its shape. */
export function hostTensorOf(
  data: Uint8Array | Float32Array,
  shape: readonly number[],
): HostTensor<'uint8'> | HostTensor<'float32'> {
  return data instanceof Uint8Array ? { dtype: 'uint8', shape, data } : { dtype: 'float32', shape, data };
}

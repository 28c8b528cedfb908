// Rows in batches of one size. Matrix products of other sizes may be summed in another order, and a row's score would then
// depend, in its last bits, on what it was batched with: so the last batch is filled up.

import { hostTensorOf } from '../../data/index.ts';
import { companionsAt, rowRange } from '../../models/index.ts';
import type { RowTensor } from '../../runtime/index.ts';

/** Rows of each run. */
export const batchRows = 256;

/** Calls `run` with each batch in turn, and with how many of its rows are to be kept. */
export async function inBatches(
  rows: RowTensor,
  run: (batch: RowTensor, kept: { readonly start: number; readonly count: number }) => Promise<void>,
): Promise<void> {
  const total = rows.shape[0] ?? 0;
  for (let start = 0; start < total; start += batchRows) {
    const count = Math.min(batchRows, total - start);
    const part = rowRange(rows, start, start + count);
    await run(count === batchRows ? part : filledUp(part, count), { start, count });
  }
}

/** The rows, and the last of them as often again as makes a batch. */
function filledUp(rows: RowTensor, count: number): RowTensor {
  const [, ...row] = rows.shape;
  const width = row.reduce((a, b) => a * b, 1);
  const last = rows.data.subarray((count - 1) * width, count * width);
  const data =
    rows.data instanceof Float32Array ? new Float32Array(batchRows * width) : new Uint8Array(batchRows * width);
  data.set(rows.data);
  for (let i = count; i < batchRows; i++) data.set(last, i * width);
  const from = Array.from({ length: batchRows }, (_, i) => Math.min(i, count - 1));
  return { ...hostTensorOf(data, [batchRows, ...row]), ...companionsAt(rows, from) };
}

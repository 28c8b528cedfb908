// Tables as Parquet files: numbers as float64 or, where all are whole, as int32, and texts.

import type { Column } from './output.ts';

/** A table as the bytes of a Parquet file. */
export async function parquet(columns: readonly Column[], rows: number): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = columns.map(({ name, at }) => {
    const data = Array.from({ length: rows }, (_, row) => at(row));
    return { name, data, type: typeOf(data) };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function typeOf(values: readonly (number | string)[]): 'INT32' | 'DOUBLE' | 'STRING' {
  if (values.some(value => typeof value === 'string')) return 'STRING';
  return values.every(value => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31) ? 'INT32' : 'DOUBLE';
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import papaparse from 'papaparse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Column } from '../../columns.ts';
import { readRange } from '../dataset.ts';
import { tableLoader } from './loader.ts';
import { type TableFormat, tableCells, writeTable } from './write.ts';

const columns: readonly Column[] = [
  { name: 'age', type: 'numeric', integer: true, min: 18, max: 90 },
  { name: 'dose, mg', type: 'numeric', min: 0, max: 2.5 },
  { name: 'born', type: 'numeric', date: { origin: '1990-01-01', time: false } },
  { name: 'seen', type: 'numeric', date: { origin: '2020-02-28', time: true } },
  { name: 'smoker', type: 'binary', labels: ['false', 'true'] },
  { name: 'doses', type: 'binary', labels: ['1', '2'] },
  { name: 'city', type: 'categorical', categories: ['Bern', '"Rome", IT', 'Os\nlo'] },
];
const nan = Number.NaN;
const rows = Float32Array.from([
  ...[31.4, 0.1, 0, 2.25, 1, 0, 1],
  ...[150, -3, 365.4, 0.5, 0, 1, 2],
  ...[nan, nan, nan, nan, nan, nan, nan],
  ...[3, 1 / 3, -1, 1.75, 0.6, 0.2, 7],
]);
const missing = columns.map(() => null);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latentkit-write-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a table that is written', () => {
  it('has whole integers, dates, names, and nothing beyond what was seen', () => {
    const cells = tableCells(rows, columns);
    const line = (i: number) => cells.map(own => own[i]);
    expect(line(0)).toEqual([31, 0.1, '1990-01-01', '2020-03-01T06:00:00Z', true, 1, '"Rome", IT']);
    expect(line(1)).toEqual([90, 0, '1991-01-01', '2020-02-28T12:00:00Z', false, 2, 'Os\nlo']);
    expect(line(2)).toEqual(missing);
    expect(line(3)).toEqual([18, 0.33333334, '1989-12-31', '2020-02-29T18:00:00Z', true, 1, 'Os\nlo']);
  });

  it('has nothing beyond what was seen where float32 is coarser than whole numbers', () => {
    const gross: Column = { name: 'gross', type: 'numeric', integer: true, min: 16_777_217, max: 760_167_650 };
    // Their neighbours in float32: 760,167,680 and 16,777,216.
    expect(tableCells(Float32Array.of(760_167_650, 16_777_217), [gross])[0]).toEqual([760_167_650, 16_777_217]);
  });

  it('is CSV that papaparse reads, also where a line would be empty', async () => {
    const text = new TextDecoder().decode(await writeTable(rows, columns, { format: 'csv' }));
    const parsed = papaparse.parse<string[]>(text.trimEnd(), { newline: '\n' }).data;
    expect(parsed[0]).toEqual(columns.map(({ name }) => name));
    expect(parsed[1]).toEqual(['31', '0.1', '1990-01-01', '2020-03-01T06:00:00Z', 'true', '1', '"Rome", IT']);
    expect(parsed[3]).toEqual(columns.map(() => ''));
    const one = await writeTable(Float32Array.of(20, nan, 30), columns.slice(0, 1), { format: 'csv' });
    expect(new TextDecoder().decode(one)).toBe('age\n20\n""\n30\n');
  });

  it.each<TableFormat>(['csv', 'tsv', 'ndjson', 'parquet'])('comes back the same by %s', async format => {
    const path = join(folder, `table.${format}`);
    await writeFile(path, await writeTable(rows, columns, { format }));
    const data = await tableLoader.read({ type: 'table', path, settled: { columns } }, path);
    const again = await writeTable(readRange(data, 0, data.size) as Float32Array, columns, { format });
    expect(Buffer.from(again).equals(Buffer.from(await writeTable(rows, columns, { format })))).toBe(true);
    expect(data.size).toBe(4);
    expect([...readRange(data, 0, 1)]).toEqual([31, Math.fround(0.1), 0, 2.25, 1, 0, 1]);
  });

  it('names the members of a pool as often as they were seen, by its seed', () => {
    const column: Column = {
      name: 'city',
      type: 'categorical',
      categories: ['Bern', 'other'],
      pooled: { Rome: 30, Oslo: 10 },
    };
    const many = new Float32Array(4000).fill(1);
    const [drawn] = tableCells(many, [column], 1);
    const share = drawn!.filter(cell => cell === 'Rome').length / 4000;
    expect(new Set(drawn)).toEqual(new Set(['Rome', 'Oslo']));
    // Four standard errors of a share of 3/4.
    expect(Math.abs(share - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / 4000));
    expect(tableCells(many, [column], 1)[0]).toEqual(drawn);
    expect(tableCells(many, [column], 2)[0]).not.toEqual(drawn);
    expect(tableCells(Float32Array.of(0, 1), [{ ...column, pooled: {} }])[0]).toEqual(['Bern', 'other']);
  });
});

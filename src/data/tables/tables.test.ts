// Tables of every format, held against papaparse as an independent reader, and against themselves: a file that is read by
// blocks is to give the same rows as one that is read whole.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import papaparse from 'papaparse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Column } from '../../columns.ts';
import { type Dataset, hostRows, loadData, readRange } from '../index.ts';
import type { TableConfig } from './config.ts';
import { loadTable, tableLoader } from './loader.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latentkit-tables-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function put(content: string | Uint8Array, ending = 'csv'): Promise<string> {
  const path = join(folder, `${files++}.${ending}`);
  await writeFile(path, content);
  return path;
}

/** Every row as texts and numbers: a category by its name. */
function rowsOf(data: Dataset): (number | string | null)[][] {
  const values = readRange(data, 0, data.size);
  const columns = data.columns!;
  return Array.from({ length: data.size }, (_, row) =>
    columns.map((column, place) => {
      const value = values[row * columns.length + place]!;
      if (Number.isNaN(value)) return null;
      if (column.type === 'numeric') return value;
      const names = column.type === 'binary' ? column.labels! : (column.categories as readonly string[]);
      return names[value]!;
    }),
  );
}

/** All rows of a file, in its order, and what they were taken for. */
async function readAll(path: string, config: Partial<TableConfig> = {}): Promise<Dataset> {
  return tableLoader.read({ type: 'table', path, rare: 1, ...config }, path);
}

const people = [
  ['name', 'age', 'city', 'smoker', 'born', 'income', 'pets'],
  ['Ann', '31', 'Bern', 'no', '1990-02-28', '5.25', '0'],
  ['Bob "Bo"', '', 'Rome', 'yes', '1985-12-01', '-1e2', '1'],
  ['Cy, Dr.', '40', 'Oslo', 'no', 'NA', '12.5', '2'],
  ['Dee\nEve', '29', 'Bern', 'NA', '1999-01-01', 'nan', '0'],
] as const;
const asCsv = (rows: readonly (readonly string[])[]): string => papaparse.unparse(rows as string[][]);
const options = { columns: { name: { type: 'ignore' }, city: { type: 'categorical' } } } as const;
const expected = [
  [31, 'Bern', 'no', 1550, 5.25, 0],
  [null, 'Rome', 'yes', 0, -100, 1],
  [40, 'Oslo', 'no', null, 12.5, 2],
  [29, 'Bern', null, 4779, null, 0],
];

describe('a table', () => {
  it('is read with types inferred, quotes, commas and line ends within them, and missing values', async () => {
    const data = await readAll(await put(asCsv(people)), options);
    expect(rowsOf(data)).toEqual(expected);
    expect(data.columns!.map(({ name, type }) => [name, type])).toEqual([
      ['age', 'numeric'],
      ['city', 'categorical'],
      ['smoker', 'binary'],
      ['born', 'numeric'],
      ['income', 'numeric'],
      ['pets', 'numeric'],
    ]);
    expect(data.columns![0]).toMatchObject({ integer: true, min: 29, max: 40 });
    expect(data.columns![2]).toMatchObject({ labels: ['no', 'yes'] });
    expect(data.columns![3]).toMatchObject({ date: { origin: '1985-12-01', time: false } });
  });

  const objects = people.slice(1).map(row => Object.fromEntries(row.map((cell, i) => [people[0][i]!, cell])));
  const numbers = new Set(['age', 'income', 'pets']);
  const parquet = (compressed: boolean): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: people[0].map(name => ({
          name,
          data: objects.map(row => {
            const text = row[name]!;
            if (['', 'NA', 'nan'].includes(text)) return null;
            if (name === 'born') return new Date(`${text}T00:00:00Z`);
            return numbers.has(name) ? Number(text) : text;
          }),
          nullable: true,
          ...(name === 'born' ? { type: 'TIMESTAMP' as const } : numbers.has(name) ? { type: 'DOUBLE' as const } : {}),
        })),
        codec: compressed ? 'SNAPPY' : 'UNCOMPRESSED',
        rowGroupSize: 3,
      }),
    );
  const ndjson = objects
    .map(row => JSON.stringify(Object.fromEntries(Object.entries(row).filter(([, text]) => text !== 'NA'))))
    .join('\n');

  it.each<[string, () => string | Uint8Array, string, Partial<TableConfig>]>([
    ['CRLF', () => asCsv(people).replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'), 'csv', {}],
    [
      'LF, and empty lines',
      () => `\n\n${asCsv(people).replaceAll('\r\n', '\n\n').replace('Dee\n', 'Dee\n')}\n\n`,
      'csv',
      {},
    ],
    ['a byte order mark', () => `\ufeff${asCsv(people)}`, 'csv', {}],
    ['gzip', () => gzipSync(new TextEncoder().encode(asCsv(people))), 'csv.gz', {}],
    ['tabs', () => papaparse.unparse(people as unknown as string[][], { delimiter: '\t' }), 'tsv', {}],
    ['semicolons', () => papaparse.unparse(people as unknown as string[][], { delimiter: ';' }), 'csv', {}],
    ['blanks about values', () => asCsv(people).replaceAll(',40,', ' , 40\t, '), 'csv', {}],
    [
      'a stated delimiter',
      () => papaparse.unparse(people as unknown as string[][], { delimiter: '~' }),
      'csv',
      { delimiter: '~' },
    ],
    ['NDJSON', () => ndjson, 'ndjson', {}],
    ['JSON Lines, gzipped', () => gzipSync(new TextEncoder().encode(`${ndjson}\r\n`)), 'jsonl.gz', {}],
    ['Parquet', () => parquet(false), 'parquet', {}],
    ['Parquet, compressed', () => parquet(true), 'parquet', {}],
  ])('is the same by %s', async (_, content, ending, config) => {
    expect(rowsOf(await readAll(await put(content(), ending), { ...options, ...config }))).toEqual(expected);
  });

  it('without names has numbered columns', async () => {
    const path = await put('1,2.5\n3,4\n5,7');
    const data = await readAll(path, { header: false });
    expect(data.columns!.map(({ name }) => name)).toEqual(['column 1', 'column 2']);
    expect(rowsOf(data)).toEqual([
      [1, 2.5],
      [3, 4],
      [5, 7],
    ]);
    await expect(readAll(path)).rejects.toThrow('names in the first line, got numbers: 1, 2.5. Say header: false');
  });

  it('is read as papaparse reads it, whatever stands in it, by blocks of any size', async () => {
    const cell = fc.oneof(
      fc.constantFrom('', 'a', 'b b', '1', '-2.50', 'x"y', '"', ',', '\n', 'é', '\r\n', '""', ' "q" '),
      fc.string({ maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, fc.nat(9)), { minLength: 1, maxLength: 30 }),
        fc.constantFrom('\n', '\r\n'),
        async (rows, newline) => {
          const text = papaparse.unparse([['u', 'v', 'n'], ...rows.map(row => row.map(String))], { newline });
          const path = await put(text);
          const parsed = papaparse.parse<string[]>(text, { newline }).data.slice(1);
          const columns: Column[] = ['u', 'v'].map(name => ({
            name,
            type: 'categorical',
            categories: [...new Set(['?0', '?1', ...parsed.map(row => row[name === 'u' ? 0 : 1]!.trim())])],
          }));
          const settled = { columns: [...columns, { name: 'n', type: 'numeric' as const }] };
          const config: TableConfig = { type: 'table', path, missing: [], settled };
          const data = await tableLoader.read(config, path);
          expect(rowsOf(data)).toEqual(parsed.map(([u, v, n]) => [u!.trim(), v!.trim(), Number(n)]));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('larger than memory gives the same rows by blocks, each in one split, in blocks that training can shuffle', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.constantFrom('a', 'b', 'c,d', 'e\nf', 'g"\nh', '"\n', 'i",\n"', ''),
            fc.integer({ min: -999, max: 999 }),
          ),
          {
            minLength: 40,
            maxLength: 90,
          },
        ),
        fc.integer({ min: 1, max: 9 }),
        async (rows, block) => {
          const text = asCsv([['kind', 'n', 'row'], ...rows.map(([kind, n], i) => [kind, String(n), String(i)])]);
          const path = await put(text);
          const config: TableConfig = { type: 'table', path, rare: 1 };
          const { train, validation, test, source } = await loadTable(config, { block, inMemory: 0 });
          const whole = await tableLoader.read(source, path);
          const seen: number[] = [];
          for (const part of [train, validation, test]) {
            expect(part.block).toBe(block);
            const order = Uint32Array.from({ length: part.size }, (_, i) => (7 * i) % part.size);
            const into = new Float32Array(part.size * 3);
            await part.prepare!(order);
            part.read(order, into);
            order.forEach((row, i) => {
              const position = part.position(row);
              expect(into.slice(3 * i, 3 * i + 3)).toEqual(readRange(whole, position, position + 1));
            });
            for (let row = 0; row < part.size; row++) seen.push(part.position(row));
          }
          expect(seen.sort((a, b) => a - b)).toEqual(rows.map((_, i) => i));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has the same splits whenever it is loaded, of which a settled config infers nothing', async () => {
    const text = asCsv([
      ['x', 'y'],
      ...Array.from({ length: 100 }, (_, i) => [String(i * 1.5), i % 3 === 0 ? 'u' : 'v']),
    ]);
    const path = await put(text);
    const first = await loadData({ type: 'table', path });
    expect([first.train.size, first.validation.size, first.test.size]).toEqual([80, 10, 10]);
    const again = await loadData(JSON.parse(JSON.stringify(first.source)));
    expect(again.source).toEqual(first.source);
    for (const part of ['train', 'validation', 'test'] as const) {
      expect(again[part].fingerprint).toBe(first[part].fingerprint);
    }
    // Scales are those of the training rows alone.
    const own = Float64Array.from(readRange(first.train, 0, 80)).filter((_, i) => i % 2 === 0);
    const mean = own.reduce((sum, value) => sum + value, 0) / 80;
    expect((first.train.columns![0] as { mean: number }).mean).toBeCloseTo(mean, 4);
    const byBlocks = await loadTable({ type: 'table', path }, { inMemory: 0, block: 4 });
    const twice = await loadTable({ type: 'table', path }, { inMemory: 0, block: 4 });
    expect(twice.train.fingerprint).toBe(byBlocks.train.fingerprint);
    expect(new Set([byBlocks.train, byBlocks.validation, byBlocks.test].map(part => part.fingerprint)).size).toBe(3);
    await writeFile(path, text.replace('1.5', '1.7'));
    expect((await loadTable({ type: 'table', path }, { inMemory: 0, block: 4 })).train.fingerprint).not.toBe(
      byBlocks.train.fingerprint,
    );
    expect(() => byBlocks.test.read([0], new Float32Array(2))).toThrow('has changed since it was opened');
  });

  it('takes a file as its test set, and a column as classes', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => [String(i * 1.5), ['no', 'yes', 'maybe'][i % 3]!]);
    const path = await put(asCsv([['x', 'buys'], ...rows]));
    const test = await put(
      asCsv([
        ['buys', 'x'],
        ['maybe', '3'],
        ['never', '4'],
        ['', '5'],
      ]),
    );
    for (const reading of [{}, { inMemory: 0, block: 4 }]) {
      const data = await loadTable({ type: 'table', path, label: 'buys', test, validation: 4 }, reading);
      expect([data.train.size, data.validation.size, data.test.size]).toEqual([36, 4, 3]);
      expect(data.train.labels!.names).toEqual(['maybe', 'no', 'yes']);
      expect([...data.test.labels!.values]).toEqual([0, -1, -1]);
      expect(rowsOf(data.test)).toEqual([[3], [4], [5]]);
      const { label } = await hostRows(data.train, 0, 36);
      const names = Array.from(label!.data, value => data.train.labels!.names![value]);
      expect(names).toEqual(names.map((_, i) => rows[data.train.position(i)]![1]));
    }
  });

  it('of Parquet that is larger than memory is decoded once into the cache', async () => {
    const cache = process.env.LATENTKIT_CACHE;
    process.env.LATENTKIT_CACHE = join(folder, 'cache');
    const columnData = [
      { name: 'x', data: Float64Array.from({ length: 500 }, (_, i) => i / 4), type: 'DOUBLE' as const },
      { name: 'kind', data: Array.from({ length: 500 }, (_, i) => ['a', 'b', 'c'][i % 3]!), type: 'STRING' as const },
    ];
    const path = await put(new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 130 })), 'parquet');
    const whole = await loadTable({ type: 'table', path });
    for (let time = 0; time < 2; time++) {
      const data = await loadTable(whole.source, { inMemory: 0, block: 16 });
      for (const part of [data.train, data.validation, data.test]) {
        for (let row = 0; row < part.size; row++) {
          const position = part.position(row);
          expect([...readRange(part, row, row + 1)]).toEqual([position / 4, position % 3]);
        }
      }
    }
    if (cache === undefined) delete process.env.LATENTKIT_CACHE;
    else process.env.LATENTKIT_CACHE = cache;
  });
});

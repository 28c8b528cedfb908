// What columns are taken for, and what is said of files that are not as they should be.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Column, NumericColumn } from '../../columns.ts';
import { LatentkitError } from '../../errors.ts';
import { permutation, streamOf } from '../../random/index.ts';
import { readRange } from '../dataset.ts';
import { type ColumnOptions, missingTexts, type TableConfig } from './config.ts';
import { dateOf, formatDate } from './dates.ts';
import { inferTable } from './infer.ts';
import { loadTable, tableLoader } from './loader.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latentkit-infer-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function put(content: string | Uint8Array, ending = 'csv'): Promise<string> {
  const path = join(folder, `${files++}.${ending}`);
  await writeFile(path, content);
  return path;
}

/** What one column of these texts is taken for, and what is said of it. */
function inferred(
  texts: readonly string[],
  options: ColumnOptions = {},
  config: Partial<TableConfig> = {},
): { readonly column: Column | undefined; readonly notes: readonly string[] } {
  // A second column keeps the table from being empty.
  const sample = { path: 't.csv', fields: ['c', 'rest'], cells: [texts, texts.map((_, i) => i / 7)] };
  const { columns, notes } = inferTable(
    sample,
    { type: 'table', path: 't.csv', columns: { c: options }, ...config },
    new Set(config.missing ?? missingTexts),
  );
  return {
    column: columns.find(({ name }) => name === 'c'),
    notes: notes.filter(note => note.startsWith('column "c"')),
  };
}

const times = (text: string, count: number): string[] => Array<string>(count).fill(text);

describe('a column', () => {
  it.each<[string, readonly string[], Record<string, unknown>]>([
    ['numbers', ['1.5', '-2e3', '.5', '', '7'], { type: 'numeric', min: -2000, max: 7 }],
    ['whole numbers', ['1', '20', '-3', 'NA'], { type: 'numeric', integer: true, mean: 6 }],
    ['0 and 1', ['1', '0', '1'], { type: 'binary', labels: ['0', '1'] }],
    ['two whole numbers', ['2', '1', '2'], { type: 'binary', labels: ['1', '2'] }],
    ['two other numbers', ['2.5', '1', '2.5'], { type: 'numeric' }],
    ['truths', ['true', 'false', ''], { type: 'binary', labels: ['false', 'true'] }],
    ['yes and no', ['Yes', 'No', 'Yes'], { type: 'binary', labels: ['No', 'Yes'] }],
    ['two texts', ['m', 'f', 'm', 'x'].slice(0, 3), { type: 'binary', labels: ['f', 'm'] }],
    [
      'dates',
      ['2012-03-31', '2012-04-02', '2013-01-01'],
      { date: { origin: '2012-03-31', time: false }, min: 0, max: 276 },
    ],
    [
      'times',
      ['2012-03-31T12:00:00Z', '2012-04-02', '2013-01-01'],
      { date: { origin: '2012-03-31', time: true }, min: 0.5 },
    ],
    ['few texts', ['a', 'c', 'b', 'a', 'b', 'c', 'a'], { type: 'categorical', categories: ['a', 'b', 'c'] }],
  ])('of %s', (_, texts, expected) => {
    expect(inferred(texts, {}, { rare: 1 }).column).toMatchObject(expected);
  });

  it.each<[string, readonly string[], string]>([
    ['nothing', ['', 'NA', 'null'], 'left out, since nothing stands in it'],
    ['one text', times('a', 9), 'left out, since it is "a" in every row that was looked at'],
    [
      'names',
      Array.from({ length: 30 }, (_, i) => `Ann ${i}`),
      'left out as names or remarks: 30 different texts in 30 rows',
    ],
  ])('of %s is left out, which is said', (_, texts, note) => {
    const { column, notes } = inferred(texts);
    expect(column).toBeUndefined();
    expect(notes).toEqual([expect.stringContaining(note)]);
  });

  it('of one number has the deviation 1, which is said', () => {
    const { column, notes } = inferred(times('4.5', 9));
    expect(column).toMatchObject({ type: 'numeric', mean: 4.5, deviation: 1, min: 4.5, max: 4.5 });
    expect(notes[0]).toContain('it is 4.5 in every row that was looked at, so its deviation is taken as 1');
  });

  it('has what was said of it, whatever its texts look like', () => {
    const texts = ['1', '3', '2', '3'];
    expect(inferred(texts, { type: 'categorical' }, { rare: 1 }).column).toMatchObject({ categories: ['1', '2', '3'] });
    expect(inferred(texts, { type: 'ordinal', categories: ['3', '2', '1'] }).column).toEqual({
      name: 'c',
      type: 'categorical',
      ordered: true,
      categories: ['3', '2', '1'],
    });
    expect(inferred(texts, { type: 'ignore' }).column).toBeUndefined();
    expect(inferred(['5', '8'], { type: 'numeric' }).column).toMatchObject({
      type: 'numeric',
      mean: 6.5,
      deviation: 1.5,
    });
    expect(inferred(['no', 'yes'], { type: 'binary', categories: ['yes', 'no'] }).column).toMatchObject({
      labels: ['yes', 'no'],
    });
    expect(() => inferred(['a', 'b', 'c'], { type: 'binary' })).toThrow('expected two values');
  });

  it('pools rare categories under a name that none has, which is said', () => {
    const texts = [...times('a', 9), ...times('b', 6), ...times('other', 5), 'x', 'x', 'y'];
    const { column, notes } = inferred(texts);
    expect(column).toEqual({
      name: 'c',
      type: 'categorical',
      categories: ['a', 'b', 'other', 'other*'],
      pooled: { x: 2, y: 1 },
    });
    expect(notes).toEqual(['column "c": 2 rare categories, of 3 rows that were looked at, are pooled as "other*".']);
  });

  it('of numbers but for some texts is a fault that is named, not a guess', () => {
    const texts = [...Array.from({ length: 40 }, (_, i) => `${i / 3}`), 'n.a.'];
    expect(() => inferred(texts)).toThrow(
      't.csv: column "c": expected numbers, as most of its values are, got "n.a." too.',
    );
    expect(inferred(texts, {}, { missing: ['n.a.'] }).column).toMatchObject({ type: 'numeric', min: 0, max: 13 });
  });

  it('of heavy tails is seen through asinh about its median and quartiles, unless told otherwise', () => {
    // Quantiles of a log-normal distribution, shuffled: its excess kurtosis is 111.
    const order = permutation(2001, { seed: 1, stream: streamOf('test'), step: 0 });
    const uniform = Array.from(order, i => (i + 0.5) / 2001);
    const heavy = uniform.map(u => Math.exp(Math.log(u / (1 - u)) / 1.5));
    const { column, notes } = inferred(heavy.map(String));
    const at = (share: number): number => heavy.toSorted((a, b) => a - b)[Math.round(share * 2000)]!;
    const { transform, mean, deviation } = column as NumericColumn;
    expect(transform).toEqual({ type: 'asinh', center: at(0.5), scale: (at(0.75) - at(0.25)) / 2 });
    const seen = heavy.map(value => Math.asinh((value - transform!.center) / transform!.scale));
    expect(mean).toBeCloseTo(seen.reduce((a, b) => a + b) / 2001, 10);
    expect(deviation).toBeCloseTo(Math.sqrt(seen.reduce((a, b) => a + (b - mean!) ** 2, 0) / 2001), 10);
    expect(notes[0]).toMatch(/heavy tails \(a normal density is [\d.]+ nats a value better after asinh\)/);
    expect(inferred(heavy.map(String), { transform: 'none' }).column).not.toHaveProperty('transform');
    expect(inferred(uniform.map(String)).column).not.toHaveProperty('transform');
    expect(inferred(uniform.map(String), { transform: 'asinh' }).column).toHaveProperty('transform');
    // Quartiles that are one, as of counts that are mostly 0.
    const counts = [...times('0', 90), ...Array.from({ length: 10 }, (_, i) => String(2 ** i))];
    expect((inferred(counts).column as NumericColumn).transform).toEqual({ type: 'asinh', center: 0, scale: 24 });
  });
});

describe('heavy tails', () => {
  const order = permutation(1001, { seed: 1, stream: streamOf('test'), step: 0 });
  const uniform = Array.from(order, i => (i + 0.5) / 1001);
  const normal = uniform.map(u => Math.sqrt(2) * inverseErf(2 * u - 1));
  const isTransformed = (values: readonly number[]): boolean =>
    'transform' in inferred(values.map(value => value.toFixed(6))).column!;

  it('are those of incomes and waiting times, not of heights or counts', () => {
    expect(isTransformed(normal.map(z => 30_000 * Math.exp(0.6 * z)))).toBe(true);
    expect(isTransformed(normal.map(z => 30_000 * Math.exp(z)))).toBe(true);
    expect(isTransformed(uniform.map(u => -Math.log(u)))).toBe(true);
    expect(isTransformed(normal.map(z => 170 + 10 * z))).toBe(false);
    expect(isTransformed(normal.map(z => 170 * Math.exp(0.2 * z)))).toBe(false);
    expect(isTransformed(normal.map((z, i) => (i % 3 === 0 ? 6 + z : z)))).toBe(false);
  });

  it('are told by the likelihoods of normal densities', () => {
    const incomes = normal.map(z => Math.exp(0.6 * z));
    const { column, notes } = inferred(incomes.map(String));
    const { transform, mean, deviation } = column as NumericColumn;
    // log p(x), each density written out.
    const logNormal = (value: number, mean: number, deviation: number): number =>
      -0.5 * ((value - mean) / deviation) ** 2 - Math.log(deviation * Math.sqrt(2 * Math.PI));
    const average = (of: (x: number) => number): number => incomes.reduce((sum, x) => sum + of(x), 0) / incomes.length;
    const own = average(x => x);
    const spread = Math.sqrt(average(x => (x - own) ** 2));
    const plain = average(x => logNormal(x, own, spread));
    const after = average(x => {
      const u = (x - transform!.center) / transform!.scale;
      return logNormal(Math.asinh(u), mean!, deviation!) - Math.log(transform!.scale * Math.sqrt(1 + u * u));
    });
    expect(notes[0]).toContain(`is ${(after - plain).toFixed(2)} nats a value better`);
  });

  /** By Newton's method on erf's series, which is quick enough within ±4 deviations. */
  function inverseErf(y: number): number {
    let x = 0;
    for (let i = 0; i < 60; i++) {
      let [term, sum] = [x, x];
      for (let n = 1; n < 120; n++) {
        term *= (-x * x) / n;
        sum += term / (2 * n + 1);
      }
      x -= ((2 / Math.sqrt(Math.PI)) * sum - y) / ((2 / Math.sqrt(Math.PI)) * Math.exp(-x * x));
    }
    return x;
  }
});

describe('a date', () => {
  it.each<[string, string | undefined]>([
    ['2012-02-29', '2012-02-29T00:00:00.000Z'],
    ['2012/03/31', '2012-03-31T00:00:00.000Z'],
    ['2012-03-31 18:05', '2012-03-31T18:05:00.000Z'],
    ['2012-03-31T18:05:07.25Z', '2012-03-31T18:05:07.250Z'],
    ['2012-03-31T18:05:07+05:30', '2012-03-31T12:35:07.000Z'],
    ['2012-03-31T00:30:00-0100', '2012-03-31T01:30:00.000Z'],
    ['2013-02-29', undefined],
    ['2012-13-01', undefined],
    ['2012-03-31T25:00', undefined],
    ['2012-03/31', undefined],
    ['31.3.2012', undefined],
  ])('%s', (text, iso) => {
    const time = dateOf(text);
    expect(time === undefined ? undefined : new Date(time).toISOString()).toBe(iso);
  });

  it('is written to the day or to the second', () => {
    expect(formatDate(-1.4, { origin: '2012-03-01', time: false })).toBe('2012-02-29');
    expect(formatDate(0.75 + 1e-7, { origin: '2012-03-01', time: true })).toBe('2012-03-01T18:00:00Z');
  });
});

const rows = Array.from({ length: 60 }, (_, i) => `${i},${'abc'[i % 3]},${i / 4}`).join('\n');
const good = `id,kind,x\n${rows}\n`;

describe('a file that is not as it should be', () => {
  it.each<[string, string, string, string]>([
    ['empty', '', 'csv', 'expected rows of a table, got an empty file'],
    ['of empty lines', '\n\r\n\n', 'csv', 'expected rows of a table, got an empty file'],
    ['of a header alone', 'a,b\n', 'csv', 'got the line with the names of columns alone'],
    ['empty', '\n', 'ndjson', 'expected objects, one a line, got an empty file'],
    ['with a name twice', 'a,b,a\n1,2,3\n', 'csv', 'expected each column\'s name once, got "a" several times'],
    ['with too few values', good.replace('7,b,1.75', '7,b'), 'csv', 'line 9: expected 3 values, one a column, got 2'],
    [
      'with too many values',
      good.replace('7,b,1.75', '7,b,1.75,'),
      'csv',
      'line 9: expected 3 values, one a column, got 4',
    ],
    ['with open quotes', good.replace('7,b', '7,"b'), 'csv', 'line 9: expected that quotes are closed'],
    [
      'with text after quotes',
      good.replace('7,b', '7,"b"c'),
      'csv',
      'line 9: expected the end of a value after its closing quote',
    ],
    ['cut off', good.slice(0, -9), 'csv', 'line 61: expected 3 values, one a column, got 1'],
    ['of UTF-16', '\ufeff', 'utf16', 'expected UTF-8, got UTF-16'],
    ['no JSON', '{"a":1}\n\n{"a":\n', 'ndjson', 'line 3: expected a JSON object, but'],
    ['no object', '{"a":1}\n[1]\n', 'jsonl', 'line 2: expected a JSON object, got [1]'],
  ])('%s is named with its line', async (_, content, ending, message) => {
    const path = ending === 'utf16' ? await put(Buffer.from('\ufeffa,b\n1,2', 'utf16le')) : await put(content, ending);
    const failure = await loadTable({ type: 'table', path }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LatentkitError);
    expect(String(failure)).toContain(path);
    expect(String(failure)).toContain(message);
  });

  it('names the line and the column of what is no number, also where it is read by blocks', async () => {
    const path = await put(`n,x\n${Array.from({ length: 90 }, (_, i) => `"${i}\n",${i}`).join('\n')}\n`);
    const { source } = await loadTable({ type: 'table', path });
    const bad = await put(
      `n,x\n${Array.from({ length: 90 }, (_, i) => `"${i}\n",${i === 50 ? 'many' : i}`).join('\n')}\n`,
    );
    await expect(tableLoader.read(source, bad)).rejects.toThrow(
      `${bad}: line 103, column "x": expected a number, got "many". Mend the value; or, if it stands for a missing one, add it to "missing"`,
    );
    const data = await loadTable({ type: 'table', path: bad, settled: source.settled }, { inMemory: 0, block: 8 });
    const all = [data.train, data.validation, data.test];
    expect(() => all.forEach(part => void readRange(part, 0, part.size))).toThrow('line 103, column "x"');
  });

  it('of Parquet that is cut off or none is said to be damaged', async () => {
    const whole = new Uint8Array(
      parquetWriteBuffer({ columnData: [{ name: 'x', data: [1, 2, 3, 4.5], type: 'DOUBLE' }] }),
    );
    for (const bytes of [whole.slice(0, -9), whole.slice(0, 20), new Uint8Array(0), new Uint8Array(64)]) {
      const path = await put(bytes, 'parquet');
      await expect(loadTable({ type: 'table', path })).rejects.toThrow(`${path}: expected a whole Parquet file, but`);
    }
  });

  it('says which column is meant where one of a config does not exist', async () => {
    const path = await put(good);
    for (const wrong of [{ label: 'kin' }, { ignore: ['kin'] }, { columns: { kin: {} } }]) {
      await expect(loadTable({ type: 'table', path, ...wrong })).rejects.toThrow(
        'expected a column "kin", got the columns id, kind, x. Did you mean "kind"?',
      );
    }
    await expect(loadTable({ type: 'table', path, ignore: ['id', 'kind', 'x'] })).rejects.toThrow(
      'expected a column to learn from, got none',
    );
    await expect(tableLoader.inspect({ type: 'table', path: join(folder, 'none.csv') })).rejects.toThrow(
      'no such file',
    );
    await expect(loadTable({ type: 'table', path: await put(good, 'txt') })).rejects.toThrow(
      'expected a name that ends with .csv',
    );
  });
});

describe('rows that come later', () => {
  const later = async (content: string, config: Partial<TableConfig> = {}) => {
    const { source } = await loadTable({ type: 'table', path: await put(good), ...config });
    return tableLoader.read(source, await put(content));
  };

  it('may have their columns in another order, and others beside them, which is said', async () => {
    const data = await later('x,new,kind,id\n1.5,?,b,9\n,,,\n');
    expect([...readRange(data, 0, 2)]).toEqual([9, 1, 1.5, Number.NaN, Number.NaN, Number.NaN]);
    expect(data.notes).toEqual(['columns that the model does not know are left out: new.']);
  });

  it('are to have every column, by its name', async () => {
    await expect(later('id,kinds,x\n1,a,2\n')).rejects.toThrow(
      'expected a column "kind", got the columns id, kinds, x. Did you mean "kinds"?',
    );
    // `id` is nearer, but it is itself.
    await expect(later('id,kind,ix\n1,a,2\n')).rejects.toThrow('Did you mean "ix"?');
  });

  it('may have unseen categories and infinite numbers, which count as missing, and are counted', async () => {
    const data = await later('id,kind,x\n1,zebra,inf\n2,a,-Infinity\n3,yak,1e39\n4,b,1\n');
    expect([...readRange(data, 0, 4)]).toEqual([
      1,
      Number.NaN,
      Number.NaN,
      2,
      0,
      Number.NaN,
      3,
      Number.NaN,
      Number.NaN,
      4,
      1,
      1,
    ]);
    expect(data.notes).toEqual([
      'column "kind": 2 values, the first "zebra", are none of its categories and count as missing.',
      'column "x": 3 values are infinite and count as missing.',
    ]);
  });

  it('have unseen categories pooled with the rare ones, if there are any', async () => {
    const rare = `${good}60,q,1\n61,r,1\n62,s,1\n63,t,1\n64,u,1\n`;
    const { source } = await loadTable({ type: 'table', path: await put(rare) });
    const data = await tableLoader.read(source, await put('id,kind,x\n1,zebra,1\n2,a,1\n'));
    expect(source.settled!.columns[1]).toMatchObject({ categories: ['a', 'b', 'c', 'other'] });
    expect(readRange(data, 0, 2)[1]).toBe(3);
    expect(data.notes).toEqual([]);
  });

  it('need no label', async () => {
    const data = await later('id,x\n1,2\n', { label: 'kind' });
    expect(data.labels).toBeUndefined();
    expect(data.columns!.map(({ name }) => name)).toEqual(['id', 'x']);
  });
});

describe('inspecting a table', () => {
  it('says type, range and missing share of each column, and what is left out', async () => {
    const lines = Array.from(
      { length: 40 },
      (_, i) =>
        `${i},Ann ${i},${i % 4 === 0 ? 'NA' : i / 2},2012-01-${`${(i % 28) + 1}`.padStart(2, '0')},${'uv'[i % 2]}`,
    );
    const summary = await tableLoader.inspect({
      type: 'table',
      path: await put(`n,name,x,day,class\n${lines.join('\n')}\n`),
      label: 'class',
    });
    expect(summary).toMatchObject({ kind: 'table', rows: 40, shape: [3] });
    expect(summary.facts).toContainEqual(['looked at', 'all rows']);
    expect(summary.columns).toEqual([
      { column: 'n', type: 'integer', missing: '', values: '0 to 39' },
      { column: 'name', type: 'left out', missing: '', values: '' },
      { column: 'x', type: 'numeric', missing: '25 %', values: '0.5 to 19.5' },
      { column: 'day', type: 'date', missing: '', values: '2012-01-01 to 2012-01-28' },
      { column: 'class', type: 'label', missing: '', values: 'u, v' },
    ]);
    expect(summary.warnings).toEqual([expect.stringContaining('column "name": left out as names or remarks')]);
  });
});

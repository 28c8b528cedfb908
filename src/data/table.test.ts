import { describe, expect, it } from 'vitest';
import type { Column } from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import { arrayDataset, type Dataset, readRange, split, subset } from './index.ts';
import { checkColumns, type TableRow, tableDataset, tableInput } from './table.ts';

const columns: readonly Column[] = [
  { name: 'city', type: 'categorical', categories: ['Bern', 'Rome', '3'] },
  { name: 'age', type: 'numeric' },
  { name: 'smoker', type: 'binary' },
  { name: 'level', type: 'categorical', categories: 4 },
];
const rows: readonly TableRow[] = [
  { age: 31, smoker: false, city: 'Rome', level: 3, id: 'ignored' },
  { age: null, smoker: true, city: 'Bern', level: 0 },
  { age: 55.5, smoker: 1, city: undefined, level: '2' },
  { smoker: Number.NaN, city: 3, level: null },
];
const nan = Number.NaN;
const people = tableDataset({ name: 'people', columns, rows });

describe('tableDataset', () => {
  it('makes numbers of values, and NaN of what is missing', () => {
    expect([...readRange(people, 0, 4)]).toEqual([1, 31, 0, 3, 0, nan, 1, 0, nan, 55.5, 1, 2, 2, nan, nan, nan]);
    expect(people).toMatchObject({ name: 'people', size: 4, shape: [4], dtype: 'float32', range: [0, 1], columns });
    const labels = { values: Uint8Array.of(0, 1, 0, 1), names: ['no', 'yes'] };
    expect(tableDataset({ columns, rows, labels }).labels).toBe(labels);
  });

  it('keeps its columns in splits and subsets', () => {
    const { train, validation, test } = split(people, { validation: 1, test: 1 });
    for (const part of [train, validation, test, subset(people, 1, 3)]) expect(part.columns).toEqual(columns);
  });

  it('takes the labels of a binary column as well as truth and numbers', () => {
    const column: Column = { name: 'lives', type: 'binary', labels: ['in town', 'outside'] };
    const rows = ['outside', 'in town', true, 0, null].map(lives => ({ lives }));
    expect([...readRange(tableDataset({ columns: [column], rows }), 0, 5)]).toEqual([1, 0, 1, 0, nan]);
    expect(() => tableDataset({ columns: [column], rows: [{ lives: 'far' }] })).toThrow(
      'expected in town, outside, true, false, 1 or 0, got "far"',
    );
  });

  it.each<[Partial<Record<string, unknown>>, string]>([
    [{ city: 'Oslo' }, 'people: row 2, column "city": expected one of: Bern, Rome, 3, got "Oslo".'],
    [{ city: 0 }, 'people: row 2, column "city": expected one of: Bern, Rome, 3, got 0.'],
    [{ age: '31' }, 'people: row 2, column "age": expected a number, got "31".'],
    [{ age: 1e39 }, 'people: row 2, column "age": expected a finite number, got Infinity.'],
    [{ age: true }, 'people: row 2, column "age": expected a number, got true.'],
    [{ smoker: 2 }, 'people: row 2, column "smoker": expected 0 or 1, got 2.'],
    [{ smoker: 'yes' }, 'people: row 2, column "smoker": expected true, false, 1 or 0, got "yes".'],
    [{ level: 4 }, 'people: row 2, column "level": expected a category’s index from 0 to 3, got 4.'],
    [{ level: 1.5 }, 'people: row 2, column "level": expected a category’s index from 0 to 3, got 1.5.'],
    [{ level: -1 }, 'people: row 2, column "level": expected a category’s index from 0 to 3, got -1.'],
  ])('names row and column of a value that cannot be: %j', (wrong, message) => {
    const bad = rows.with(2, { ...rows[2], ...wrong } as TableRow);
    const make = (): Dataset => tableDataset({ name: 'people', columns, rows: bad });
    expect(make).toThrow(LatentkitError);
    expect(make).toThrow(message);
    expect(make).toThrow(/Mend the value, or leave it missing\.$/);
  });

  it('names fields that no row has, and columns that make no sense', () => {
    const misspelt = columns.with(1, { name: 'agee', type: 'numeric' });
    expect(() => tableDataset({ columns: misspelt, rows })).toThrow(
      'table: expected a field "agee" in the rows, whose fields are age, smoker, city, level, id. Did you mean "age"?',
    );
    expect(() => tableDataset({ columns: [columns[0]!, columns[0]!], rows })).toThrow(
      'columns: expected each name once',
    );
    expect(() => tableDataset({ columns, rows: [] })).toThrow('table: expected a whole number of rows of 4 values');
  });
});

describe('arrayDataset with columns', () => {
  const of =
    (data: Float32Array | Uint8Array, width = 4) =>
    () =>
      arrayDataset({ name: 'rows', data, shape: [width], columns });

  it('checks its width and values as well', () => {
    expect(of(Float32Array.of(1, 2, 0, 3, 0, 1, 0, 7))).toThrow(
      'rows: row 1, column "level": expected a category’s index from 0 to 3, got 7.',
    );
    expect(of(Float32Array.of(1, 2, 3), 3)).toThrow(
      'rows: expected float32 rows [4], a number for each column, got float32 [3]. Give every column of each row.',
    );
    expect(of(Uint8Array.of(1, 2, 0, 3))).toThrow('got uint8 [4]');
    expect(of(Float32Array.of(1, 2, 0, 3))().columns).toBe(columns);
  });
});

describe('the fingerprint of a table', () => {
  const withNan = (bits: number): Dataset => {
    const data = Float32Array.of(1, 2, 0, 3);
    new Uint32Array(data.buffer)[1] = bits;
    return arrayDataset({ name: 'rows', data, shape: [4], columns });
  };

  it('is the same whatever the bits of a NaN, and another where values or columns are others', () => {
    const { fingerprint } = withNan(0x7fc00000);
    expect(withNan(0xffc12345).fingerprint).toBe(fingerprint);
    expect(withNan(0x7f800001).fingerprint).toBe(fingerprint);
    expect(withNan(0x40000000).fingerprint).not.toBe(fingerprint);
    const data = Float32Array.of(1, nan, 0, 3);
    const renamed = columns.with(0, { name: 'city', type: 'categorical', categories: ['Rome', 'Bern', '3'] });
    expect(arrayDataset({ name: 'rows', data, shape: [4], columns: renamed }).fingerprint).not.toBe(fingerprint);
    expect(arrayDataset({ name: 'rows', data, shape: [4] }).fingerprint).not.toBe(fingerprint);
  });
});

describe('tableInput', () => {
  it('measures mean and deviation of the numbers that are there, unless they are given', () => {
    const { shape, dtype, columns: measured } = tableInput(people);
    expect([shape, dtype]).toEqual([[4], 'float32']);
    expect(measured).toEqual(columns.with(1, { name: 'age', type: 'numeric', mean: 43.25, deviation: 12.25 }));
    const given = tableDataset({ columns: columns.with(1, { name: 'age', type: 'numeric', mean: 30 }), rows });
    expect(tableInput(given).columns[1]).toEqual({
      name: 'age',
      type: 'numeric',
      mean: 30,
      deviation: expect.closeTo(Math.sqrt((1 + 25.5 ** 2) / 2), 12),
    });
  });

  it('is of the rows given alone, and has a deviation where nothing deviates or nothing is there', () => {
    const age = (part: Dataset) => tableInput(part).columns[1];
    expect(age(subset(people, 2, 3))).toMatchObject({ mean: 55.5, deviation: 1 });
    expect(age(subset(people, 1, 2))).toMatchObject({ mean: 0, deviation: 1 });
  });

  it('refuses what is no table', () => {
    const plain = arrayDataset({ name: 'plain', data: Float32Array.of(1, 2), shape: [2] });
    expect(() => tableInput(plain)).toThrow(
      'plain: expected a table, got data without columns. Make it by tableDataset().',
    );
  });
});

describe('checkColumns', () => {
  const plain = arrayDataset({ name: 'plain', data: Float32Array.of(1, 2), shape: [2] });

  it('takes the columns of a model, whatever the scale of its numbers', () => {
    expect(() => checkColumns(tableInput(people).columns, people)).not.toThrow();
    expect(() => checkColumns(undefined, plain)).not.toThrow();
  });

  it('refuses others, or another order of categories', () => {
    const turned = columns.with(0, { name: 'city', type: 'categorical', categories: ['Rome', 'Bern', '3'] });
    expect(() => checkColumns(turned, people)).toThrow(
      'people: expected the columns that the model was made for: city (categorical: Rome, Bern, 3), age (numeric), ' +
        'smoker (binary), level (categorical of 4); got: city (categorical: Bern, Rome, 3), age (numeric), smoker (binary), ' +
        'level (categorical of 4). Give a table of those',
    );
    expect(() => checkColumns(undefined, people)).toThrow('people: the model takes data without columns, got a table.');
    expect(() => checkColumns(columns, plain)).toThrow('plain: the model takes a table, got data without columns.');
  });
});

describe('a column with a transform', () => {
  it('has the mean and deviation of what its transform makes of these rows', () => {
    const transform = { type: 'asinh', center: 30, scale: 12 } as const;
    const rows = [12, 30, 900, null].map(income => ({ income }));
    const data = tableDataset({ columns: [{ name: 'income', type: 'numeric', transform }], rows });
    const t = [12, 30, 900].map(value => Math.asinh((value - 30) / 12));
    const mean = (t[0]! + t[1]! + t[2]!) / 3;
    const deviation = Math.sqrt(t.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3);
    const [column] = tableInput(data).columns;
    expect(column).toMatchObject({
      mean: expect.closeTo(mean, 12),
      deviation: expect.closeTo(deviation, 12),
      transform,
    });
  });
});

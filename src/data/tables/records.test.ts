import { describe, expect, it } from 'vitest';
import type { Column } from '../../columns.ts';
import { recordReader } from './records.ts';

const columns: readonly Column[] = [
  { name: 'age', type: 'numeric' },
  { name: 'smoker', type: 'binary', labels: ['no', 'yes'] },
  { name: 'city', type: 'categorical', categories: ['Bern', 'Rome', 'other'], pooled: { Oslo: 1 } },
  { name: 'born', type: 'numeric', date: { origin: '2000-01-01', time: false } },
  { name: 'size', type: 'categorical', categories: ['S', 'M'] },
];

function read(record: unknown, reader = recordReader(columns)): number[] {
  const into = new Float32Array(7).fill(-1);
  reader.read(record, into, 1);
  expect([into[0], into[6]]).toEqual([-1, -1]);
  return [...into.subarray(1, 6)];
}

describe('recordReader', () => {
  it('reads objects by name and lists by place, as files are read', () => {
    const expected = [31.5, 1, 1, 31, 0];
    expect(read({ city: 'Rome', age: 31.5, smoker: 'yes', size: 'S', born: '2000-02-01', extra: {} })).toEqual(
      expected,
    );
    expect(read([31.5, 'yes', 'Rome', '2000-02-01', 'S'])).toEqual(expected);
    expect(read({ age: '31.5', smoker: 'yes', city: ' Rome ', born: '2000-02-01', size: 'S' })).toEqual(expected);
  });

  it('takes as missing what is null, absent, NaN, infinite or an unseen category without a pool', () => {
    const reader = recordReader(columns);
    const row = read({ age: null, smoker: 'NA', city: 'Paris', size: 'XXL' }, reader);
    expect(row).toEqual([Number.NaN, Number.NaN, 2, Number.NaN, Number.NaN]);
    expect(reader.taken()).toEqual({ unseen: 1, infinite: 0 });
    expect(read(JSON.parse('{"age": 1e999, "size": "M"}'), reader)[0]).toBeNaN();
    expect(reader.taken()).toEqual({ unseen: 1, infinite: 1 });
    expect(read({ age: 'unknown', size: 'M' }, recordReader(columns, ['unknown']))[0]).toBeNaN();
  });

  it.each<[string, unknown, RegExp]>([
    ['a number', 3, /expected an object with the fields "age", .*, or a list of 5 values, got 3/],
    ['null', null, /got null/],
    ['a short list', [1, 2], /got \[1,2\]/],
    ['none of the fields', { a: 1 }, /expected an object with the fields/],
    ['a renamed field', { Age: 3, city: 'Bern' }, /expected a field "age", got none, but "Age"\. Rename it/],
    ['a text for a number', { age: 'old', city: 'Bern' }, /column "age": expected a number, got "old"/],
    ['a nested value', { age: [1], city: 'Bern' }, /column "age": expected a number, got "\[1\]"/],
    ['no date', { born: 'yesterday' }, /column "born": expected a date/],
  ])('refuses %s', (_, record, message) => {
    expect(() => read(record)).toThrow(message);
  });

  it('knows fields from what every object has', () => {
    const odd = recordReader([
      { name: 'constructor', type: 'numeric' },
      { name: 'b', type: 'numeric' },
    ]);
    expect(read2(odd, { b: 2 })).toEqual([Number.NaN, 2]);
    expect(read2(odd, { constructor: 1, b: 2 })).toEqual([1, 2]);
  });
});

function read2(reader: ReturnType<typeof recordReader>, record: unknown): number[] {
  const into = new Float32Array(2);
  reader.read(record, into, 0);
  return [...into];
}

import fc from 'fast-check';
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

describe('readJson', () => {
  const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
  const plain = { age: 31.5, smoker: 'yes', city: 'Rome', born: '2000-02-01', size: 'S', extra: 7 };
  /** A reader that has seen a record, and what it makes of a line by either way. */
  const both = (line: string) => {
    const reader = recordReader(columns);
    const [fast, slow] = [new Float32Array(5), new Float32Array(5)];
    reader.read(plain, fast, 0);
    const bytes = bytesOf(`xx${line}yy`);
    const took = reader.readJson(bytes, 2, bytes.length - 2, fast, 0);
    const taken = reader.taken();
    const read = (): Float32Array => {
      reader.read(JSON.parse(line), slow, 0);
      return slow;
    };
    return { took, taken, fast, slow: read };
  };

  it('reads records that are written as the last one was, with blanks or without', () => {
    for (const line of [JSON.stringify(plain), JSON.stringify(plain).replace(/([:,])/g, '$1 ')]) {
      const { took, fast } = both(line);
      expect([took, ...fast]).toEqual([true, 31.5, 1, 1, 31, 0]);
    }
    expect(both(JSON.stringify({ ...plain, age: null })).fast[0]).toBeNaN();
  });

  it('reads nothing that JSON would not, and all of it alike', () => {
    const cell = fc.oneof(
      fc.constantFrom(
        ...'01 1. -1 -0.5 +1 1e5 1e999 NaN null nul true "yes" " yes" "y\\u0065s" "é" "31" "" [1] {} 12 0 -'.split(' '),
      ),
      fc.double({ noNaN: true }).map(String),
      fc.string().map(text => JSON.stringify(text)),
      fc.integer().map(String),
      fc.constantFrom('9'.repeat(60), '"Paris"', '"2000-02-01"', '"S"', '"Bern"'),
    );
    const line = fc.dictionary(fc.constantFrom(...Object.keys(plain)), cell, { maxKeys: 2 }).map(changed => {
      const fields = Object.entries(plain).map(([key, value]) => `"${key}":${changed[key] ?? JSON.stringify(value)}`);
      return `{${fields.join(',')}}`;
    });
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(line, fc.constantFrom('', '{}', '[]', '{"age":1}', `${JSON.stringify(plain)}1`)), text => {
        const { took, taken: counts, fast, slow } = both(text);
        expect(counts).toEqual({ unseen: 0, infinite: 0 });
        if (!took) return;
        taken++;
        expect([...fast]).toEqual([...slow()]);
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(200);
  });
});

function read2(reader: ReturnType<typeof recordReader>, record: unknown): number[] {
  const into = new Float32Array(2);
  reader.read(record, into, 0);
  return [...into];
}

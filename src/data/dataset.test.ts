import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { binarize } from './binarize.ts';
import { arrayDataset, readRange, subset } from './dataset.ts';
import { setAside, split } from './split.ts';

const counting = (size: number, shape = [2, 1, 1]) =>
  arrayDataset({
    name: 'counting',
    shape,
    data: Uint8Array.from({ length: size * shape.reduce((a, b) => a * b, 1) }, (_, i) => i % 251),
    labels: { values: Uint8Array.from({ length: size }, (_, i) => i % 10), names: [...'0123456789'] },
  });

describe('arrayDataset', () => {
  it('gathers rows in the order asked for', () => {
    const into = new Uint8Array(7);
    counting(5).read([4, 0, 4], into);
    expect([...into]).toEqual([8, 9, 0, 1, 8, 9, 0]);
  });

  it('refuses rows that do not exist and buffers that do not fit', () => {
    const data = counting(5);
    for (const row of [5, -1, 0.5, Number.NaN]) {
      expect(() => data.read([row], new Uint8Array(2))).toThrow(`expected a row from 0 to 4, got row ${row}`);
    }
    expect(() => data.read([0, 1], new Uint8Array(3))).toThrow('at least 4 values for 2 rows, got a uint8 buffer of 3');
    expect(() => data.read([0], new Float32Array(2))).toThrow('expected a uint8 buffer');
  });

  it('refuses half a row, no row, and labels of other rows', () => {
    const make = (length: number, labels: number) => () =>
      arrayDataset({
        name: 'x',
        shape: [2],
        data: new Uint8Array(length),
        labels: { values: new Uint8Array(labels) },
      });
    expect(make(3, 1)).toThrow('whole number of rows of 2 values');
    expect(make(0, 0)).toThrow(LatentkitError);
    expect(make(4, 3)).toThrow('one label for each of the 2 rows, got 3 labels');
  });
});

describe('subset', () => {
  it('reads, labels and places its rows as the whole does', () => {
    const whole = counting(20);
    fc.assert(
      fc.property(fc.array(fc.nat(19), { minLength: 1 }), fc.array(fc.nat(), { minLength: 1 }), (kept, asked) => {
        const part = subset(whole, kept);
        const rows = asked.map(n => n % kept.length);
        const [a, b] = [new Uint8Array(rows.length * 2), new Uint8Array(rows.length * 2)];
        part.read(rows, a);
        whole.read(
          rows.map(row => kept[row]!),
          b,
        );
        expect(a).toEqual(b);
        expect(rows.map(row => part.position(row))).toEqual(rows.map(row => kept[row]));
        expect([...part.labels!.values]).toEqual(kept.map(row => row % 10));
      }),
    );
  });

  it('refuses rows that do not exist', () => {
    expect(() => subset(counting(5), 0, 6)).toThrow('rows from 0 to 5, got 0 to 6');
    expect(() => subset(counting(5), [5])).toThrow('row 5');
    expect(() => subset(counting(5), [-1])).toThrow('row -1');
    expect(() => subset(counting(5), 1, 3).read([2], new Uint8Array(2))).toThrow('a row from 0 to 1, got row 2');
  });
});

describe('fingerprint', () => {
  it('is of what a data set holds, not of how it was made', () => {
    const whole = counting(20);
    const copy = arrayDataset({
      name: 'other',
      shape: [2, 1, 1],
      data: readRange(whole, 5, 9) as Uint8Array,
      labels: { values: Uint8Array.of(5, 6, 7, 8) },
    });
    expect(subset(whole, 5, 9).fingerprint).toBe(copy.fingerprint);
    expect(copy.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('changes with values, order, shape, range and labels', () => {
    const base = { name: 'x', shape: [2], data: Uint8Array.of(1, 2, 3, 4) };
    const prints = [
      base,
      { ...base, data: Uint8Array.of(1, 2, 3, 5) },
      { ...base, data: Uint8Array.of(3, 4, 1, 2) },
      { ...base, shape: [1, 2] },
      { ...base, range: [0, 4] as const },
      { ...base, labels: { values: Uint8Array.of(0, 0) } },
      { ...base, labels: { values: Uint8Array.of(0, 1) } },
      { ...base, data: Float32Array.of(1, 2, 3, 4), range: [0, 255] as const },
    ].map(source => arrayDataset(source).fingerprint);
    expect(new Set(prints).size).toBe(prints.length);
  });
});

describe('split', () => {
  it('puts every row in exactly one part, the same each time, and keeps the order within a part', () => {
    const whole = counting(200);
    const { train, validation, test } = split(whole, { validation: 0.1, test: 30 });
    expect([train.size, validation.size, test.size]).toEqual([150, 20, 30]);
    const rows = [train, validation, test].map(part => Array.from({ length: part.size }, (_, i) => part.position(i)));
    expect(rows.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    for (const part of rows) expect(part).toEqual([...part].sort((a, b) => a - b));
    expect(split(whole, { validation: 0.1, test: 30 }).test.fingerprint).toBe(test.fingerprint);
    expect(rows[2]).not.toEqual(Array.from({ length: 30 }, (_, i) => 170 + i));
  });

  it('refuses to leave a part empty', () => {
    for (const share of [0, 200, 0.001, 0.999]) {
      expect(() => setAside(counting(200), share)).toThrow('expected to set aside from 1 to 199 of 200 rows');
    }
  });
});

describe('binarize', () => {
  const grey = arrayDataset({
    name: 'grey',
    shape: [5],
    data: Uint8Array.from({ length: 50_000 }, (_, i) => [0, 64, 128, 192, 255][i % 5]!),
  });

  it('draws each value with the probability that its grey is', () => {
    const values = Uint8Array.from(readRange(binarize(grey, 1), 0, grey.size));
    expect([...new Set(values)].sort()).toEqual([0, 255]);
    const means = [0, 1, 2, 3, 4].map(
      pixel => values.filter((_, i) => i % 5 === pixel).reduce((a, b) => a + b) / 2_550_000,
    );
    expect(means[0]).toBe(0);
    expect(means[4]).toBe(1);
    // Three standard deviations of a mean over 10,000 draws are at most 0.015.
    for (const [i, expected] of [64, 128, 192].entries())
      expect(Math.abs(means[i + 1]! - expected / 255)).toBeLessThan(0.015);
  });

  it('gives a row the same draw in every split, and another with another seed', () => {
    const rows = [9, 3, 500];
    const before = binarize(subset(grey, rows), 7);
    const after = subset(binarize(grey, 7), rows);
    expect(before.fingerprint).toBe(after.fingerprint);
    expect(before.position(2)).toBe(500);
    expect(binarize(grey, 8).fingerprint).not.toBe(binarize(grey, 7).fingerprint);
  });
});

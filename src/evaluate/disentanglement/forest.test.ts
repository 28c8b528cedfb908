import { describe, expect, it } from 'vitest';
import { fitForest } from './forest.ts';
import { normals } from './testing.ts';

const options = { trees: 20, depth: 8, seed: 1 };
const of = (values: ArrayLike<number>): Float64Array => Float64Array.from(values);

describe('a forest', () => {
  it('shares importance by the fall of the Gini impurity, in closed form', () => {
    // Four classes, 2a + b, with a even and b = 1 in one of five. Impurity .66; by a .32, then by b 0.
    const rows = 4000;
    const a = Array.from({ length: rows }, (_, row) => row % 2);
    const b = Array.from({ length: rows }, (_, row) => ((row >> 1) % 5 === 0 ? 1 : 0));
    const labels = Uint8Array.from(a, (value, row) => 2 * value + b[row]!);
    const { importance, accuracy } = fitForest([of(b), of(a), of(a.map(() => 3))], labels, options);
    expect(accuracy).toBe(1);
    // Bootstrap samples of 4,000 rows move the shares by less than 0.01.
    expect(Math.abs(importance[1]! - 0.34 / 0.66)).toBeLessThan(0.01);
    expect(Math.abs(importance[0]! - 0.32 / 0.66)).toBeLessThan(0.01);
    expect(importance[2]).toBe(0);
  });

  it('reaches the best accuracy that there is, on rows not seen, and no more', () => {
    const rows = 3000;
    const x = normals(rows, 1);
    const lies = normals(rows, 2).map(value => value > 0.8416212); // one of five
    const labels = Uint8Array.from(x, (value, row) => Number(value > 0 !== lies[row]));
    const { accuracy, importance } = fitForest([of(x), of(normals(rows, 3)), of(normals(rows, 4))], labels, options);
    expect(Math.abs(accuracy - 0.8)).toBeLessThan(3 * Math.sqrt((0.8 * 0.2) / rows));
    // Splits on what cannot help were cut off.
    expect(importance[0]).toBeGreaterThan(0.95);
  });

  it('finds nothing where there is nothing', () => {
    const rows = 2000;
    const features = [1, 2, 3, 4].map(seed => of(normals(rows, seed)));
    const labels = Uint8Array.from({ length: rows }, (_, row) => row % 5);
    const { accuracy, importance } = fitForest(features, labels, options);
    expect(Math.abs(accuracy - 0.2)).toBeLessThan(0.01);
    expect([...importance]).toEqual([0.25, 0.25, 0.25, 0.25]);
    const same = fitForest([of(labels.map(() => 1)), of(labels.map(() => 2))], labels, options);
    expect([...same.importance]).toEqual([0.5, 0.5]);
  });

  it('minds the order of values only, follows its features when they change places, and its seed', () => {
    const rows = 600;
    const [x, y] = [normals(rows, 5), normals(rows, 6)];
    const labels = Uint8Array.from(x, (value, row) => (value > 0 ? 2 : 0) + (value + y[row]! > 0.3 ? 1 : 0));
    const { importance, accuracy } = fitForest([of(x), of(y)], labels, options);
    expect(Math.min(...importance)).toBeGreaterThan(0.1);
    const bent = fitForest([of(y.map(value => value ** 3)), of(x.map(Math.exp))], labels, options);
    // A threshold in between lies elsewhere now, and of equal cuts another may be taken: few rows notice.
    expect(Math.abs(bent.importance[1]! - importance[0]!)).toBeLessThan(0.03);
    expect(Math.abs(bent.accuracy - accuracy)).toBeLessThan(0.02);
    expect(fitForest([of(x), of(y)], labels, options).importance).toEqual(importance);
    expect(fitForest([of(x), of(y)], labels, { ...options, seed: 2 }).importance).not.toEqual(importance);
  });
});

import { describe, expect, it } from 'vitest';
import { fitLogistic } from './logistic.ts';
import { normals } from './testing.ts';

const rowsOf = (...columns: readonly (readonly number[])[]): Float64Array[] =>
  columns[0]!.map((_, i) => Float64Array.from(columns, column => column[i]!));

describe('logistic regression', () => {
  it('draws the boundary where Newton’s method on its likelihood draws it', () => {
    // Few rows of small numbers, so that the penalty and what it is on both count.
    const count = 40;
    const labels = Uint8Array.from({ length: count }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const x = normals(count, 1).map((value, i) => 0.1 * (value + 1.2 * labels[i]!));
    // Two classes with weights ±w and constants ±b are the sigmoid of 2 (wx + b), penalised by w² in all.
    const mean = x.reduce((a, b) => a + b) / count;
    const deviation = Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
    let [w, b] = [0, 0];
    for (let step = 0; step < 50; step++) {
      let [gw, gb, ww, wb, bb] = [-2 * w, 0, 2, 0, 0];
      for (const [i, value] of x.entries()) {
        const u = (value - mean) / deviation;
        const p = 1 / (1 + Math.exp(-2 * (w * u + b)));
        gw += 2 * (labels[i]! - p) * u;
        gb += 2 * (labels[i]! - p);
        const curve = 4 * p * (1 - p);
        ww += curve * u * u;
        wb += curve * u;
        bb += curve;
      }
      const determinant = ww * bb - wb * wb;
      w += (bb * gw - wb * gb) / determinant;
      b += (ww * gb - wb * gw) / determinant;
    }
    const boundary = mean - (deviation * b) / w;
    const classify = fitLogistic(rowsOf(x), labels, 2);
    expect(classify(Float64Array.of(boundary + 0.002))).toBe(1);
    expect(classify(Float64Array.of(boundary - 0.002))).toBe(0);
  });

  it('finds a class between two others, which least squares masks, whatever the features’ scales', () => {
    const labels = Uint8Array.from({ length: 600 }, (_, i) => i % 3);
    const x = normals(600, 3).map((value, i) => 1000 + 0.3 * value + 2 * labels[i]!);
    const rows = rowsOf(
      x,
      x.map(() => 5),
    );
    const classify = fitLogistic(rows, labels, 3);
    const right = rows.filter((row, i) => classify(row) === labels[i]).length;
    expect(right / 600).toBeGreaterThan(0.99);
  });
});

// How strongly each two columns of a table depend on each other, from 0 to 1 (of two numeric ones from −1): Spearman's rank
// correlation of numbers, Cramér's V of categories with Bergsma's (2013) correction for its bias, and the correlation ratio
// η of a number upon categories. Rows where one of the two is missing are left out.

import { columnAt, levelsOf, type TableRows } from './table.ts';

/** The dependence of each pair of columns (i < j), [i, j, value], where it is defined: neither is constant. */
export function dependences(table: TableRows): (readonly [i: number, j: number, value: number])[] {
  const values = table.columns.map((_, place) => columnAt(table, place));
  const levels = table.columns.map(levelsOf);
  return values.flatMap((a, i) =>
    values.slice(i + 1).flatMap((b, offset) => {
      const j = i + 1 + offset;
      const rows = Array.from(a.keys()).filter(row => !Number.isNaN(a[row]!) && !Number.isNaN(b[row]!));
      const [x, y] = [rows.map(row => a[row]!), rows.map(row => b[row]!)];
      const value = dependence(x, levels[i], y, levels[j]);
      return Number.isFinite(value) ? [[i, j, value] as const] : [];
    }),
  );
}

function dependence(x: number[], levelsOfX: number | undefined, y: number[], levelsOfY: number | undefined): number {
  if (levelsOfX === undefined && levelsOfY === undefined) return correlation(ranks(x), ranks(y));
  if (levelsOfX === undefined) return correlationRatio(x, y, levelsOfY!);
  return levelsOfY === undefined ? correlationRatio(y, x, levelsOfX) : cramersV(x, levelsOfX, y, levelsOfY);
}

/** Ranks from 1 on; of equal numbers the mean of theirs. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const result = values.map(() => 0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) result[order[i]!] = (start + end + 1) / 2;
    start = end;
  }
  return result;
}

function correlation(x: readonly number[], y: readonly number[]): number {
  const [meanX, meanY] = [meanOf(x), meanOf(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - meanX, y[i]! - meanY];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return xy / Math.sqrt(xx * yy);
}

/** √(variance between the categories' means / variance). */
function correlationRatio(numbers: readonly number[], categories: readonly number[], levels: number): number {
  const mean = meanOf(numbers);
  const [sums, counts] = [new Float64Array(levels), new Float64Array(levels)];
  let total = 0;
  numbers.forEach((number, i) => {
    sums[categories[i]!]! += number - mean;
    counts[categories[i]!]! += 1;
    total += (number - mean) ** 2;
  });
  const between = sums.reduce((sum, own, level) => sum + (counts[level] === 0 ? 0 : own ** 2 / counts[level]!), 0);
  return Math.sqrt(between / total);
}

/** √(φ̃² / min(k̃ − 1, r̃ − 1)), φ² being χ² / n, less what independent columns would have of it (Bergsma 2013). */
function cramersV(x: readonly number[], levelsOfX: number, y: readonly number[], levelsOfY: number): number {
  const n = x.length;
  const table = new Float64Array(levelsOfX * levelsOfY);
  const [inX, inY] = [new Float64Array(levelsOfX), new Float64Array(levelsOfY)];
  for (let i = 0; i < n; i++) {
    table[x[i]! * levelsOfY + y[i]!]! += 1;
    inX[x[i]!]! += 1;
    inY[y[i]!]! += 1;
  }
  let phi = -1;
  for (let i = 0; i < levelsOfX; i++) {
    for (let j = 0; j < levelsOfY; j++) {
      const expected = inX[i]! * inY[j]!;
      if (expected > 0) phi += table[i * levelsOfY + j]! ** 2 / expected;
    }
  }
  const [rows, columns] = [inX, inY].map(counts => counts.filter(count => count > 0).length) as [number, number];
  const corrected = (size: number): number => size - (size - 1) ** 2 / (n - 1);
  const excess = Math.max(0, phi - ((rows - 1) * (columns - 1)) / (n - 1));
  return Math.sqrt(excess / Math.min(corrected(rows) - 1, corrected(columns) - 1));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

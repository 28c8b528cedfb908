// How far two tables' columns are from each other, one by one: by Kolmogorov and Smirnov's distance of numbers, and by the
// total variation distance of categories, ½ Σ |p − q|. Both lie from 0, alike, to 1.

import { kolmogorovSmirnov } from '../detection/index.ts';
import { columnAt, given, levelsOf, sharesOf, type TableRows } from './table.ts';

/** The distance of each column, in order; null where one of them has no value. */
export function marginalDistances(a: TableRows, b: TableRows): (number | null)[] {
  return a.columns.map((column, place) => {
    const [x, y] = [columnAt(a, place), columnAt(b, place)];
    if (given(x).length === 0 || given(y).length === 0) return null;
    const levels = levelsOf(column);
    if (levels === undefined) return kolmogorovSmirnov(given(x), given(y)).statistic;
    const [p, q] = [sharesOf(x, levels), sharesOf(y, levels)];
    return p.reduce((sum, share, i) => sum + Math.abs(share - q[i]!), 0) / 2;
  });
}

// Whether synthetic rows are copies: how near each is to the nearest row that was trained on, beside how near real rows are
// that were not (Zhao et al. 2021, "distance to closest record"). By Gower's (1971) distance: the mean over columns of |a − b|
// in units of the column's range, of categories 0 or 1; columns where one value is missing count as far apart, both as equal.

import { columnAt, given, levelsOf, rowCount, type TableRows } from './table.ts';

/** The distance of each row to the nearest row of another table, from 0 to 1. */
export function nearestDistances(rows: TableRows, others: TableRows): Float64Array {
  const { columns } = others;
  const width = columns.length;
  const scales = columns.map((column, place) => {
    if (levelsOf(column) !== undefined) return 0;
    const values = given(columnAt(others, place));
    const extent =
      values.reduce((most, value) => Math.max(most, value), -Infinity) -
      values.reduce((least, value) => Math.min(least, value), Infinity);
    return extent > 0 ? 1 / extent : 0;
  });
  const count = rowCount(others);
  return Float64Array.from({ length: rowCount(rows) }, (_, row) => {
    let nearest = width;
    for (let other = 0; other < count; other++) {
      let distance = 0;
      for (let place = 0; place < width && distance < nearest; place++) {
        const [a, b] = [rows.values[row * width + place]!, others.values[other * width + place]!];
        if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
        const difference = Math.abs(a - b) * scales[place]!;
        distance += difference > 0 ? Math.min(1, difference) : 1;
      }
      nearest = Math.min(nearest, distance);
    }
    return nearest / width;
  });
}

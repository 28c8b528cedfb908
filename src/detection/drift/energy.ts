// The energy distance (Székely and Rizzo 2004, "Testing for equal distributions in high dimension"; Székely and Rizzo 2013,
// equation 5): whether two samples of vectors are of one distribution, of whatever kind the difference is. Its p-value is by
// permutations of the rows, hence exact: it needs no limit and no distribution.

import { permutation, streamOf } from '../../random/index.ts';
import type { TestResult } from './kolmogorov-smirnov.ts';

/** Vectors of one width, laid flat. */
export interface Vectors {
  readonly width: number;
  readonly data: ArrayLike<number>;
}

const permutations = 499;

/**
 * 2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖ over the rows of two samples. Dimensions are best of one scale. Takes as many distances as
 * there are pairs of rows; give some hundreds of each. The p-value is 1 / 500 at least.
 */
export function energyTest(a: Vectors, b: Vectors, seed = 0): TestResult {
  const { width } = a;
  const [m, n] = [a.data.length / width, b.data.length / width];
  const rows = m + n;
  const distances = distancesOf(Float64Array.from([...Array.from(a.data), ...Array.from(b.data)]), width);
  const perRow = Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < rows; j++) sum += distances[i * rows + j]!;
    return sum;
  });
  const all = perRow.reduce((sum, value) => sum + value, 0);
  // Of which rows are the first sample's, all follows from the sum of distances among them.
  const statisticOf = (first: ArrayLike<number>): number => {
    let [within, from] = [0, 0];
    for (let i = 0; i < m; i++) {
      const row = first[i]! * rows;
      from += perRow[first[i]!]!;
      for (let j = 0; j < i; j++) within += 2 * distances[row + first[j]!]!;
    }
    const between = from - within;
    return (2 * between) / (m * n) - within / (m * m) - (all - 2 * from + within) / (n * n);
  };
  const statistic = statisticOf(Array.from({ length: m }, (_, i) => i));
  let asLarge = 1;
  for (let step = 0; step < permutations; step++) {
    const order = permutation(rows, { seed, stream: streamOf('detection/energy'), step });
    if (statisticOf(order) >= statistic * (1 - 1e-9)) asLarge++;
  }
  return { statistic, pValue: asLarge / (permutations + 1) };
}

/** The distance of each pair of rows: [rows, rows]. */
function distancesOf(data: Float64Array, width: number): Float32Array {
  const rows = data.length / width;
  const distances = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let d = 0; d < width; d++) sum += (data[i * width + d]! - data[j * width + d]!) ** 2;
      distances[i * rows + j] = Math.sqrt(sum);
      distances[j * rows + i] = distances[i * rows + j]!;
    }
  }
  return distances;
}

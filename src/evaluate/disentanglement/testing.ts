// Shared by the tests of this folder: rows over a grid of factors, and codes made of them.

import { numbers } from '../testing.ts';
import type { FactorColumn, FactoredCodes } from './codes.ts';

/** `repeat` rows of each combination of factors of these sizes, the last fastest; the values are numbers 0, 1, ... */
export function grid(sizes: readonly number[], repeat = 1): FactorColumn[] {
  const rows = repeat * sizes.reduce((a, b) => a * b, 1);
  return sizes.map((size, k) => {
    const every = sizes.slice(k + 1).reduce((a, b) => a * b, 1);
    return {
      name: `factor ${k}`,
      values: Array.from({ length: size }, (_, value) => value),
      numbers: Uint8Array.from({ length: rows }, (_, row) => Math.floor(row / every) % size),
    };
  });
}

/** Codes over a grid. */
export function codesOf(factors: readonly FactorColumn[], dimensions: readonly ArrayLike<number>[]): FactoredCodes {
  return { rows: factors[0]!.numbers.length, factors, dimensions: dimensions.map(values => Float64Array.from(values)) };
}

/** One dimension for each factor: its number, standardised. */
export function aligned(factors: readonly FactorColumn[]): number[][] {
  return factors.map(({ values, numbers }) => {
    const deviation = Math.sqrt((values.length ** 2 - 1) / 12);
    return Array.from(numbers, number => (number - (values.length - 1) / 2) / deviation);
  });
}

/** Standard normals, by Box and Muller. */
export function normals(count: number, seed: number): number[] {
  const [radii, angles] = [numbers(count, seed), numbers(count, seed + 0.5)];
  return Array.from(radii, (u, i) => Math.sqrt(-2 * Math.log((u + 1) / 2 + 1e-12)) * Math.cos(Math.PI * angles[i]!));
}

/** The Hadamard rotation of four dimensions: each becomes a mixture of all, in equal parts. */
export function mixed([a, b, c, d]: readonly number[][]): number[][] {
  const signs = [
    [1, 1, 1, 1],
    [1, -1, 1, -1],
    [1, 1, -1, -1],
    [1, -1, -1, 1],
  ];
  return signs.map(([p, q, r, s]) => a!.map((x, i) => (p! * x + q! * b![i]! + r! * c![i]! + s! * d![i]!) / 2));
}

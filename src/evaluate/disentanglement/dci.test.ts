import { describe, expect, it } from 'vitest';
import { completenessOf, dci, disentanglementOf } from './dci.ts';
import { aligned, codesOf, grid, mixed, normals } from './testing.ts';

const forest = { trees: 10, depth: 10, seed: 0 };

describe('disentanglement and completeness of importances', () => {
  it('are 1 where each dimension has its factor, and 0 where importance is spread evenly', () => {
    const one = [
      [0, 2, 0],
      [3, 0, 0],
      [0, 0, 1],
    ];
    expect(disentanglementOf(one)).toBeCloseTo(1, 10);
    expect(completenessOf(one)).toBeCloseTo(1, 10);
    const even = one.map(row => row.map(() => 1 / 3));
    expect(disentanglementOf(even)).toBeCloseTo(0, 10);
    expect(completenessOf(even)).toBeCloseTo(0, 10);
    expect([disentanglementOf([[0, 0]]), completenessOf([[0, 0]])]).toEqual([0, 0]);
    expect([disentanglementOf([[1], [1]]), completenessOf([[1], [1]])]).toEqual([0, 1]);
  });

  it('are those worked out by hand', () => {
    // Three factors, four dimensions: one of two factors, two of one factor, one of nothing.
    const importance = [
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [0, 0.75, 0.25, 0],
    ];
    // Dimension 0: entropy log 2, weight 2/3; the next two: none, weight 1/3.
    expect(disentanglementOf(importance)).toBeCloseTo((2 / 3) * (1 - Math.log(2) / Math.log(3)) + 1 / 3, 12);
    const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)) / Math.log(4);
    expect(completenessOf(importance)).toBeCloseTo((1 + 1 + (1 - entropy)) / 3, 12);
    const moved = importance.map(([a, b, c, d]) => [d!, b!, a!, c!]);
    expect(disentanglementOf(moved)).toBeCloseTo(disentanglementOf(importance), 12);
    expect(completenessOf(moved)).toBeCloseTo(completenessOf(importance), 12);
  });
});

describe('DCI', () => {
  const factors = grid([5, 5, 5, 5], 3);
  const noisy = aligned(factors).map((axis, seed) => axis.map((x, i) => x + 0.05 * normals(axis.length, seed)[i]!));

  it('is near 1 of aligned codes with dimensions that hold nothing', () => {
    const noise = normals(noisy[0]!.length, 9);
    const { disentanglement, completeness, informativeness } = dci(codesOf(factors, [...noisy, noise]), forest);
    expect(disentanglement).toBeGreaterThan(0.98);
    expect(completeness).toBeGreaterThan(0.98);
    expect(informativeness).toBeGreaterThan(0.99);
  });

  it('tells what is incomplete from what is entangled', () => {
    // Factor 0 by its halves in two dimensions; factors 2 and 3 as one number in one dimension.
    const columns = grid([4, 3, 2, 2], 20);
    const [a, b, c, d] = columns.map(({ numbers }) => Array.from(numbers));
    const halves = [a!.map(n => (n < 2 ? n : -1)), a!.map(n => (n < 2 ? -1 : n))];
    const joint = c!.map((n, i) => 2 * n + d![i]!);
    const { disentanglement, completeness, informativeness } = dci(codesOf(columns, [...halves, b!, joint]), forest);
    expect(informativeness).toBe(1);
    // The joint dimension has half of all importance, in even parts: ½ · log 2 / log 4 is lost.
    expect(disentanglement).toBeCloseTo(0.75, 6);
    // Each split takes away ¼ of an impurity of ¾, in one of the dimensions or the other: parts of ⅓ and ⅔.
    const entropy = (Math.log(3) - (2 / 3) * Math.log(2)) / Math.log(4);
    expect(completeness).toBeGreaterThan(1 - entropy / 4 - 0.05);
    expect(completeness).toBeLessThan(1 - entropy / 4 + 0.05);
  });

  it('is low of mixtures, and of noise', () => {
    const mixture = dci(codesOf(factors, mixed(noisy)), forest);
    expect(mixture.disentanglement).toBeLessThan(0.15);
    expect(mixture.completeness).toBeLessThan(0.15);
    const nothing = [1, 2, 3, 4].map(seed => normals(noisy[0]!.length, seed + 20));
    const noise = dci(codesOf(factors, nothing), forest);
    expect(noise.disentanglement).toBeLessThan(0.15);
    expect(noise.completeness).toBeLessThan(0.15);
    expect(noise.informativeness).toBeLessThan(0.3);
  });
});

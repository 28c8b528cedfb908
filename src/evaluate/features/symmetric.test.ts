// Decompositions against what they must multiply back to.

import { describe, expect, it } from 'vitest';
import { numbers } from '../testing.ts';
import { eigenOf, productTransposed, rootOf } from './symmetric.ts';

/** B Bᵀ for B [n, rank]: positive semidefinite, of that rank. */
function gram(n: number, rank: number, seed: number): Float64Array {
  const b = numbers(n * rank, seed);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += b[i * rank + k]! * b[j * rank + k]!;
    return sum;
  });
}

function expectEqual(actual: Float64Array, expected: ArrayLike<number>): void {
  expect([...actual]).toEqual(Array.from(expected, value => expect.closeTo(value, 10)));
}

describe('eigenvalues', () => {
  it('of a matrix of two rows are those of the closed form', () => {
    const { values } = eigenOf(Float64Array.of(2, 3, 3, -1), 2);
    expectEqual(values.sort(), [0.5 - Math.sqrt(2.25 + 9), 0.5 + Math.sqrt(2.25 + 9)]);
  });

  it('and vectors multiply back, and the vectors are orthonormal, whatever the rank and the signs', () => {
    const n = 12;
    for (const matrix of [gram(n, n, 1), gram(n, 4, 2), gram(n, n, 3).map((v, i) => v - 2 * gram(n, 2, 4)[i]!)]) {
      const { values, vectors } = eigenOf(matrix, n);
      const scaled = vectors.map((v, i) => v * values[i % n]!);
      expectEqual(productTransposed(scaled, vectors, n), matrix);
      expectEqual(
        productTransposed(vectors, vectors, n),
        Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
      );
    }
  });
});

describe('the root', () => {
  it('is symmetric, squares to the matrix, and has no negative eigenvalue', () => {
    for (const rank of [9, 3, 0]) {
      const matrix = gram(9, rank, rank);
      const root = rootOf(matrix, 9);
      expectEqual(productTransposed(root, root, 9), matrix);
      expectEqual(
        root,
        root.map((_, at) => root[(at % 9) * 9 + Math.floor(at / 9)]!),
      );
      expect(Math.min(...eigenOf(root, 9).values)).toBeGreaterThan(-1e-10);
    }
  });
});

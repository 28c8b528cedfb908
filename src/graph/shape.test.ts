// The arithmetic of shapes with N.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bindShape,
  broadcastShapes,
  type Dim,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  scaleDim,
  sizeOf,
  staticSize,
} from './shape.ts';

const dim: fc.Arbitrary<Dim> = fc.constantFrom<Dim>(1, 2, 3, 'N', '4N');
const shape = fc.array(dim, { maxLength: 4 });

test('binding N gives as many elements as the size says', () => {
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 9 }), (shape, n) => {
      const { coefficient, power } = sizeOf(shape);
      expect(bindShape(shape, n).reduce((a, b) => a * b, 1)).toBe(coefficient * n ** power);
    }),
    { seed: 1 },
  );
});

test('broadcasting is symmetric, has 1 as its unit, and grows nothing twice', () => {
  fc.assert(
    fc.property(shape, shape, (a, b) => {
      const both = broadcastShapes(a, b);
      expect(broadcastShapes(b, a)).toEqual(both);
      expect(broadcastShapes(a, [])).toEqual(a);
      expect(
        broadcastShapes(
          a,
          a.map(() => 1 as const),
        ),
      ).toEqual(a);
      if (both !== undefined) expect(broadcastShapes(both, a)).toEqual(both);
    }),
    { seed: 2 },
  );
});

test('N does not broadcast against a number, for it may be any', () => {
  expect(broadcastShapes(['N'], [3])).toBeUndefined();
  expect(broadcastShapes(['N'], ['2N'])).toBeUndefined();
  expect(broadcastShapes(['N', 1], [3])).toEqual(['N', 3]);
});

test('multiples of N have one spelling', () => {
  expect(scaleDim('N', 1)).toBe('N');
  expect(scaleDim('N', 49)).toBe('49N');
  expect(scaleDim('49N', 2)).toBe('98N');
  expect(scaleDim(3, 2)).toBe(6);
  expect(formatShape(['N', 3])).toBe('[N, 3]');
});

test('axes count from either end', () => {
  expect(normalizeAxes(undefined, 3, 'sum')).toEqual([0, 1, 2]);
  expect(normalizeAxes([-1, 0], 3, 'sum')).toEqual([0, 2]);
  expect(normalizeAxis(-2, 3, 'sum')).toBe(1);
  expect(() => normalizeAxis(0.5, 3, 'sum')).toThrow('sum: expected an axis from -3 to 2, got 0.5');
});

test('a size without N is asked of shapes that have none', () => {
  expect(staticSize([2, 3])).toBe(6);
  expect(() => staticSize(['N', 3])).toThrow('expected a shape without N, got [N, 3]');
});

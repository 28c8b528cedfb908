import fc from 'fast-check';
import { expect, it } from 'vitest';
import { permutation } from '../random/index.ts';
import { blocksOfWindow, shuffled } from './shuffled.ts';

const key = { seed: 3, stream: 5, step: 7 };

it('visits every row once, whatever the size of blocks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 300 }), (size, block) => {
      const order = shuffled({ size, block }, key);
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
    }),
    { numRuns: 50 },
  );
});

it('reads a block within one window only, and mixes the rows of a window', () => {
  const block = 10;
  const order = shuffled({ size: 10_000, block }, key);
  const window = blocksOfWindow * block;
  const seen = new Map<number, Set<number>>();
  order.forEach((row, i) => {
    const of = Math.floor(row / block);
    seen.set(of, (seen.get(of) ?? new Set()).add(Math.floor(i / window)));
  });
  expect([...seen.values()].every(windows => windows.size === 1)).toBe(true);
  // Neighbours in the order are of one block by chance alone: one in sixteen.
  let together = 0;
  for (let i = 1; i < order.length; i++) {
    if (Math.floor(order[i]! / block) === Math.floor(order[i - 1]! / block)) together += 1;
  }
  expect(together / order.length).toBeLessThan(2 / blocksOfWindow);
});

it('is that of all rows where there are no blocks, and another in another epoch', () => {
  expect(shuffled({ size: 100 }, key)).toEqual(permutation(100, key));
  expect(shuffled({ size: 100, block: 7 }, key)).not.toEqual(shuffled({ size: 100, block: 7 }, { ...key, step: 8 }));
});

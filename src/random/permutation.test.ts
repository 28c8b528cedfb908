import { describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { permutation } from './permutation.ts';

const key = { seed: 1, stream: 2, step: 0 };

describe('permutation', () => {
  it('holds every number once, and follows from its key', () => {
    const order = permutation(10_000, key);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(permutation(10_000, key)).toEqual(order);
    expect(permutation(10_000, { ...key, step: 1 })).not.toEqual(order);
    expect(permutation(10_000, { ...key, seed: 2 })).not.toEqual(order);
  });

  it('knows the small cases', () => {
    expect([...permutation(0, key)]).toEqual([]);
    expect([...permutation(1, key)]).toEqual([0]);
    expect(() => permutation(-1, key)).toThrow(LatentkitError);
  });

  it('draws all 24 permutations of 4 equally often', () => {
    const counts = new Map<string, number>();
    const draws = 24_000;
    for (let step = 0; step < draws; step++) {
      const order = permutation(4, { ...key, step }).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    let chiSquare = 0;
    for (const count of counts.values()) chiSquare += (count - draws / 24) ** 2 / (draws / 24);
    expect(chiSquare).toBeLessThan(49.7); // 23 degrees of freedom, p = 0.001
    expect(chiSquare).toBeGreaterThan(7.5); // p = 0.999: too even is a fault as well
  });
});

import { describe, expect, it } from 'vitest';
import { knnAccuracy, type Labelled, linearAccuracy } from './probes.ts';
import { numbers } from './testing.ts';

/** `count` points of each class about its centre. */
function clusters(centres: readonly (readonly number[])[], count: number, spread: number, seed: number): Labelled {
  const latent = centres[0]!.length;
  const noise = numbers(centres.length * count * latent, seed);
  const labels = Array.from({ length: centres.length * count }, (_, i) => i % centres.length);
  const codes = labels.flatMap((label, row) => centres[label]!.map((c, j) => c + spread * noise[row * latent + j]!));
  return { latent, codes, labels };
}

describe('nearest neighbours', () => {
  it('find the class of what lies apart, and guess where nothing does', () => {
    const centres = [
      [0, 0],
      [3, 0],
      [0, 3],
      [3, 3],
    ];
    expect(knnAccuracy(clusters(centres, 30, 1, 1), clusters(centres, 20, 1, 2))).toBe(1);
    const same = [
      [0, 0],
      [0, 0],
    ];
    const chance = knnAccuracy(clusters(same, 300, 1, 1), clusters(same, 300, 1, 2));
    expect(Math.abs(chance - 0.5)).toBeLessThan(0.1);
  });

  it('vote as one would by hand', () => {
    const train = { latent: 1, codes: [0, 1, 2, 3, 10, 11], labels: [0, 1, 1, 0, 2, 2] };
    const of = (code: number, label: number): Labelled => ({ latent: 1, codes: [code], labels: [label] });
    // Of 0.1 the nearest is 0 (class 0); the nearest three are 0, 1, 2 (classes 0, 1, 1).
    expect(knnAccuracy(train, of(0.1, 0), 1)).toBe(1);
    expect(knnAccuracy(train, of(0.1, 1), 3)).toBe(1);
    // Two votes each for 0 and 1: the class of the nearest, 1.2 → 1.
    expect(knnAccuracy(train, of(1.2, 1), 4)).toBe(1);
    // More neighbours than rows: all vote.
    expect(knnAccuracy(train, of(10, 2), 50)).toBe(1);
  });
});

describe('the linear probe', () => {
  it('tells what a plane separates, whatever the scale, and not what no plane does', () => {
    const centres = [
      [0, 0.002],
      [100, 0],
      [50, 0.004],
    ].map(([a, b]) => [a!, b!] as const);
    const spread = (seed: number): Labelled => {
      const { latent, codes, labels } = clusters(centres, 60, 0, seed);
      const noise = numbers(codes.length as number, seed);
      return { latent, labels, codes: Array.from(codes, (c, i) => c + (i % 2 === 0 ? 5 : 0.0005) * noise[i]!) };
    };
    expect(linearAccuracy(spread(1), spread(2))).toBe(1);
    // XOR.
    const xor = (seed: number): Labelled => {
      const { latent, codes } = clusters(
        [
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
        ],
        100,
        0.1,
        seed,
      );
      return { latent, codes, labels: Array.from({ length: 400 }, (_, i) => [0, 1, 1, 0][i % 4]!) };
    };
    expect(linearAccuracy(xor(1), xor(2))).toBeLessThan(0.8);
    expect(knnAccuracy(xor(1), xor(2))).toBe(1);
  });

  it('is the least-squares classifier: its residuals are orthogonal to the codes', () => {
    // One dimension, two classes, no ridge: the boundary lies where the regression line crosses ½.
    const train = { latent: 1, codes: [0, 1, 2, 3, 4, 9], labels: [0, 0, 0, 1, 1, 1] };
    const [mx, my] = [19 / 6, 0.5];
    const slope =
      [0, 1, 2, 3, 4, 9].reduce((s, x, i) => s + (x - mx) * ((i > 2 ? 1 : 0) - my), 0) /
      [0, 1, 2, 3, 4, 9].reduce((s, x) => s + (x - mx) ** 2, 0);
    const boundary = mx + (0.5 - my) / slope;
    const at = (x: number, label: number): number =>
      linearAccuracy(train, { latent: 1, codes: [x], labels: [label] }, 0);
    expect([at(boundary - 0.01, 0), at(boundary + 0.01, 1)]).toEqual([1, 1]);
    expect([at(boundary - 0.01, 1), at(boundary + 0.01, 0)]).toEqual([0, 0]);
  });

  it('bears dimensions that never vary', () => {
    const train = { latent: 2, codes: [0, 5, 1, 5, 0, 5, 1, 5], labels: [0, 1, 0, 1] };
    expect(linearAccuracy(train, train)).toBe(1);
  });
});

import { expect, it } from 'vitest';
import { normals } from './testing.ts';
import { closedWalk } from './walk.ts';

const codeAt = (walk: Float32Array, latent: number, i: number): number[] => {
  const rows = walk.length / latent;
  const row = ((i % rows) + rows) % rows;
  return [...walk.subarray(row * latent, (row + 1) * latent)];
};
const distance = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((v, j) => v - b[j]!));

it.each([
  [2, 3],
  [3, 2],
  [5, 16],
])('goes through all of %i codes of %i numbers and closes, without a leap', (count, latent) => {
  const codes = normals(count * latent, latent);
  const steps = 40;
  const walk = closedWalk(codes, { latent, numbers: latent }, steps);
  expect(walk).toHaveLength(count * steps * latent);
  for (let i = 0; i < count; i++) {
    expect(distance(codeAt(walk, latent, i * steps), codeAt(codes, latent, i))).toBeLessThan(1e-5);
  }
  // The whole way in so many steps: none is much longer than others, the one back to the start included.
  const lengths = Array.from({ length: count * steps }, (_, i) =>
    distance(codeAt(walk, latent, i), codeAt(walk, latent, i + 1)),
  );
  const mean = lengths.reduce((a, b) => a + b) / lengths.length;
  expect(Math.max(...lengths)).toBeLessThan(4 * mean);
});

it('has a continuous velocity where two legs meet', () => {
  const [latent, steps, count] = [24, 1000, 4];
  const walk = closedWalk(normals(count * latent), { latent, numbers: latent, sphere: true }, steps);
  for (let leg = 0; leg < count; leg++) {
    const [before, at, after] = [-1, 0, 1].map(i => codeAt(walk, latent, leg * steps + i));
    const [into, out] = [distance(at!, before!), distance(after!, at!)];
    const turned = distance(
      at!.map((v, j) => v - before![j]!),
      after!.map((v, j) => v - at![j]!),
    );
    expect(turned).toBeLessThan(0.02 * (into + out));
  }
});

it('stays on the shell: points have the lengths of the codes, and independent codes keep their variance', () => {
  const [latent, steps, count] = [512, 10, 6];
  const codes = normals(count * latent, 3);
  const walk = closedWalk(codes, { latent, numbers: latent }, steps);
  for (let i = 0; i < count * steps; i++) {
    const variance = codeAt(walk, latent, i).reduce((sum, v) => sum + v * v, 0) / latent;
    // A chi-squared mean of 512 has the standard error √(2/512) = 0.06.
    expect(Math.abs(variance - 1)).toBeLessThan(0.3);
  }
  const directions = Float32Array.from({ length: 3 * 4 }, (_, i) => (i % 5 === 0 ? 1 : 0));
  const sphere = closedWalk(directions, { latent: 4, numbers: 4, sphere: true }, 7);
  for (let i = 0; i < 21; i++) expect(Math.hypot(...codeAt(sphere, 4, i))).toBeCloseTo(1, 6);
});

it('passes between opposite codes of few dimensions without being thrown out', () => {
  const walk = closedWalk(Float32Array.of(2, 0, -2, 0), { latent: 2, numbers: 2 }, 20);
  expect(walk.every(v => Math.abs(v) <= 2.5)).toBe(true);
});

it('takes choices on the straight way, where they stay shares of one', () => {
  const walk = closedWalk(Float32Array.of(1, 1, 0, 0, 1, 0, 1, 0, -1, 0, 0, 1), { latent: 4, numbers: 1 }, 5);
  for (let i = 0; i < 15; i++) {
    const [, ...shares] = codeAt(walk, 4, i);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
  }
});

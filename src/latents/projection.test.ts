import { describe, expect, it } from 'vitest';
import { project, projections } from './projection.ts';
import { normals } from './testing.ts';
import { jointProbabilities, squaredDistances, tsneGradient } from './tsne.ts';

const [rows, latent] = [90, 6];
/** Three groups, far apart; row i belongs to group i mod 3. */
const groups = normals(rows * latent).map((v, i) => v + (i % latent === Math.floor(i / latent) % 3 ? 12 : 0));

describe.each(projections)('%s', method => {
  it('keeps groups together, and is the same each time', async () => {
    const options = { seed: 1, neighbours: 10 };
    const { points } = await project(groups, latent, method, options);
    expect(points).toHaveLength(2 * rows);
    const distance = (i: number, j: number): number =>
      Math.hypot(points[2 * i]! - points[2 * j]!, points[2 * i + 1]! - points[2 * j + 1]!);
    for (let i = 0; i < rows; i++) {
      const others = Array.from({ length: rows }, (_, j) => j).filter(j => j !== i);
      const nearest = others.reduce((best, j) => (distance(i, j) < distance(i, best) ? j : best));
      expect(nearest % 3).toBe(i % 3);
    }
    expect((await project(groups, latent, method, options)).points).toEqual(points);
  });

  it('tells its progress and stops', async () => {
    const shares: number[] = [];
    await project(groups, latent, method, { seed: 0, neighbours: 5, progress: share => shares.push(share) });
    expect(shares.at(-1)).toBe(method === 'pca' ? undefined : 1);
    await expect(project(groups.subarray(0, 3 * latent), latent, method, { seed: 0, neighbours: 5 })).rejects.toThrow(
      'expected at least 4 rows, got 3',
    );
  });
});

it('principal components keep the distances of points in a plane', async () => {
  const plane = normals(2 * 50, 3);
  // Two orthonormal directions of R^4.
  const codes = Float32Array.from({ length: 200 }, (_, at) => {
    const [row, j] = [at >> 2, at & 3];
    const [x, y] = [plane[2 * row]! * 3, plane[2 * row + 1]!];
    return 7 + [0.6 * x, 0.8 * x, 0.8 * y, -0.6 * y][j]!;
  });
  const { points, shares } = await project(codes, 4, 'pca', { seed: 0, neighbours: 5 });
  expect(shares!.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  const between = (values: Float32Array, width: number, i: number, j: number): number =>
    Math.hypot(...Array.from({ length: width }, (_, k) => values[i * width + k]! - values[j * width + k]!));
  for (let i = 1; i < 50; i++) expect(between(points, 2, 0, i)).toBeCloseTo(between(codes, 4, 0, i), 4);
});

describe('t-SNE', () => {
  const n = 12;
  const squared = squaredDistances(normals(n * 3, 5), 3);
  const p = jointProbabilities(squared, n, 3);

  it('gives each point the perplexity that was asked for', () => {
    expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    for (let i = 0; i < n; i++) expect(p[i * n + i]).toBe(0);
    // Of points at equal distances every neighbour is as likely.
    const even = jointProbabilities(
      Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 0 : 2)),
      4,
      3,
    );
    for (let at = 0; at < 16; at++) expect(even[at]).toBeCloseTo(at % 5 === 0 ? 0 : 1 / 12, 6);
    // Two points alone: the perplexity of one neighbour is 1 whatever the width.
    expect([...jointProbabilities(Float64Array.of(0, 9, 9, 0), 2, 1)]).toEqual([0, 0.5, 0.5, 0]);
  });

  it('agrees with finite differences of KL(P ‖ Q) written out', () => {
    const y = Float64Array.from(normals(2 * n, 6));
    const gradient = tsneGradient(p, y);
    const kl = (): number => {
      const kernel = (i: number, j: number): number =>
        i === j ? 0 : 1 / (1 + (y[2 * i]! - y[2 * j]!) ** 2 + (y[2 * i + 1]! - y[2 * j + 1]!) ** 2);
      const all = Array.from({ length: n * n }, (_, at) => kernel(Math.floor(at / n), at % n));
      const total = all.reduce((a, b) => a + b);
      return all.reduce((sum, q, at) => (p[at]! > 0 ? sum + p[at]! * Math.log(p[at]! / (q / total)) : sum), 0);
    };
    for (let i = 0; i < 2 * n; i++) {
      const h = 1e-4;
      y[i]! += h;
      const up = kl();
      y[i]! -= 2 * h;
      const down = kl();
      y[i]! += h;
      expect(gradient[i]).toBeCloseTo((up - down) / (2 * h), 5);
    }
  });
});

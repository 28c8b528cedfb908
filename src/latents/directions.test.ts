import { expect, it } from 'vitest';
import { attributeDirection, centreOf, dimensionAxes, principalAxes } from './directions.ts';
import { normals } from './testing.ts';

/** Rows A·n + shift, n being standard normal. */
function rowsOf(rows: number, a: readonly (readonly number[])[], shift: readonly number[], seed = 0) {
  const latent = a.length;
  const noise = normals(rows * latent, seed);
  const mean = Float32Array.from({ length: rows * latent }, (_, at) => {
    const [row, i] = [Math.floor(at / latent), at % latent];
    return a[i]!.reduce((sum, v, j) => sum + v * noise[row * latent + j]!, shift[i]!);
  });
  return { rows, latent, mean };
}

it('finds the principal axes of a known covariance', async () => {
  // Axes (3, 4)/5 and (4, −3)/5 with deviations 2 and 0.5.
  const turned = [
    [2 * 0.6, 0.5 * 0.8],
    [2 * 0.8, -0.5 * 0.6],
  ];
  const rows = 4000;
  const logVar = new Float32Array(2 * rows).fill(Math.log(0.09));
  const [first, second] = await principalAxes({ ...rowsOf(rows, turned, [5, -1]), logVar }, 2);
  expect(first!.direction[0]).toBeCloseTo(0.6, 1.5);
  expect(first!.direction[1]).toBeCloseTo(0.8, 1.5);
  expect(second!.direction[0]).toBeCloseTo(0.8, 1.5);
  expect(second!.direction[1]).toBeCloseTo(-0.6, 1.5);
  // The standard error of a deviation is σ/√(2n): 0.022 and 0.006. That of the posterior is added in quadrature.
  expect(Math.abs(first!.deviation - Math.sqrt(4 + 0.09))).toBeLessThan(0.08);
  expect(Math.abs(second!.deviation - Math.sqrt(0.25 + 0.09))).toBeLessThan(0.02);
  expect(first!.use).toBeCloseTo(4 / 4.25, 1.5);
  expect(first!.use + second!.use).toBeCloseTo(1, 6);
});

it('sorts the dimensions by their KL, each with the deviation of the aggregated posterior', () => {
  const codes = rowsOf(
    5000,
    [
      [0.1, 0, 0],
      [0, 1, 0],
      [0, 0, 0.5],
    ],
    [0, 3, 0],
  );
  const logVar = Float32Array.from(codes.mean, (_, i) => Math.log([0.99, 0.01, 0.75][i % 3]!));
  const axes = dimensionAxes({ ...codes, logVar });
  expect(axes.map(({ dimension }) => dimension)).toEqual([1, 2, 0]);
  for (const { deviation } of axes) expect(Math.abs(deviation - 1)).toBeLessThan(0.05);
  // E[KL] = ½ (E[mean²] + var − 1 − log var), of dimension 2 by hand.
  expect(axes[1]!.use).toBeCloseTo(0.5 * (0.25 + 0.75 - 1 - Math.log(0.75)), 1.5);
  expect([...axes[0]!.direction]).toEqual([0, 1, 0]);
  // Without log-variances the variance of the means says the use.
  expect(dimensionAxes(codes)[1]!.use).toBeCloseTo(0.25, 1);
});

it('leads from the mean of one set of examples to that of another', () => {
  const identity = [
    [1, 0],
    [0, 1],
  ];
  const [a, b] = [rowsOf(3000, identity, [1, 2], 1), rowsOf(2000, identity, [4, -2], 2)];
  expect(centreOf(a)[0]).toBeCloseTo(1, 1);
  const direction = attributeDirection(a, b);
  expect(direction[0]).toBeCloseTo(3, 0.9);
  expect(direction[1]).toBeCloseTo(-4, 0.9);
  expect([...attributeDirection(b, a)]).toEqual([...direction].map(v => -v));
});

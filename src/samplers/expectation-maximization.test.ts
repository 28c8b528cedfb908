import { describe, expect, it } from 'vitest';
import { mixtureLogProb, rounds } from './expectation-maximization.ts';
import { clustered, clusters } from './testing.ts';

const codes = clustered(3000, 1);

/** The mixture after so many rounds, and the log-likelihoods of all of them. */
function fitted(count: number, data: Float32Array, latent: number, components: number, seed = 0) {
  const logLikelihoods: number[] = [];
  for (const round of rounds(data, latent, components, seed)) {
    logLikelihoods.push(round.logLikelihood);
    if (logLikelihoods.length === count) return { ...round, logLikelihoods };
  }
  throw new Error('rounds never end');
}

describe('expectation–maximisation', () => {
  it.each([2, 5, 20])('never makes the codes less likely, with %i components', components => {
    for (const seed of [0, 1, 2]) {
      const { logLikelihoods } = fitted(60, codes, 2, components, seed);
      logLikelihoods.forEach((value, i) => {
        if (i > 0) expect(value - logLikelihoods[i - 1]!).toBeGreaterThan(-1e-5);
      });
      expect(logLikelihoods.at(-1)!).toBeGreaterThan(logLikelihoods[0]! + 0.1);
    }
  });

  it('with one component finds mean and covariance in one round', () => {
    const { mixture } = fitted(2, codes, 2, 1);
    const rows = codes.length / 2;
    const columns = [0, 1].map(j => [...codes].filter((_, i) => i % 2 === j)) as [number[], number[]];
    const mean = columns.map(column => column.reduce((a, b) => a + b) / rows) as [number, number];
    const covariance = (i: 0 | 1, j: 0 | 1): number =>
      columns[i].reduce((sum, value, row) => sum + (value - mean[i]) * (columns[j][row]! - mean[j]), 0) / rows;
    expect([...mixture.means]).toEqual(mean.map(value => expect.closeTo(value, 9)));
    const [a, zero, b, c] = [...mixture.factors] as [number, number, number, number];
    expect(zero).toBe(0);
    expect([a * a, a * b, b * b + c * c]).toEqual(
      [covariance(0, 0) + 1e-6, covariance(0, 1), covariance(1, 1) + 1e-6].map(value => expect.closeTo(value, 9)),
    );
  });

  it('finds the clusters that codes were drawn from', () => {
    const { mixture } = fitted(80, codes, 2, 2);
    const order = mixture.logWeights[0]! > mixture.logWeights[1]! ? [0, 1] : [1, 0];
    clusters.forEach(({ weight, mean, factor: [a, b, c] }, i) => {
      const k = order[i]!;
      expect(Math.exp(mixture.logWeights[k]!)).toBeCloseTo(weight, 1);
      expect([...mixture.means.subarray(2 * k, 2 * k + 2)]).toEqual(mean.map(value => expect.closeTo(value, 1)));
      const factor = [...mixture.factors.subarray(4 * k, 4 * k + 4)];
      expect(factor).toEqual([a, 0, b, c].map(value => expect.closeTo(value, 1)));
    });
  });

  it('gives the density that the formula gives', () => {
    const { mixture } = fitted(5, codes, 2, 2);
    const points = clustered(20, 8);
    const expected = Array.from({ length: 20 }, (_, row) => {
      let density = 0;
      for (const k of [0, 1]) {
        const [a, , b, c] = [...mixture.factors.subarray(4 * k, 4 * k + 4)] as [number, number, number, number];
        const [x, y] = [0, 1].map(j => points[2 * row + j]! - mixture.means[2 * k + j]!) as [number, number];
        // The inverse of [[a², ab], [ab, b² + c²]], whose determinant is (ac)².
        const squares = ((b * b + c * c) * x * x - 2 * a * b * x * y + a * a * y * y) / (a * c) ** 2;
        density += (Math.exp(mixture.logWeights[k]!) * Math.exp(-0.5 * squares)) / (2 * Math.PI * a * c);
      }
      return Math.log(density);
    });
    expect([...mixtureLogProb(mixture, points)]).toEqual(expected.map(value => expect.closeTo(value, 9)));
  });

  it('stands codes that are all the same, on a line, or fewer than distinct centres', () => {
    const line = Float32Array.from({ length: 200 }, (_, i) => (i >> 1) / 100);
    for (const data of [new Float32Array(200).fill(0.5), line, Float32Array.of(0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1)]) {
      const { mixture, logLikelihood } = fitted(20, data, 2, 3);
      expect(Number.isFinite(logLikelihood)).toBe(true);
      for (const values of [mixture.logWeights, mixture.means, mixture.factors]) {
        expect(values.every(Number.isFinite)).toBe(true);
      }
    }
  });
});

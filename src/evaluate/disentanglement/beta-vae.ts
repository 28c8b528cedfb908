// The score of the β-VAE (Higgins et al. 2017, "β-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework",
// section 3): from how far apart the codes of pairs are that share one factor, a linear classifier tells which one.

import type { FactoredCodes } from './codes.ts';
import { fixedFactorDraws, type PointOptions } from './fixed-factor.ts';
import { fitLogistic } from './logistic.ts';

/** The classifier's share of right answers on test points, each the mean of |z₁ − z₂| over a batch of pairs. */
export function betaVaeScore(codes: FactoredCodes, options: PointOptions): number {
  const { trainingPoints, testPoints, batchSize, seed } = options;
  const draws = fixedFactorDraws(codes, 'beta-vae', seed);
  const points = (count: number): { readonly differences: Float64Array[]; readonly labels: Uint8Array } => {
    const labels = new Uint8Array(count);
    const differences = Array.from({ length: count }, (_, i) => {
      const factor = draws.factor();
      labels[i] = factor;
      const difference = new Float64Array(codes.dimensions.length);
      for (let pair = 0; pair < batchSize; pair++) {
        const row = draws.row();
        const other = draws.rowLike(row, factor);
        for (const [j, values] of codes.dimensions.entries()) {
          difference[j]! += Math.abs(values[row]! - values[other]!) / batchSize;
        }
      }
      return difference;
    });
    return { differences, labels };
  };
  const training = points(trainingPoints);
  const classify = fitLogistic(training.differences, training.labels, codes.factors.length);
  const { differences, labels } = points(testPoints);
  return differences.filter((difference, i) => classify(difference) === labels[i]).length / testPoints;
}

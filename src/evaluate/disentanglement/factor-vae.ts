// The score of the FactorVAE (Kim and Mnih 2018, "Disentangling by Factorising", section 4 and figure 2): of rows that share one
// factor, the dimension that varies least (beside how it varies over all rows) should tell which factor they share.

import { activeAbove } from '../latents.ts';
import { type FactoredCodes, variance } from './codes.ts';
import { fixedFactorDraws, type PointOptions } from './fixed-factor.ts';

/**
 * The share of test batches whose factor the dimension of least variance tells, each dimension standing for the factor that
 * it went with most often in training. Dimensions that are not active (variance up to 0.01) have no say; 0 where none is.
 */
export function factorVaeScore(codes: FactoredCodes, options: PointOptions): number {
  const { trainingPoints, testPoints, batchSize, seed } = options;
  const active = codes.dimensions
    .map(values => ({ values, overall: variance(values) }))
    .filter(({ overall }) => overall > activeAbove);
  if (active.length === 0) return 0;
  const draws = fixedFactorDraws(codes, 'factor-vae', seed);
  const batch = new Uint32Array(batchSize);
  const numbers = new Float64Array(batchSize);
  const point = (): { readonly factor: number; readonly steadiest: number } => {
    const factor = draws.factor();
    const first = draws.row();
    for (let i = 0; i < batchSize; i++) batch[i] = draws.rowLike(first, factor);
    let [steadiest, least] = [0, Number.POSITIVE_INFINITY];
    for (const [i, { values, overall }] of active.entries()) {
      for (let row = 0; row < batchSize; row++) numbers[row] = values[batch[row]!]!;
      const share = variance(numbers) / overall;
      if (share < least) [steadiest, least] = [i, share];
    }
    return { factor, steadiest };
  };
  const votes = active.map(() => codes.factors.map(() => 0));
  for (let i = 0; i < trainingPoints; i++) {
    const { factor, steadiest } = point();
    votes[steadiest]![factor]! += 1;
  }
  const standsFor = votes.map(counts => counts.indexOf(Math.max(...counts)));
  let right = 0;
  for (let i = 0; i < testPoints; i++) {
    const { factor, steadiest } = point();
    if (standsFor[steadiest] === factor) right += 1;
  }
  return right / testPoints;
}

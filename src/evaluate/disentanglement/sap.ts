// The separated attribute predictability (Kumar et al. 2018, "Variational Inference of Disentangled Latent Concepts from
// Unlabeled Observations", section 3): by how much the dimension that alone predicts a factor best is ahead of the next.
// As in the paper a factor of numbers is regressed, and one of names is told by thresholds; Locatello et al. 2019 classify
// all factors by a linear SVM, which gives other scores.

import { average, type FactoredCodes, gap } from './codes.ts';

/** (1/K) Σₖ (S₁ₖ − S₂ₖ), the two largest of the scores of all dimensions for factor k: from 0 to 1. */
export function separatedAttributePredictability({ dimensions, factors }: FactoredCodes): number {
  return average(
    factors.map(({ values, numbers }) => {
      const quantities = values.filter(value => typeof value === 'number');
      const score =
        quantities.length === values.length
          ? (dimension: Float64Array) =>
              squaredCorrelation(
                dimension,
                Float64Array.from(numbers, n => quantities[n]!),
              )
          : (dimension: Float64Array) => balancedAccuracy(dimension, numbers);
      return gap(dimensions.map(score));
    }),
  );
}

/** R² of a linear regression: cov(x, y)² / (var(x) var(y)); 0 where x does not vary. */
function squaredCorrelation(x: Float64Array, y: Float64Array): number {
  const mean = (values: Float64Array): number => values.reduce((a, b) => a + b) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - meanX, y[i]! - meanY];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  return xx > 1e-12 * x.length ? (xy * xy) / (xx * yy) : 0;
}

/** Quantiles that thresholds may lie at. */
const cuts = 100;

/**
 * The best balanced accuracy (the mean over classes of the share that is recognised) that thresholds can have, one fewer
 * than there are classes, each interval between them standing for one class. Exact but for the thresholds' being at
 * quantiles: best(k, e) = max over s of best(k − 1, s) + what one class earns in the cells from s to e.
 */
export function balancedAccuracy(x: Float64Array, numbers: Uint8Array): number {
  const classes = [...new Set(numbers)];
  const sorted = x.toSorted();
  const at = Array.from({ length: cuts - 1 }, (_, i) => sorted[Math.floor(((i + 1) * x.length) / cuts)]!);
  const thresholds = [...new Set(at)];
  // earned[class][cell]: of the class, the share that lies in the cells before.
  const earned = classes.map(number => {
    const shares = new Float64Array(thresholds.length + 2);
    const members = x.filter((_, row) => numbers[row] === number);
    for (const value of members) shares[1 + thresholds.findLastIndex(t => t <= value) + 1]! += 1 / members.length;
    for (let cell = 1; cell < shares.length; cell++) shares[cell]! += shares[cell - 1]!;
    return shares;
  });
  let best = new Float64Array(thresholds.length + 2);
  for (let interval = 0; interval < classes.length; interval++) {
    best = best.map((_, end) => {
      let most = 0;
      for (let start = 0; start <= end; start++) {
        for (const shares of earned) most = Math.max(most, best[start]! + shares[end]! - shares[start]!);
      }
      return most;
    });
  }
  return best.at(-1)! / classes.length;
}

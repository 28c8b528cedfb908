// Multinomial logistic regression by Böhning's bound (1992, "Multinomial Logistic Regression Algorithm"): minus the Hessian of
// the log-likelihood is never above ½ (I − 11ᵀ/K) ⊗ XᵀX, so each step is one least-squares regression of the residuals,
//   W ← W + (½ XᵀX + λI)⁻¹ (Xᵀ(Y − P) − λW),
// with the same matrix every time and no step size, and the likelihood never falls.

import { solvePositive } from '../solve.ts';

/** On weights of standardised features, none on the constant: keeps them finite where a plane separates the classes. */
const penalty = 1;
const mostSteps = 500;
/** Of the weights' norm: a step that changes them by less is the last. */
const tolerance = 3e-3;

/**
 * Fits a classifier of `classes` classes: from rows of features to class numbers.
 * @returns the most probable class of a row
 */
export function fitLogistic(
  rows: readonly Float64Array[],
  labels: Uint8Array,
  classes: number,
): (row: Float64Array) => number {
  const standardise = standardiser(rows);
  const inputs = rows.map(standardise);
  const width = inputs[0]?.length ?? 1;
  const curvature = new Float64Array(width * width);
  for (const x of inputs) {
    for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) curvature[i * width + j]! += 0.5 * x[i]! * x[j]!;
  }
  for (let i = 0; i < width - 1; i++) curvature[i * width + i]! += penalty;
  const weights = new Float64Array(width * classes);
  const scores = new Float64Array(classes);
  for (let step = 0; step < mostSteps; step++) {
    const gradient = weights.map((weight, i) => (i < (width - 1) * classes ? -penalty * weight : 0));
    for (const [row, x] of inputs.entries()) {
      score(x, weights, scores);
      softmax(scores);
      scores[labels[row]!]! -= 1;
      for (let i = 0; i < width; i++)
        for (let c = 0; c < classes; c++) gradient[i * classes + c]! -= x[i]! * scores[c]!;
    }
    const change = solvePositive(curvature, gradient, width, classes);
    for (let i = 0; i < weights.length; i++) weights[i]! += change[i]!;
    if (norm(change) < tolerance * norm(weights)) break;
  }
  return row => {
    score(standardise(row), weights, scores);
    return scores.indexOf(Math.max(...scores));
  };
}

/** xW: a number for each class. */
function score(x: Float64Array, weights: Float64Array, into: Float64Array): void {
  const classes = into.length;
  into.fill(0);
  for (let i = 0; i < x.length; i++) for (let c = 0; c < classes; c++) into[c]! += x[i]! * weights[i * classes + c]!;
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** Scores to probabilities, in place. */
function softmax(scores: Float64Array): void {
  let [largest, total] = [Number.NEGATIVE_INFINITY, 0];
  for (const value of scores) largest = Math.max(largest, value);
  for (let c = 0; c < scores.length; c++) total += scores[c] = Math.exp(scores[c]! - largest);
  for (let c = 0; c < scores.length; c++) scores[c]! /= total;
}

/** Features less their mean over the rows by their deviation, and a 1 at the end. */
function standardiser(rows: readonly Float64Array[]): (row: Float64Array) => Float64Array {
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, i) => rows.map(row => row[i]!));
  const means = columns.map(values => values.reduce((a, b) => a + b) / rows.length);
  const deviations = columns.map((values, i) => {
    return Math.sqrt(values.reduce((sum, value) => sum + (value - means[i]!) ** 2, 0) / rows.length);
  });
  return row => {
    const standard = Float64Array.from({ length: width + 1 }, () => 1);
    for (let i = 0; i < width; i++) standard[i] = (row[i]! - means[i]!) / (deviations[i]! || 1);
    return standard;
  };
}

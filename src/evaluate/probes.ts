// What classes an embedding tells apart, by two simple classifiers that learn from one split and are judged on another:
// the nearest neighbours, and a linear map fitted in closed form (ridge regression on one-hot labels; Hoerl and Kennard
// 1970).

import { solvePositive } from './solve.ts';

/** Codes [rows, latent] laid flat, with a class number for each row. */
export interface Labelled {
  readonly latent: number;
  readonly codes: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/**
 * The share of test rows whose class the k nearest training rows (Euclidean) vote for. Of classes with equally many votes
 * the one with the nearest row wins.
 */
export function knnAccuracy(train: Labelled, test: Labelled, k = 5): number {
  const { latent } = train;
  const distances = new Float64Array(k);
  const classes = new Int32Array(k);
  let right = 0;
  for (let row = 0; row < test.labels.length; row++) {
    distances.fill(Number.POSITIVE_INFINITY);
    classes.fill(-1);
    const code = Float64Array.from({ length: latent }, (_, j) => test.codes[row * latent + j]!);
    for (let other = 0; other < train.labels.length; other++) {
      let distance = 0;
      const at = other * latent;
      const worst = distances[k - 1]!;
      for (let j = 0; j < latent && distance < worst; j++) {
        const difference = code[j]! - train.codes[at + j]!;
        distance += difference * difference;
      }
      if (distance >= worst) continue;
      let place = k - 1;
      for (; place > 0 && distances[place - 1]! > distance; place--) {
        distances[place] = distances[place - 1]!;
        classes[place] = classes[place - 1]!;
      }
      distances[place] = distance;
      classes[place] = train.labels[other]!;
    }
    if (vote(classes) === test.labels[row]) right += 1;
  }
  return right / test.labels.length;
}

/** The most frequent of class numbers that are in the order of their rows' distance; -1 stands for none. */
function vote(classes: Int32Array): number {
  const votes = new Map<number, number>();
  for (const label of classes) if (label >= 0) votes.set(label, (votes.get(label) ?? 0) + 1);
  let winner = -1;
  for (const [label, count] of votes) if (count > (votes.get(winner) ?? 0)) winner = label;
  return winner;
}

/**
 * The share of test rows that a linear classifier gives their class: one-hot labels regressed on the standardised codes
 * and a constant, with a ridge of `ridge` times the number of rows.
 */
export function linearAccuracy(train: Labelled, test: Labelled, ridge = 1e-3): number {
  const { latent } = train;
  const rows = train.labels.length;
  const classes = 1 + Array.from(train.labels).reduce((most, label) => Math.max(most, label), 0);
  const features = standardiser(train);
  const width = latent + 1;
  const normal = new Float64Array(width * width);
  const target = new Float64Array(width * classes);
  for (let row = 0; row < rows; row++) {
    const x = features(train.codes, row);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) normal[i * width + j]! += x[i]! * x[j]!;
      target[i * classes + train.labels[row]!]! += x[i]!;
    }
  }
  for (let i = 0; i < latent; i++) normal[i * width + i]! += ridge * rows;
  const weights = solvePositive(normal, target, width, classes);
  let right = 0;
  for (let row = 0; row < test.labels.length; row++) {
    const x = features(test.codes, row);
    let [best, most] = [0, Number.NEGATIVE_INFINITY];
    for (let label = 0; label < classes; label++) {
      const score = x.reduce((sum, value, i) => sum + value * weights[i * classes + label]!, 0);
      if (score > most) [best, most] = [label, score];
    }
    if (best === test.labels[row]) right += 1;
  }
  return right / test.labels.length;
}

/** Codes less the training mean by the training deviation, and a 1 at the end. */
function standardiser({ latent, codes, labels }: Labelled): (codes: ArrayLike<number>, row: number) => Float64Array {
  const rows = labels.length;
  const mean = new Float64Array(latent);
  const squares = new Float64Array(latent);
  for (let i = 0; i < rows * latent; i++) mean[i % latent]! += codes[i]! / rows;
  for (let i = 0; i < rows * latent; i++) squares[i % latent]! += (codes[i]! - mean[i % latent]!) ** 2 / rows;
  return (from, row) =>
    Float64Array.from({ length: latent + 1 }, (_, j) => {
      if (j === latent) return 1;
      return (from[row * latent + j]! - mean[j]!) / Math.sqrt(squares[j]! + 1e-12);
    });
}

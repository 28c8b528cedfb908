// A random forest that classifies (Breiman 2001), for the importance of features: how much of the Gini impurity the splits by
// each of them took away. Each tree is grown on a bootstrap sample, with all features to choose from at each split, as
// importances shall tell what the codes hold and not what a draw of features left. A tree cut off at some depth is the top
// of the deeper tree, so one growth serves all depths. The depth taken is the least whose accuracy on the rows that a tree has
// not seen (out of bag) is within one standard error of the best (Breiman et al. 1984, section 3.4.3), which keeps splits on
// noise out of the importances.

import { below, streamOf, wordsOf } from '../../random/index.ts';

export interface ForestOptions {
  readonly trees: number;
  /** The most splits from a root to a leaf. */
  readonly depth: number;
  readonly seed: number;
}

/** What a forest found out. */
export interface ForestFindings {
  /** The features' shares of the impurity that was taken away, summing to 1; as much for each where no split helps. */
  readonly importance: Float64Array;
  /** Share of the rows whose class the trees vote for that have not seen the row. */
  readonly accuracy: number;
}

interface Node {
  /** The most frequent class. */
  readonly label: number;
  readonly split?: Split | undefined;
}

interface Split {
  readonly feature: number;
  /** Up to it rows go to `low`. */
  readonly threshold: number;
  /** By how much the impurity falls, weighed by the rows that are split. */
  readonly gain: number;
  readonly low: Node;
  readonly high: Node;
}

/**
 * Fits a forest.
 * @param features `features[feature][row]`
 * @param labels class numbers, one a row
 */
export function fitForest(
  features: readonly Float64Array[],
  labels: Uint8Array,
  { trees, depth, seed }: ForestOptions,
): ForestFindings {
  const rows = labels.length;
  const counts = new Float64Array(256);
  for (const label of labels) counts[label]! += 1;
  const classes = 1 + counts.findLastIndex(count => count > 0);
  const orders = features.map(values => Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!));
  // votes[depth, row, class] of the trees that have not seen the row.
  const votes = new Uint16Array((depth + 1) * rows * classes);
  const [isLow, spare] = [new Uint8Array(rows), new Uint32Array(rows)];
  const gains = Array.from({ length: depth }, () => new Float64Array(features.length));
  for (let tree = 0; tree < trees; tree++) {
    const weights = bootstrap(rows, seed, tree);
    const seen = orders.map(order => order.filter(row => weights[row]! > 0));
    const root = grow({ features, labels, weights, classes, orders: seen, isLow, spare }, 0, seen[0]!.length, depth);
    addGains(root, gains, 0);
    for (let row = 0; row < rows; row++) {
      if (weights[row]! > 0) continue;
      let node = root;
      for (let level = 0; level <= depth; level++) {
        votes[(level * rows + row) * classes + node.label]! += 1;
        const { split } = node;
        if (split) node = features[split.feature]![row]! <= split.threshold ? split.low : split.high;
      }
    }
  }
  // Without a split a forest guesses. What is most frequent in a sample is less so outside, which would be held against it.
  const accuracies = Array.from({ length: depth + 1 }, (_, level) => {
    if (level === 0) return Math.max(...counts) / rows;
    return accuracyOf(votes.subarray(level * rows * classes, (level + 1) * rows * classes), labels, classes);
  });
  const highest = Math.max(...accuracies);
  const error = Math.sqrt((highest * (1 - highest)) / rows);
  const taken = accuracies.findIndex(accuracy => accuracy >= highest - error);
  const importance = new Float64Array(features.length);
  for (const level of gains.slice(0, taken)) for (const [i, gain] of level.entries()) importance[i]! += gain;
  const total = importance.reduce((a, b) => a + b, 0);
  return {
    importance: importance.map(gain => (total > 0 ? gain / total : 1 / features.length)),
    accuracy: accuracies[taken]!,
  };
}

/** How often each row is in a sample of as many rows, drawn with replacement. */
function bootstrap(rows: number, seed: number, tree: number): Uint8Array {
  const next = wordsOf({ seed, stream: streamOf('evaluate/disentanglement/forest'), step: tree });
  const weights = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) weights[below(rows, next)]! += 1;
  return weights;
}

/** Adds the gains of a tree's splits to those of their depth and feature. */
function addGains({ split }: Node, gains: readonly Float64Array[], depth: number): void {
  if (split === undefined) return;
  gains[depth]![split.feature]! += split.gain;
  addGains(split.low, gains, depth + 1);
  addGains(split.high, gains, depth + 1);
}

/** The share of rows with votes whose class has the most, the first of those that have equally many. */
function accuracyOf(votes: Uint16Array, labels: Uint8Array, classes: number): number {
  let [right, judged] = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    const label = mostFrequent(votes.subarray(row * classes, (row + 1) * classes));
    if (votes[row * classes + label] === 0) continue;
    judged += 1;
    if (label === labels[row]) right += 1;
  }
  return judged > 0 ? right / judged : 0;
}

function mostFrequent(counts: Uint16Array | Float64Array): number {
  let best = 0;
  for (let i = 1; i < counts.length; i++) if (counts[i]! > counts[best]!) best = i;
  return best;
}

/** What a tree is grown on. A node is the same stretch of all orders. */
interface Sample {
  readonly features: readonly Float64Array[];
  readonly labels: Uint8Array;
  /** How often each row counts. */
  readonly weights: Uint8Array;
  readonly classes: number;
  /** The rows in the order of each feature. */
  readonly orders: readonly Uint32Array[];
  /** Room to partition in: marks of rows, all 0 in between, and rows. */
  readonly isLow: Uint8Array;
  readonly spare: Uint32Array;
}

/** The node of the rows from `start` to `end` of each order, with at most `depth` splits below it. */
function grow(sample: Sample, start: number, end: number, depth: number): Node {
  const { features, labels, weights, orders } = sample;
  const counts = new Float64Array(sample.classes);
  for (const row of orders[0]!.subarray(start, end)) counts[labels[row]!]! += weights[row]!;
  const label = mostFrequent(counts);
  const best = depth > 0 ? bestSplit(sample, start, end, counts) : undefined;
  if (best === undefined) return { label };
  const { feature, cut, gain } = best;
  const [values, order] = [features[feature]!, orders[feature]!];
  const threshold = (values[order[cut - 1]!]! + values[order[cut]!]!) / 2;
  partition(sample, start, end, order.slice(start, cut));
  const [low, high] = [grow(sample, start, cut, depth - 1), grow(sample, cut, end, depth - 1)];
  return { label, split: { feature, threshold, gain, low, high } };
}

/**
 * Where to cut which order; nowhere if nothing is gained. With counts n_c of n rows the Gini impurity times n is
 * n − Σ n_c² / n, so what a cut takes away is Σ n_c² / n of both sides less that of the whole. Moving a row over changes one
 * term of each side's Σ n_c².
 */
function bestSplit(
  { features, labels, weights, classes, orders }: Sample,
  start: number,
  end: number,
  counts: Float64Array,
): { readonly feature: number; readonly cut: number; readonly gain: number } | undefined {
  let [total, squares] = [0, 0];
  for (const count of counts) {
    total += count;
    squares += count * count;
  }
  // Rounding alone must not split.
  let [bestFeature, bestCut, most] = [-1, 0, 1e-9 * total];
  const low = new Float64Array(classes);
  for (let i = 0; i < features.length; i++) {
    // Of equal cuts the first is taken: which feature comes first goes round, so that none is favoured.
    const feature = (i + start + end) % features.length;
    const values = features[feature]!;
    const order = orders[feature]!;
    low.fill(0);
    let [lowTotal, lowSquares, highSquares] = [0, 0, squares];
    for (let at = start; at < end - 1; at++) {
      const row = order[at]!;
      const label = labels[row]!;
      const weight = weights[row]!;
      const before = low[label]!;
      lowSquares += weight * (2 * before + weight);
      highSquares -= weight * (2 * (counts[label]! - before) - weight);
      low[label] = before + weight;
      lowTotal += weight;
      if (values[row] === values[order[at + 1]!]) continue;
      const gain = lowSquares / lowTotal + highSquares / (total - lowTotal) - squares / total;
      if (gain > most) {
        bestFeature = feature;
        bestCut = at + 1;
        most = gain;
      }
    }
  }
  return bestFeature < 0 ? undefined : { feature: bestFeature, cut: bestCut, gain: most };
}

/** Brings the low rows to the front of the stretch in every order, which they keep on both sides. */
function partition({ orders, isLow, spare }: Sample, start: number, end: number, low: Uint32Array): void {
  for (const row of low) isLow[row] = 1;
  for (const order of orders) {
    let [front, back] = [start, 0];
    for (let i = start; i < end; i++) {
      const row = order[i]!;
      if (isLow[row] === 1) order[front++] = row;
      else spare[back++] = row;
    }
    order.set(spare.subarray(0, back), front);
  }
  for (const row of low) isLow[row] = 0;
}

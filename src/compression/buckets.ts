// Codes as symbols: each dimension is cut into buckets of the same mass under the prior N(0, 1), and a bucket stands for its
// median (Townsend et al. 2019, section 2.5.1). Then the prior is uniform, and narrow where codes are many.

import { standardNormalCdf } from './normal-cdf.ts';
import type { Symbols } from './quantise.ts';

/** How many buckets: so many that a posterior of a hundredth of the prior's width is still many of them wide. */
export const bucketCount: number = 2 ** 13;

/** Buckets as the prior has them. */
export const prior: Symbols = { count: bucketCount, below: k => k / bucketCount };

/** −∞, the quantiles 1 / count, 2 / count, ..., ∞ of N(0, 1), and the medians between them. */
const { edges, medians } = quantiles();

/** The number that a bucket stands for. */
export function medianOf(bucket: number): number {
  return medians[bucket]!;
}

/** Buckets as the posterior N(mean, exp(logVar)) has them. One object serves all: `at` says of which posterior. */
export class PosteriorBuckets implements Symbols {
  readonly count: number = bucketCount;
  #mean = 0;
  #precision = 1;

  at(mean: number, logVar: number): this {
    this.#mean = mean;
    this.#precision = Math.exp(-0.5 * logVar);
    return this;
  }

  below(k: number): number {
    return standardNormalCdf((edges[k]! - this.#mean) * this.#precision);
  }
}

function quantiles(): { readonly edges: Float64Array; readonly medians: Float64Array } {
  const edges = new Float64Array(bucketCount + 1);
  const medians = new Float64Array(bucketCount);
  edges[0] = Number.NEGATIVE_INFINITY;
  edges[bucketCount] = Number.POSITIVE_INFINITY;
  let quantile = -10;
  for (let k = 1; k < 2 * bucketCount; k++) {
    quantile = quantileFrom(quantile, k / (2 * bucketCount));
    if (k % 2 === 0) edges[k / 2] = quantile;
    else medians[(k - 1) / 2] = quantile;
  }
  return { edges, medians };
}

/** The quantile of a probability in (0, 1), which is above `low`, by halving. */
function quantileFrom(from: number, probability: number): number {
  let low = from;
  let high = 10;
  for (let i = 0; i < 60; i++) {
    const middle = 0.5 * (low + high);
    if (standardNormalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return high;
}

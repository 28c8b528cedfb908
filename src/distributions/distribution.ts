// What every distribution over tensors offers. All are factorised: `logProb` is per element, and whoever needs the
// log-probability of a whole example sums it (never averages), so that a bound is always in nats per example.

import type { NoiseDistribution, Tensor } from '../graph/index.ts';
import { sum } from '../ops/index.ts';

/** What explains data: an expected value and log-probabilities. */
export interface Density {
  /** The expected value, of the distribution's shape. */
  readonly mean: Tensor;
  /** The expected squared distance from the mean; broadcasts to the distribution's shape. */
  readonly variance: Tensor;
  /** log p(x) in nats for each element: log-density, or log-mass where x is discrete. */
  logProb(x: Tensor): Tensor;
}

/** A density that can be drawn from. */
export interface Distribution extends Density {
  /** What `sample` is to be fed with. */
  readonly noise: NoiseDistribution;
  /** A sample made of noise of the distribution's shape. */
  sample(noise: Tensor): Tensor;
}

/** The sum over all dimensions but the batch: [N, ...] → [N]. Per-element nats become nats per example. */
export function sumPerExample(x: Tensor): Tensor {
  const axes = x.shape.slice(1).map((_, i) => i + 1);
  return axes.length === 0 ? x : sum(x, axes);
}

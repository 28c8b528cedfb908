// What likelihoods of counts share: the way between the model's [0, 1] and whole numbers, and additional zeros.

import { type Density, rounded, zeroInflated } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { add, mul, sub } from '../../ops/index.ts';
import type { InputSpec } from '../spec.ts';

/** Counts need a range of whole numbers from 0 on. */
export function countsMisfit({ range }: InputSpec): string | undefined {
  if (range.every(Number.isInteger) && range[0] >= 0) return undefined;
  return `counts need whole numbers from 0 on as input.range [low, high], got [${range.join(', ')}]`;
}

/** The range of a log-mean: from one count in 160,000 numbers to e² times the input's largest. */
export function logMeanRange({ range }: InputSpec): readonly [number, number] {
  return [-12, Math.log(range[1]) + 2];
}

/**
 * A distribution of counts as one of x in [0, 1], which stands for the count x · (high − low) + low.
 *
 * @param gate the logit of a probability that a count is zero for a reason of its own.
 */
export function ofCounts(counts: Density, { range: [low, high] }: InputSpec, gate?: Tensor): Density {
  const { mean, variance, logProb } = gate === undefined ? counts : zeroInflated(counts, gate);
  return {
    mean: mul(sub(mean, low), 1 / (high - low)),
    variance: mul(variance, 1 / (high - low) ** 2),
    logProb: x => logProb(rounded(add(mul(x, high - low), low))),
  };
}

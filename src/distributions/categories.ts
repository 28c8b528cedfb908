// A choice of one among K categories as a vector of K numbers: one-hot, drawn by Gumbel's trick (the largest of logits and
// Gumbel noise), or relaxed to the softmax of the same, through which gradients flow (Jang et al. 2017, "Categorical
// Reparameterization with Gumbel-Softmax"; Maddison et al. 2017, "The Concrete Distribution", whose equation 10 is the
// relaxed vector's density).

import type { Tensor } from '../graph/index.ts';
import {
  add,
  argmax,
  div,
  exp,
  log,
  logSoftmax,
  logSumExp,
  maximum,
  mul,
  neg,
  oneHot,
  softmax,
  sub,
  sum,
} from '../ops/index.ts';

/** Distributions over the vectors of K categories, one a row. */
export interface Categories {
  /** The categories' probabilities: [N, K]. */
  readonly probabilities: Tensor;
  /** The likeliest category, one-hot: [N, K]. No gradient. */
  readonly mode: Tensor;
  /** log p(z) in nats for z [N, K]: [N, 1]. A log-mass of one-hot vectors, or a log-density of relaxed ones. */
  logProb(z: Tensor): Tensor;
  /** Vectors made of uniform noise [N, K]. */
  sample(noise: Tensor): Tensor;
  /** KL of the category, not relaxed, to the uniform distribution in nats: [N, 1]. */
  klToUniform(): Tensor;
}

/** One-hot vectors, by logits [N, K]. Draws have no gradient. */
export function categories(logits: Tensor): Categories {
  const [, count] = logits.shape as [unknown, number];
  const logProbabilities = logSoftmax(logits);
  const probabilities = exp(logProbabilities);
  const chosen = (scores: Tensor): Tensor => oneHot(argmax(scores, 1), count);
  const expectation = (weights: Tensor): Tensor => sum(mul(weights, logProbabilities), 1, { keepDims: true });
  return {
    probabilities,
    mode: chosen(logits),
    logProb: z => expectation(z),
    sample: noise => chosen(add(logits, gumbel(noise))),
    klToUniform: () => add(expectation(probabilities), Math.log(count)),
  };
}

/** Vectors of positive numbers that add up to 1, the closer to one-hot the lower the temperature, by logits [N, K]. */
export function gumbelSoftmax(logits: Tensor, temperature: number): Categories {
  const [, count] = logits.shape as [unknown, number];
  const arrangements = Array.from({ length: count - 1 }, (_, i) => Math.log(i + 1)).reduce((a, b) => a + b, 0);
  const constant = arrangements + (count - 1) * Math.log(temperature);
  return {
    ...categories(logits),
    sample: noise => softmax(div(add(logits, gumbel(noise)), temperature)),
    // log (K − 1)! τ^(K − 1) Πₖ αₖ yₖ^(−τ − 1) / (Σₖ αₖ yₖ^(−τ))^K.
    logProb(z) {
      const logs = log(maximum(z, tiny));
      const scores = sub(logits, mul(temperature, logs));
      const product = sum(sub(scores, logs), 1, { keepDims: true });
      return add(sub(product, mul(count, logSumExp(scores, 1, { keepDims: true }))), constant);
    },
  };
}

/** Below what draws give, and far enough above 0 that its logarithm has a gradient in float32. */
const tiny = 1e-30;

/** Standard Gumbel numbers of uniform ones in [0, 1), whose 24 bits may all be 0. */
export function gumbel(uniform: Tensor): Tensor {
  return neg(log(neg(log(maximum(uniform, 2 ** -25)))));
}

// Bernoulli over {0, 1}, by its logits. With y the logit, log p(x) = x·y − log(1 + eʸ).

import type { Tensor } from '../graph/index.ts';
import { cast, less, mul, sigmoid, softplus, sub } from '../ops/index.ts';
import type { Distribution } from './distribution.ts';

/** Bernoulli distributions, one an element. */
export interface Bernoulli extends Distribution {
  readonly logits: Tensor;
}

/**
 * Bernoulli distributions with p = sigmoid(logits).
 *
 * `logProb` takes grey values x in [0, 1] as well and then is the cross-entropy x·log p + (1 − x)·log(1 − p), as the
 * field does since Kingma & Welling (2014). That equals the expected log-mass if each pixel were drawn with
 * probability x, but as a density over [0, 1] it is not normalised (Loaiza-Ganem & Cunningham 2019): such figures
 * compare only with each other.
 *
 * `sample` takes uniform noise and has no gradient.
 */
export function bernoulli(logits: Tensor): Bernoulli {
  const mean = sigmoid(logits);
  return {
    logits,
    mean,
    variance: mul(mean, sub(1, mean)),
    noise: 'uniform',
    logProb: x => sub(mul(x, logits), softplus(logits)),
    sample: noise => cast(less(noise, mean), 'float32'),
  };
}

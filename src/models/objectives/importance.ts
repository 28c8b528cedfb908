// Importance-weighted bounds (Burda et al. 2016, "Importance Weighted Autoencoders"): K codes are drawn for each example,
// and the mean of their weights p(x, z) / q(z|x) estimates p(x).

import type { Tensor } from '../../graph/index.ts';
import { add, logSumExp, mean, reshape, stopGradient, sub } from '../../ops/index.ts';
import { boundTerms } from './bound.ts';
import type { Inference, Terms } from './objective.ts';

/** Codes drawn for each example of a batch, with their weights. */
export interface Draws extends Omit<Terms, 'loss'> {
  /** The inference that they were drawn in, with `count` rows for each example. */
  readonly inference: Inference;
  /** The codes: [count · N, latent]. */
  readonly z: Tensor;
  /** log p(x, z) − log q(z|x) in nats: [N, count]. */
  readonly logWeights: Tensor;
}

/** Draws `count` codes for each example. `reconstruction` and `kl` are the bound's terms, averaged over the codes. */
export function draw(once: Inference, count: number): Draws {
  const inference = once.repeat(count);
  const z = inference.posterior.sample();
  const terms = boundTerms(inference, z);
  const average = (x: Tensor): Tensor => mean(perExample(x, count), 1);
  return {
    inference,
    z,
    logWeights: perExample(sub(logJoint(inference, z), inference.posterior.logProb(z)), count),
    reconstruction: average(terms.reconstruction),
    kl: average(terms.kl),
  };
}

/** log p(x, z) in nats for each code: [count · N]. */
export function logJoint({ logLikelihood, prior }: Inference, z: Tensor): Tensor {
  return add(logLikelihood(z), prior.logProb(z));
}

/** [count · N] as [N, count]. */
export function perExample(x: Tensor, count: number): Tensor {
  return reshape(x, ['N', count]);
}

/** log of the mean of exp over the last axis: [N, K] → [N]. */
export function logMeanExp(x: Tensor): Tensor {
  return sub(logSumExp(x, -1), Math.log(x.shape.at(-1) as number));
}

/** The gradient of one scalar under the value of another. */
export function withValue(gradient: Tensor, value: Tensor): Tensor {
  return add(stopGradient(value), sub(gradient, stopGradient(gradient)));
}

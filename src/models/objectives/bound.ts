// The terms of the evidence lower bound (Kingma & Welling 2014, equation 3), which every objective reports.

import { sumPerExample } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { neg } from '../../ops/index.ts';
import type { Inference } from './objective.ts';

export interface BoundTerms {
  /** −log p(x|z) in nats per example: [N]. */
  readonly reconstruction: Tensor;
  /** KL(q(z|x) ‖ p(z)) in nats per example: [N]. */
  readonly kl: Tensor;
  /** The same, split as far as posterior and prior factorise: [N, width]. */
  readonly klPerDimension: Tensor;
}

/** The terms of the bound at codes z [N, latent]. */
export function boundTerms(
  { posterior, prior, logLikelihood }: Pick<Inference, 'posterior' | 'prior' | 'logLikelihood'>,
  z: Tensor,
): BoundTerms {
  const klPerDimension = prior.kl(posterior, z);
  return { reconstruction: neg(logLikelihood(z)), kl: sumPerExample(klPerDimension), klPerDimension };
}

// The terms of the evidence lower bound (Kingma & Welling 2014, equation 3), which every objective reports.

import { sumPerExample } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { neg } from '../../ops/index.ts';
import type { Inference } from './objective.ts';

/** The terms of the bound at codes z [N, latent], in nats per example. */
export function boundTerms(
  { posterior, prior, logLikelihood }: Pick<Inference, 'posterior' | 'prior' | 'logLikelihood'>,
  z: Tensor,
): { readonly reconstruction: Tensor; readonly kl: Tensor; readonly klPerDimension: Tensor } {
  const klPerDimension = prior.kl(posterior, z);
  return { reconstruction: neg(logLikelihood(z)), kl: sumPerExample(klPerDimension), klPerDimension };
}

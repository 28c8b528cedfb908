// The standard normal of whole codes, on which posteriors other than the factorised one are built.

import { normal, sumPerExample } from '../../distributions/index.ts';
import { constant, type Tensor } from '../../graph/index.ts';

/** log N(z; 0, I) in nats for codes [N, latent]: [N]. */
export function standardNormalLogProb(z: Tensor): Tensor {
  return sumPerExample(normal(constant(0), { deviation: 1 }).logProb(z));
}

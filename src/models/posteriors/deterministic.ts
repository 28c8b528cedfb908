// z = mean(x): no distribution at all, the code of a plain autoencoder (Hinton & Salakhutdinov 2006) and of those that
// are regularised in another way than by a KL (Ghosh et al. 2020). The bound's KL counts as 0: what is left of the bound
// is the reconstruction alone, and no figure of such a model is a bound on the likelihood.

import { z } from 'zod';
import { LatentkitError } from '../../errors.ts';
import type { Tensor } from '../../graph/index.ts';
import { mul, slice, stopGradient } from '../../ops/index.ts';
import { linearHeads } from './heads.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';

export interface DeterministicPosterior {
  readonly type: 'deterministic';
}

export const deterministic: PosteriorDefinition<DeterministicPosterior> = definePosterior<DeterministicPosterior>({
  type: 'deterministic',
  schema: z.strictObject({ type: z.literal('deterministic') }),
  kl: false,
  density: false,
  build(_, features, latent, scope) {
    const [mean] = linearHeads(features, [latent], latent, scope) as [Tensor];
    return {
      mean,
      outputs: { mean },
      sample: () => mean,
      logProb() {
        throw new LatentkitError(
          'spec',
          'model spec: the posterior "deterministic" has no density log q(z|x), which was asked for; choose another ' +
            'posterior, such as "diagonalGaussian", or an objective that needs none, such as "elbo".',
        );
      },
      klToStandardNormal: () => mul(0, stopGradient(slice(mean, 1, 0, 1))),
    };
  },
});

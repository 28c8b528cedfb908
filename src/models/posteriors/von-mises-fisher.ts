// Codes on the unit sphere of R^latent (Davidson et al. 2018, "Hyperspherical Variational Auto-Encoders"): q(z|x) is the von
// Mises–Fisher distribution, of whose uniform prior every direction is as near as any other. The encoder gives the mean
// direction, and the concentration as κ = softplus(·) + 1, as the paper's code does.

import { z } from 'zod';
import { direction, vonMisesFisher as distribution } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { add, softplus } from '../../ops/index.ts';
import { linearHeads } from './heads.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';

export interface VonMisesFisherPosterior {
  readonly type: 'vonMisesFisher';
}

export const vonMisesFisher: PosteriorDefinition<VonMisesFisherPosterior> = definePosterior<VonMisesFisherPosterior>({
  type: 'vonMisesFisher',
  schema: z.strictObject({ type: z.literal('vonMisesFisher') }),
  kl: true,
  density: true,
  refuse(_, { latent, prior }) {
    if (prior.type !== 'uniformSphere')
      return 'has codes on the unit sphere, for which it needs the prior "uniformSphere"';
    return latent < 2 ? 'has codes on the unit sphere, for which it needs at least 2 latents' : undefined;
  },
  build(_, features, latent, scope) {
    const [toward, excess] = linearHeads(features, [latent, 1], latent, scope) as [Tensor, Tensor];
    const mean = direction(toward);
    const concentration = add(softplus(excess), 1);
    const { sample, logProb, klToUniform } = distribution(mean, concentration);
    return {
      mean,
      outputs: { mean, concentration },
      sample: () => sample(scope.noise('angle', excess.shape, 'uniform'), scope.noise('noise', mean.shape, 'normal')),
      logProb,
      klToUniform,
    };
  },
});

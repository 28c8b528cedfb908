// q(z|x) = N(mean(x), diag exp(logVar(x))), drawn by z = mean + exp(logVar / 2) · noise, the reparameterisation of
// Kingma & Welling (2014, section 2.4).

import { z } from 'zod';
import { klToStandardNormal, normal, sumPerExample } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { linearHeads } from './heads.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';

export interface DiagonalGaussianPosterior {
  readonly type: 'diagonalGaussian';
}

export const diagonalGaussian: PosteriorDefinition<DiagonalGaussianPosterior> =
  definePosterior<DiagonalGaussianPosterior>({
    type: 'diagonalGaussian',
    schema: z.strictObject({ type: z.literal('diagonalGaussian') }),
    kl: true,
    density: true,
    build(_, features, latent, scope) {
      const [mean, logVar] = linearHeads(features, [latent, latent], latent, scope) as [Tensor, Tensor];
      const distribution = normal(mean, { logVar });
      return {
        distribution,
        mean,
        outputs: { mean, logVar },
        sample: () => distribution.sample(scope.noise('noise', mean.shape, distribution.noise)),
        logProb: z => sumPerExample(distribution.logProb(z)),
        klToStandardNormal: () => klToStandardNormal(distribution),
      };
    },
  });

// q(z|x) = N(mean(x), diag exp(logVar(x))), drawn by z = mean + exp(logVar / 2) · noise, the reparameterisation of
// Kingma & Welling (2014, section 2.4).

import { z } from 'zod';
import { normal } from '../../distributions/index.ts';
import { innerShape, weightInitial } from '../../nn/index.ts';
import { add, matmul, slice } from '../../ops/index.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';

export interface DiagonalGaussianPosterior {
  readonly type: 'diagonalGaussian';
}

export const diagonalGaussian: PosteriorDefinition<DiagonalGaussianPosterior> =
  definePosterior<DiagonalGaussianPosterior>({
    type: 'diagonalGaussian',
    schema: z.strictObject({ type: z.literal('diagonalGaussian') }),
    build(_, features, latent, scope) {
      // Both heads are one product, [width, 2 · latent], which is faster; each starts as a head by itself would.
      const [width] = innerShape(features) as [number];
      const initial = weightInitial('glorotUniform', { fanIn: width, fanOut: latent });
      const weight = scope.parameter('weight', [width, 2 * latent], initial);
      const bias = scope.parameter('bias', [2 * latent], { type: 'constant', value: 0 });
      const heads = add(matmul(features, weight), bias);
      const [mean, logVar] = [slice(heads, 1, 0, latent), slice(heads, 1, latent)];
      const distribution = normal(mean, { logVar });
      return {
        distribution,
        mean,
        outputs: { mean, logVar },
        sample: () => distribution.sample(scope.noise('noise', mean.shape, distribution.noise)),
      };
    },
  });

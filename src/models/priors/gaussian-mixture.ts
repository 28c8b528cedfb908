// p(z) = Σₖ wₖ N(z; meanₖ, diag exp(logVarₖ)), all learned: the prior of Gaussian-mixture VAEs with the component summed
// out (Dilokthanakul et al. 2016; Jiang et al. 2017, "Variational Deep Embedding").

import { z } from 'zod';
import { mixtureLogProb, mixtureSample, type NormalMixture } from '../../distributions/index.ts';
import { definePrior, type PriorDefinition, priorOfDensity } from './prior.ts';

export interface GaussianMixturePrior {
  readonly type: 'gaussianMixture';
  /** How many components. Default 10. */
  readonly components: number;
}

export const gaussianMixture: PriorDefinition<GaussianMixturePrior> = definePrior<GaussianMixturePrior>({
  type: 'gaussianMixture',
  schema: z.strictObject({
    type: z.literal('gaussianMixture'),
    components: z.int().min(1).max(10_000).default(10),
  }),
  learned: true,
  build({ components }, latent, scope) {
    // Components that start as one would stay one: their means start as draws from N(0, I).
    const mixture: NormalMixture = {
      mean: scope.parameter('mean', [components, latent], { type: 'normal', deviation: 1 }),
      logVar: scope.parameter('logVar', [components, latent], { type: 'constant', value: 0 }),
      logits: scope.parameter('logits', [components], { type: 'constant', value: 0 }),
    };
    return priorOfDensity({
      logProb: code => mixtureLogProb(mixture, code),
      sample: () =>
        mixtureSample(
          mixture,
          scope.noise('choice', ['N', 1], 'uniform'),
          scope.noise('noise', ['N', latent], 'normal'),
        ),
    });
  },
});

// p(z) = 1/K Σₖ q(z|uₖ): the encoder's posteriors of K learned pseudo-inputs (Tomczak & Welling 2018, "VAE with a
// VampPrior", equation 9). Pseudo-inputs are held in the data's range [0, 1] by a sigmoid.

import { z } from 'zod';
import { mixtureLogProb, mixtureSample, type NormalMixture } from '../../distributions/index.ts';
import { LatentkitError } from '../../errors.ts';
import { volume } from '../../nn/index.ts';
import { asTensor, broadcastTo, reshape, sigmoid } from '../../ops/index.ts';
import { definePrior, type PriorDefinition, priorOfDensity } from './prior.ts';

export interface VampPrior {
  readonly type: 'vamp';
  /** How many pseudo-inputs. Default 500, as in the paper. */
  readonly components: number;
}

export const vamp: PriorDefinition<VampPrior> = definePrior<VampPrior>({
  type: 'vamp',
  schema: z.strictObject({ type: z.literal('vamp'), components: z.int().min(1).max(10_000).default(500) }),
  learned: true,
  refuse: (_, { posterior, condition }) =>
    condition
      ? 'has no condition for its pseudo-inputs, so that it needs a model without one'
      : posterior.type === 'diagonalGaussian'
        ? undefined
        : 'takes the densities of many posteriors at each code, for which it needs the posterior "diagonalGaussian"',
  build({ components }, latent, scope, { encode, dataShape }) {
    const size = volume(dataShape);
    const raw = scope.parameter('pseudoInputs', [components, size], { type: 'normal', deviation: 1 });
    const { distribution } = encode(sigmoid(reshape(raw, [components, ...dataShape])));
    if (distribution === undefined) {
      throw new LatentkitError('internal', 'vamp: expected a posterior that factorises');
    }
    const { mean, logVar } = distribution;
    const mixture: NormalMixture = { mean, logVar: broadcastTo(asTensor(logVar), mean.shape) };
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

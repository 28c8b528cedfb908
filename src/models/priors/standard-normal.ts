// p(z) = N(0, I).

import { z } from 'zod';
import { standardNormalLogProb } from '../posteriors/standard.ts';
import { definePrior, type PriorDefinition, priorOfDensity } from './prior.ts';

export interface StandardNormalPrior {
  readonly type: 'standardNormal';
}

export const standardNormal: PriorDefinition<StandardNormalPrior> = definePrior<StandardNormalPrior>({
  type: 'standardNormal',
  schema: z.strictObject({ type: z.literal('standardNormal') }),
  learned: false,
  build(_, latent, scope) {
    const density = priorOfDensity({
      logProb: standardNormalLogProb,
      sample: () => scope.noise('noise', ['N', latent], 'normal'),
    });
    return { ...density, kl: (posterior, z) => posterior.klToStandardNormal?.() ?? density.kl(posterior, z) };
  },
});

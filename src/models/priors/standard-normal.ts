// p(z) = N(0, I).

import { z } from 'zod';
import { normal, sumPerExample } from '../../distributions/index.ts';
import { constant } from '../../graph/index.ts';
import { definePrior, type PriorDefinition, priorOfDensity } from './prior.ts';

export interface StandardNormalPrior {
  readonly type: 'standardNormal';
}

export const standardNormal: PriorDefinition<StandardNormalPrior> = definePrior<StandardNormalPrior>({
  type: 'standardNormal',
  schema: z.strictObject({ type: z.literal('standardNormal') }),
  build(_, latent, scope) {
    const distribution = normal(constant(0), { deviation: 1 });
    const density = priorOfDensity({
      logProb: z => sumPerExample(distribution.logProb(z)),
      sample: () => scope.noise('noise', ['N', latent], 'normal'),
    });
    return { ...density, kl: (posterior, z) => posterior.klToStandardNormal?.() ?? density.kl(posterior, z) };
  },
});

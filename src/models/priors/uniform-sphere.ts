// p(z) uniform on the unit sphere of R^latent: the prior of hyperspherical codes (Davidson et al. 2018).

import { z } from 'zod';
import { direction, logSphereArea } from '../../distributions/index.ts';
import { mul, sub, sum } from '../../ops/index.ts';
import { definePrior, type PriorDefinition, priorOfDensity } from './prior.ts';

export interface UniformSpherePrior {
  readonly type: 'uniformSphere';
}

export const uniformSphere: PriorDefinition<UniformSpherePrior> = definePrior<UniformSpherePrior>({
  type: 'uniformSphere',
  schema: z.strictObject({ type: z.literal('uniformSphere') }),
  learned: false,
  flat: true,
  refuse: (_, { posterior }) =>
    posterior.type === 'vonMisesFisher'
      ? undefined
      : 'is of codes on the unit sphere, for which it needs the posterior "vonMisesFisher"',
  build(_, latent, scope) {
    const density = priorOfDensity({
      logProb: code => sub(mul(0, sum(code, 1)), logSphereArea(latent)),
      sample: () => direction(scope.noise('noise', ['N', latent], 'normal')),
    });
    return { ...density, kl: (posterior, code) => posterior.klToUniform?.() ?? density.kl(posterior, code) };
  },
});

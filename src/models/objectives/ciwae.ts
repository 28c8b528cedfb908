// CIWAE (Rainforth et al. 2018, "Tighter Variational Bounds are Not Necessarily Better", section 6): a mixture of the
// bound and the importance-weighted bound of the same K codes.

import { z } from 'zod';
import { add, mul, neg, sum } from '../../ops/index.ts';
import { draw, logMeanExp } from './importance.ts';
import { needsDensity } from './needs.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';

export interface CiwaeObjective {
  readonly type: 'ciwae';
  /** K. */
  readonly samples: number;
  /** The share of the bound: 1 is the bound alone, 0 the importance-weighted one. */
  readonly beta: number;
}

export const ciwae: ObjectiveDefinition<CiwaeObjective> = defineObjective<CiwaeObjective>({
  type: 'ciwae',
  schema: z.strictObject({
    type: z.literal('ciwae'),
    samples: z.int().min(1).optional(),
    beta: z.number().min(0).max(1).optional(),
  }),
  defaults: { samples: 5, beta: 0.5 },
  refuse: (_, posterior) => needsDensity(posterior),
  build({ samples, beta }, inference) {
    const { logWeights, reconstruction, kl } = draw(inference, samples);
    const bound = sum(add(reconstruction, kl));
    const weighted = neg(sum(logMeanExp(logWeights)));
    return { loss: add(mul(beta, bound), mul(1 - beta, weighted)), reconstruction, kl };
  },
});

// MIWAE (Rainforth et al. 2018, "Tighter Variational Bounds are Not Necessarily Better", section 6): the mean of M
// importance-weighted bounds of K codes each. K = 1 is the bound itself, M = 1 the importance-weighted one.

import { z } from 'zod';
import { mean, neg, reshape, sum } from '../../ops/index.ts';
import { draw, logMeanExp } from './importance.ts';
import { needsDensity } from './needs.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';

export interface MiwaeObjective {
  readonly type: 'miwae';
  /** K, the codes of one bound. */
  readonly samples: number;
  /** M, the bounds that are averaged. */
  readonly estimates: number;
}

export const miwae: ObjectiveDefinition<MiwaeObjective> = defineObjective<MiwaeObjective>({
  type: 'miwae',
  schema: z.strictObject({
    type: z.literal('miwae'),
    samples: z.int().min(1).optional(),
    estimates: z.int().min(1).optional(),
  }),
  defaults: { samples: 4, estimates: 4 },
  refuse: (_, posterior) => needsDensity(posterior),
  build({ samples, estimates }, inference) {
    const { logWeights, reconstruction, kl } = draw(inference, samples * estimates);
    const bounds = logMeanExp(reshape(logWeights, ['N', estimates, samples]));
    return { loss: neg(sum(mean(bounds, 1))), reconstruction, kl };
  },
});

// PIWAE (Rainforth et al. 2018, "Tighter Variational Bounds are Not Necessarily Better", section 6): of the same M · K
// codes, the generative parameters follow the importance-weighted bound of them all, which is the tightest, and the
// encoder the mean of M bounds of K each, whose gradient has less noise.

import { z } from 'zod';
import { add, mean, neg, reshape, stopGradient, sub, sum } from '../../ops/index.ts';
import { draw, logJoint, logMeanExp, perExample, withValue } from './importance.ts';
import { needsDensity } from './needs.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';

export interface PiwaeObjective {
  readonly type: 'piwae';
  /** K, the codes of one of the encoder's bounds. */
  readonly samples: number;
  /** M, the encoder's bounds that are averaged. */
  readonly estimates: number;
}

export const piwae: ObjectiveDefinition<PiwaeObjective> = defineObjective<PiwaeObjective>({
  type: 'piwae',
  schema: z.strictObject({
    type: z.literal('piwae'),
    samples: z.int().min(1).optional(),
    estimates: z.int().min(1).optional(),
  }),
  defaults: { samples: 4, estimates: 4 },
  refuse: (_, posterior) => needsDensity(posterior),
  build({ samples, estimates }, once) {
    const count = samples * estimates;
    const { inference, z, logWeights, reconstruction, kl } = draw(once, count);
    const logPosterior = inference.posterior.logProb(z);
    const ofGeneration = sub(logJoint(inference, stopGradient(z)), stopGradient(logPosterior));
    const ofInference = sub(logJoint(inference.hold('generation'), z), logPosterior);
    const tightest = sum(logMeanExp(perExample(ofGeneration, count)));
    const averaged = sum(mean(logMeanExp(reshape(ofInference, ['N', estimates, samples])), 1));
    const bound = neg(sum(logMeanExp(logWeights)));
    return { loss: withValue(neg(add(tightest, averaged)), bound), reconstruction, kl };
  },
});

// InfoVAE (Zhao et al. 2019, "InfoVAE: Balancing Learning and Inference in Variational Autoencoders", equation 6): less
// weight on each example's KL, more on the aggregated posterior's distance from the prior, here the squared MMD.

import { z } from 'zod';
import { add, batchSize, mul, sum } from '../../ops/index.ts';
import { boundTerms } from './bound.ts';
import { type Kernel, mmd } from './mmd.ts';
import { needsDensity } from './needs.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';
import { positive } from './schedule.ts';

export interface InfoVaeObjective {
  readonly type: 'infoVae';
  /** The KL weighs 1 − alpha: at 1 the mutual information of data and code costs nothing. At most 1. */
  readonly alpha: number;
  /** The discrepancy weighs alpha + lambda − 1. */
  readonly lambda: number;
  readonly kernel: Kernel;
  readonly bandwidth: number;
}

export const infoVae: ObjectiveDefinition<InfoVaeObjective> = defineObjective<InfoVaeObjective>({
  type: 'infoVae',
  schema: z.strictObject({
    type: z.literal('infoVae'),
    alpha: z.number().max(1).optional(),
    lambda: z.number().optional(),
    kernel: z.enum(['rbf', 'imq']).optional(),
    bandwidth: positive.optional(),
  }),
  defaults: { alpha: 0, lambda: 1000, kernel: 'rbf', bandwidth: 1 },
  refuse: (_, posterior) => needsDensity(posterior),
  build({ alpha, lambda, kernel, bandwidth }, inference) {
    const { posterior, prior } = inference;
    const z = posterior.sample();
    const { reconstruction, kl } = boundTerms(inference, z);
    const discrepancy = mul(batchSize(), mmd(z, prior.sample(), kernel, bandwidth));
    const bound = add(sum(reconstruction), mul(1 - alpha, sum(kl)));
    return { loss: add(bound, mul(alpha + lambda - 1, discrepancy)), reconstruction, kl };
  },
});

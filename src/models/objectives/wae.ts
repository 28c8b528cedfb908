// The Wasserstein autoencoder with MMD (Tolstikhin et al. 2018, "Wasserstein Auto-Encoders", equation 4): only the
// aggregated posterior is pulled to the prior, not each example's. The cost of reconstruction is the likelihood's: the
// normal one of fixed variance is the paper's squared distance.

import { z } from 'zod';
import { add, batchSize, mul, sum } from '../../ops/index.ts';
import { boundTerms } from './bound.ts';
import { type Kernel, mmd } from './mmd.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';
import { nonNegative, positive } from './schedule.ts';

export interface WaeObjective {
  readonly type: 'wae';
  /** λ, the weight of the squared discrepancy, in nats an example. */
  readonly weight: number;
  readonly kernel: Kernel;
  readonly bandwidth: number;
}

export const wae: ObjectiveDefinition<WaeObjective> = defineObjective<WaeObjective>({
  type: 'wae',
  schema: z.strictObject({
    type: z.literal('wae'),
    weight: nonNegative.optional(),
    kernel: z.enum(['rbf', 'imq']).optional(),
    bandwidth: positive.optional(),
  }),
  defaults: { weight: 100, kernel: 'imq', bandwidth: 1 },
  build({ weight, kernel, bandwidth }, inference) {
    const { posterior, prior } = inference;
    const z = posterior.sample();
    const { reconstruction, kl } = boundTerms(inference, z);
    const discrepancy = mul(batchSize(), mmd(z, prior.sample(), kernel, bandwidth));
    return { loss: add(sum(reconstruction), mul(weight, discrepancy)), reconstruction, kl };
  },
});

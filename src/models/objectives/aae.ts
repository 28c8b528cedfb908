// The adversarial autoencoder (Makhzani et al. 2016, "Adversarial Autoencoders"), or WAE-GAN (Tolstikhin et al. 2018,
// algorithm 1): as in the Wasserstein autoencoder only the aggregated posterior is pulled to the prior, here by a critic that
// tells the prior's codes from the encoder's.

import { z } from 'zod';
import { add, mul, stopGradient, sum } from '../../ops/index.ts';
import type { OptimizerInput } from '../../optim/index.ts';
import { boundTerms } from './bound.ts';
import {
  type Critic,
  codeCritic,
  criticLoss,
  criticOptimizer,
  criticSchema,
  defaultCritic,
  judge,
  makerLoss,
} from './critic.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';
import { nonNegative } from './schedule.ts';

export interface AaeObjective {
  readonly type: 'aae';
  /** λ, the weight of the critic's judgement, in nats an example. */
  readonly weight: number;
  readonly critic: Critic;
}

export const aae: ObjectiveDefinition<AaeObjective> = defineObjective<AaeObjective>({
  type: 'aae',
  schema: z.strictObject({
    type: z.literal('aae'),
    weight: nonNegative.optional(),
    critic: criticSchema.optional(),
  }),
  defaults: { weight: 10, critic: defaultCritic },
  adversary: ({ critic }): OptimizerInput => criticOptimizer(critic),
  build({ weight, critic }, inference, _, scope) {
    const { posterior, prior } = inference;
    const code = posterior.sample();
    const { reconstruction, kl } = boundTerms(inference, code);
    const { live, held } = judge(codeCritic(critic), 'critic', scope);
    const ofCritic = criticLoss(live(stopGradient(prior.sample())), live(stopGradient(code)));
    const loss = add(sum(reconstruction), mul(weight, makerLoss(held(code))));
    return { loss: add(loss, ofCritic), reconstruction, kl };
  },
});

// FactorVAE (Kim & Mnih 2018, "Disentangling by Factorising", equation 2 and algorithm 2): the bound less γ times the total
// correlation KL(q(z) ‖ Π q(zⱼ)). A critic that tells codes from codes whose dimensions were drawn apart estimates it: its
// logit is the logarithm of the ratio of the two densities (equation 3).

import { z } from 'zod';
import { constant, type Tensor, timesN } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import { add, batchSize, cast, floor, gather, minimum, mul, reshape, stopGradient, sub, sum } from '../../ops/index.ts';
import type { OptimizerInput } from '../../optim/index.ts';
import { boundTerms } from './bound.ts';
import { type Critic, codeCritic, criticLoss, criticOptimizer, criticSchema, defaultCritic, judge } from './critic.ts';
import { needsFactors } from './needs.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';
import { nonNegative } from './schedule.ts';

export interface FactorVaeObjective {
  readonly type: 'factorVae';
  /** The weight of the total correlation. */
  readonly gamma: number;
  readonly critic: Critic;
}

export const factorVae: ObjectiveDefinition<FactorVaeObjective> = defineObjective<FactorVaeObjective>({
  type: 'factorVae',
  schema: z.strictObject({
    type: z.literal('factorVae'),
    gamma: nonNegative.optional(),
    critic: criticSchema.optional(),
  }),
  defaults: { gamma: 10, critic: defaultCritic },
  refuse: (_, posterior) => needsFactors(posterior),
  adversary: ({ critic }): OptimizerInput => criticOptimizer(critic),
  build({ gamma, critic }, inference, _, scope) {
    const code = inference.posterior.sample();
    const { reconstruction, kl } = boundTerms(inference, code);
    const { live, held } = judge(codeCritic(critic), 'critic', scope);
    const totalCorrelation = sum(held(code));
    const known = stopGradient(code);
    const ofCritic = mul(0.5, criticLoss(live(known), live(drawnApart(known, scope))));
    const loss = add(add(sum(reconstruction), sum(kl)), mul(gamma, totalCorrelation));
    return { loss: add(loss, ofCritic), reconstruction, kl };
  },
});

/**
 * Codes whose dimensions are independent: each number is that of a random row of the batch [N, latent]. The paper permutes
 * each dimension; drawn with replacement, the numbers have the same distribution.
 */
function drawnApart(code: Tensor, scope: Scope): Tensor {
  const [rows, latent] = code.shape as ['N', number];
  const uniform = scope.noise('objective.rows', [rows, latent], 'uniform');
  const row = minimum(floor(mul(uniform, batchSize())), sub(batchSize(), 1));
  const dimension = constant(Array.from({ length: latent }, (_, j) => j));
  const place = cast(add(mul(row, latent), dimension), 'int32');
  return gather(reshape(code, [timesN(latent)]), place);
}

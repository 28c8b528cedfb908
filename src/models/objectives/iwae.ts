// The importance-weighted bound of K codes (Burda et al. 2016, equation 8), and for its encoder the doubly
// reparameterised gradient (Tucker et al. 2019, "Doubly Reparameterized Gradient Estimators for Monte Carlo Objectives",
// equation 8), which has the same expectation and does not drown in noise as K grows.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import { add, mul, neg, softmax, square, stopGradient, sub, sum } from '../../ops/index.ts';
import { type Draws, draw, logJoint, logMeanExp, perExample, withValue } from './importance.ts';
import { needsDensity } from './needs.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';

export interface IwaeObjective {
  readonly type: 'iwae';
  /** K. */
  readonly samples: number;
  /** `dreg`: the doubly reparameterised gradient. */
  readonly gradient: 'standard' | 'dreg';
}

export const iwae: ObjectiveDefinition<IwaeObjective> = defineObjective<IwaeObjective>({
  type: 'iwae',
  schema: z.strictObject({
    type: z.literal('iwae'),
    samples: z.int().min(1).optional(),
    gradient: z.enum(['standard', 'dreg']).optional(),
  }),
  defaults: { samples: 5, gradient: 'standard' },
  refuse({ gradient }, posterior) {
    // A flow knows the density of the codes alone that it made itself, not at codes held apart from its parameters.
    const free = !['planar', 'radial', 'iaf'].includes(posterior.type);
    if (gradient === 'standard' || free) return needsDensity(posterior);
    return 'with the gradient "dreg" needs a posterior whose density is known at any code';
  },
  build({ samples, gradient }, inference) {
    const draws = draw(inference, samples);
    const { logWeights, reconstruction, kl } = draws;
    const bound = neg(sum(logMeanExp(logWeights)));
    return { loss: gradient === 'dreg' ? withValue(doubly(draws), bound) : bound, reconstruction, kl };
  },
});

/**
 * A scalar whose gradient is, with w̃ the normalised weights: Σ w̃ ∂ log w for the generative parameters, and
 * Σ w̃² ∂ log w/∂z · ∂z/∂φ for those of inference, which act through the codes alone.
 */
function doubly({ inference, z, logWeights }: Draws): Tensor {
  const count = logWeights.shape[1] as number;
  const share = stopGradient(softmax(logWeights, 1));
  const generative = perExample(logJoint(inference, stopGradient(z)), count);
  const throughCodes = sub(logJoint(inference.hold('generation'), z), inference.hold('inference').posterior.logProb(z));
  const ofInference = mul(square(share), perExample(throughCodes, count));
  return neg(sum(add(mul(share, generative), ofInference)));
}

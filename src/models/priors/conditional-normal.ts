// p(z|c) = N(mean(c), diag exp(logVar(c))), linear in a conditional model's condition c (Sohn et al. 2015, equation 4):
// for classes, one normal each. It starts as N(0, I).

import { z } from 'zod';
import { klBetween, normal, sumPerExample } from '../../distributions/index.ts';
import { LatentkitError } from '../../errors.ts';
import type { Dim, Tensor } from '../../graph/index.ts';
import { add, matmul, slice } from '../../ops/index.ts';
import { definePrior, type PriorDefinition, priorOfDensity } from './prior.ts';

export interface ConditionalNormalPrior {
  readonly type: 'conditionalNormal';
}

export const conditionalNormal: PriorDefinition<ConditionalNormalPrior> = definePrior<ConditionalNormalPrior>({
  type: 'conditionalNormal',
  schema: z.strictObject({ type: z.literal('conditionalNormal') }),
  learned: true,
  refuse: (_, { condition }) => (condition ? undefined : 'is that of a condition, of which the model has none'),
  build(_, latent, scope, { condition }) {
    const distribution = (rows: Dim) => {
      if (condition === undefined) throw new LatentkitError('internal', 'a conditional prior without a condition');
      const given = condition(rows);
      const zero = { type: 'constant', value: 0 } as const;
      const weight = scope.parameter('weight', [given.shape[1] as number, 2 * latent], zero);
      const heads = add(matmul(given, weight), scope.parameter('bias', [2 * latent], zero));
      return normal(slice(heads, 1, 0, latent), { logVar: slice(heads, 1, latent) });
    };
    const density = priorOfDensity({
      logProb: (code: Tensor) => sumPerExample(distribution(code.shape[0]!).logProb(code)),
      sample: () => distribution('N').sample(scope.noise('noise', ['N', latent], 'normal')),
    });
    return {
      ...density,
      kl: (posterior, code) =>
        posterior.distribution
          ? klBetween(posterior.distribution, distribution(code.shape[0]!))
          : density.kl(posterior, code),
    };
  },
});

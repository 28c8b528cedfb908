// The generative half of the posterior "ladder": p(z) = p(top) Π p(level | the levels above), each normal, the top N(0, I)
// (Sønderby et al. 2016, "Ladder Variational Autoencoders", section 2). The network that leads down is the posterior's
// as well: its parameters lie with it.

import { z } from 'zod';
import { klBetween, sumPerExample } from '../../distributions/index.ts';
import { LatentkitError } from '../../errors.ts';
import { chain, topDown } from '../posteriors/levels.ts';
import { definePrior, type PriorDefinition } from './prior.ts';

export interface LadderPrior {
  readonly type: 'ladder';
}

export const ladder: PriorDefinition<LadderPrior> = definePrior<LadderPrior>({
  type: 'ladder',
  schema: z.strictObject({ type: z.literal('ladder') }),
  learned: true,
  refuse: (_, { posterior }) =>
    posterior.type === 'ladder' ? undefined : 'is the half of the posterior "ladder", which it needs',
  build(_, latent, scope, { posterior: { spec, scope: shared } }) {
    if (spec.type !== 'ladder') throw new LatentkitError('internal', 'ladder: expected the posterior "ladder"');
    const { conditional, sample } = chain(topDown(spec.levels, shared));
    return {
      /** In closed form for each level, given the levels above as they are in z. */
      kl(posterior, code) {
        const q = posterior.conditional?.(code);
        if (q === undefined) throw new LatentkitError('internal', 'ladder: expected a posterior of levels');
        return klBetween(q, conditional(code));
      },
      logProb: code => sumPerExample(conditional(code).logProb(code)),
      sample: () => sample(scope.noise('noise', ['N', latent], 'normal')),
    };
  },
});

// Each grey value has a density over [0, 1] of one shape parameter: Bernoulli's cross-entropy made a true likelihood (see
// distributions/continuous-bernoulli.ts).

import { z } from 'zod';
import { continuousBernoulli } from '../../distributions/index.ts';
import { defineLikelihood, factorised, type LikelihoodDefinition } from './likelihood.ts';

export interface ContinuousBernoulliLikelihood {
  readonly type: 'continuousBernoulli';
}

export const continuousBernoulliLikelihood: LikelihoodDefinition<ContinuousBernoulliLikelihood> =
  defineLikelihood<ContinuousBernoulliLikelihood>({
    type: 'continuousBernoulli',
    schema: z.strictObject({ type: z.literal('continuousBernoulli') }),
    byName: { type: 'continuousBernoulli' },
    binary: false,
    measure: () => 'density',
    outputsPerChannel: () => 1,
    build: () => factorised(continuousBernoulli),
  });

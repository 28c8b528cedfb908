// Each pixel is 0 or 1 with its own probability; grey values take the cross-entropy (see distributions/bernoulli.ts).

import { z } from 'zod';
import { bernoulli } from '../../distributions/index.ts';
import { defineLikelihood, factorised, type LikelihoodDefinition } from './likelihood.ts';

export interface BernoulliLikelihood {
  readonly type: 'bernoulli';
}

export const bernoulliLikelihood: LikelihoodDefinition<BernoulliLikelihood> = defineLikelihood<BernoulliLikelihood>({
  type: 'bernoulli',
  schema: z.strictObject({ type: z.literal('bernoulli') }),
  byName: { type: 'bernoulli' },
  binary: true,
  measure: binarization => (binarization === 'none' ? 'pseudo' : 'mass'),
  outputsPerChannel: () => 1,
  build: () => factorised(bernoulli),
});

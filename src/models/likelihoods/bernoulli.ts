// Each pixel is 0 or 1 with its own probability; grey values take the cross-entropy (see distributions/bernoulli.ts).

import { z } from 'zod';
import { bernoulli, sumPerExample } from '../../distributions/index.ts';
import { defineLikelihood, type LikelihoodDefinition } from './likelihood.ts';

export interface BernoulliLikelihood {
  readonly type: 'bernoulli';
}

export const bernoulliLikelihood: LikelihoodDefinition<BernoulliLikelihood> = defineLikelihood<BernoulliLikelihood>({
  type: 'bernoulli',
  schema: z.strictObject({ type: z.literal('bernoulli') }),
  binary: true,
  outputsPerChannel: () => 1,
  build: () => ({
    logProb: (x, output) => sumPerExample(bernoulli(output).logProb(x)),
    mean: output => bernoulli(output).mean,
  }),
});

// Each pixel's level is beta-binomial: a smooth, bell- or bowl-shaped mass over 0 ... levels − 1 of two parameters.

import { z } from 'zod';
import { betaBinomial, levelOf } from '../../distributions/index.ts';
import { mul } from '../../ops/index.ts';
import { levelsSchema } from './levels.ts';
import { defineLikelihood, factorised, type LikelihoodDefinition, partsOf } from './likelihood.ts';
import { softClip } from './soft-clip.ts';

export interface BetaBinomialLikelihood {
  readonly type: 'betaBinomial';
  /** How many levels [0, 1] is cut into. Default 256; of these each is a byte. Of others it is the nearest that is explained. */
  readonly levels: number;
}

/** The range of the mean's logit: at its ends the mean is a tenth of a level of 256 from black or white. */
const logitRange = [-8, 8] as const;

/** The range of log(a + b): from nearly all mass at black and white, to nearly binomial. */
const logConcentrationRange = [-4, 8] as const;

export const betaBinomialLikelihood: LikelihoodDefinition<BetaBinomialLikelihood> =
  defineLikelihood<BetaBinomialLikelihood>({
    type: 'betaBinomial',
    schema: z.strictObject({ type: z.literal('betaBinomial'), levels: levelsSchema }),
    byName: { type: 'betaBinomial', levels: 256 },
    binary: false,
    measure: () => 'mass',
    outputsPerChannel: () => 2,
    build: ({ levels }) =>
      factorised(output => {
        const [logit, logConcentration] = partsOf(output, 2);
        const counts = betaBinomial(
          softClip(logit!, logitRange),
          softClip(logConcentration!, logConcentrationRange),
          levels - 1,
        );
        return {
          mean: mul(counts.mean, 1 / (levels - 1)),
          variance: mul(counts.variance, 1 / (levels - 1) ** 2),
          logProb: x => counts.logProb(levelOf(x, levels)),
        };
      }),
  });

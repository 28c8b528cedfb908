// Each number is a negative binomial count whose log-mean the decoder gives: counts that vary more than Poisson's.

import { z } from 'zod';
import { negativeBinomial } from '../../distributions/index.ts';
import { countsMisfit, logMeanRange, ofCounts } from './counts.ts';
import { defineLikelihood, factorised, type LikelihoodDefinition, partsOf } from './likelihood.ts';
import { softClip } from './soft-clip.ts';

export interface NegativeBinomialLikelihood {
  readonly type: 'negativeBinomial';
  /**
   * The dispersion r, variance being mean + mean² / r:
   * - `shared`, the default: one learned number for all dimensions
   * - `perDimension`: the decoder gives its logarithm for each dimension
   */
  readonly dispersion: 'shared' | 'perDimension';
  /** Whether the decoder also gives, for each dimension, the probability that a count is zero for a reason of its own. */
  readonly zeroInflated?: boolean | undefined;
}

/** The range of log r: from variances of 400 mean² to nearly Poisson. */
const logDispersionRange = [-6, 6] as const;

const outputs = ({ dispersion, zeroInflated }: NegativeBinomialLikelihood): number =>
  1 + Number(dispersion === 'perDimension') + Number(zeroInflated === true);

export const negativeBinomialLikelihood: LikelihoodDefinition<NegativeBinomialLikelihood> =
  defineLikelihood<NegativeBinomialLikelihood>({
    type: 'negativeBinomial',
    schema: z.strictObject({
      type: z.literal('negativeBinomial'),
      dispersion: z.enum(['shared', 'perDimension']).default('shared'),
      zeroInflated: z.boolean().optional(),
    }),
    byName: { type: 'negativeBinomial', dispersion: 'shared' },
    binary: false,
    measure: () => 'mass',
    misfit: countsMisfit,
    outputsPerChannel: outputs,
    build: (spec, scope, input) =>
      factorised(output => {
        const [logMean, ...rest] = partsOf(output, outputs(spec));
        const logDispersion =
          spec.dispersion === 'perDimension'
            ? rest.shift()!
            : scope.parameter('logDispersion', [1], { type: 'constant', value: 0 });
        const counts = negativeBinomial(
          softClip(logMean!, logMeanRange(input)),
          softClip(logDispersion, logDispersionRange),
        );
        return ofCounts(counts, input, rest[0]);
      }),
  });

// Each number is a Poisson count whose log-rate the decoder gives.

import { z } from 'zod';
import { poisson } from '../../distributions/index.ts';
import { countsMisfit, logMeanRange, ofCounts } from './counts.ts';
import { defineLikelihood, factorised, type LikelihoodDefinition, partsOf } from './likelihood.ts';
import { softClip } from './soft-clip.ts';

export interface PoissonLikelihood {
  readonly type: 'poisson';
  /** Whether the decoder also gives, for each dimension, the probability that a count is zero for a reason of its own. */
  readonly zeroInflated?: boolean | undefined;
}

const outputs = ({ zeroInflated }: PoissonLikelihood): number => (zeroInflated ? 2 : 1);

export const poissonLikelihood: LikelihoodDefinition<PoissonLikelihood> = defineLikelihood<PoissonLikelihood>({
  type: 'poisson',
  schema: z.strictObject({ type: z.literal('poisson'), zeroInflated: z.boolean().optional() }),
  byName: { type: 'poisson' },
  binary: false,
  measure: () => 'mass',
  misfit: countsMisfit,
  outputsPerChannel: outputs,
  build: (spec, _, input) =>
    factorised(output => {
      const [logRate, gate] = partsOf(output, outputs(spec));
      return ofCounts(poisson(softClip(logRate!, logMeanRange(input))), input, gate);
    }),
});

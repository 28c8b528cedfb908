// Each number is hyperbolic secant about the decoder's output, so that −log p(x|z) is the log-cosh loss: squares of small
// differences, absolute values of large ones (Chen et al. 2018, "Log Hyperbolic Cosine Loss Improves Variational
// Auto-Encoder"). The paper's loss 1/a · log cosh(a · (x − y)) is this one with the scale 1/a, but for a factor that weighs
// it against the KL: klWeight a gives the paper's balance.

import { z } from 'zod';
import { hyperbolicSecant } from '../../distributions/index.ts';
import { defineLikelihood, factorised, type LikelihoodDefinition, partsOf } from './likelihood.ts';
import { logScaleOf, type Scale, scaleSchema } from './scale.ts';

export interface LogCoshLikelihood {
  readonly type: 'logCosh';
  /** On the data's scale of [0, 1]; the standard deviation is ½ π scale. */
  readonly scale: Scale;
}

const outputs = ({ scale }: LogCoshLikelihood): number => (scale === 'perDimension' ? 2 : 1);

export const logCoshLikelihood: LikelihoodDefinition<LogCoshLikelihood> = defineLikelihood<LogCoshLikelihood>({
  type: 'logCosh',
  schema: z.strictObject({ type: z.literal('logCosh'), scale: scaleSchema }),
  byName: { type: 'logCosh', scale: 'shared' },
  binary: false,
  measure: () => 'density',
  outputsPerChannel: outputs,
  build: (spec, scope) =>
    factorised(output => {
      const [mean, logScale] = partsOf(output, outputs(spec));
      return hyperbolicSecant(mean!, logScaleOf(spec.scale, logScale, scope));
    }),
});

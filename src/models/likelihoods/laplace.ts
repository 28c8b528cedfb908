// Each number is Laplace about the decoder's output: absolute differences, which outliers pull at less than squares.

import { z } from 'zod';
import { laplace } from '../../distributions/index.ts';
import { defineLikelihood, factorised, type LikelihoodDefinition, partsOf } from './likelihood.ts';
import { logScaleOf, type Scale, scaleSchema } from './scale.ts';

export interface LaplaceLikelihood {
  readonly type: 'laplace';
  /** E|x − mean|, on the data's scale of [0, 1]. */
  readonly scale: Scale;
}

const outputs = ({ scale }: LaplaceLikelihood): number => (scale === 'perDimension' ? 2 : 1);

export const laplaceLikelihood: LikelihoodDefinition<LaplaceLikelihood> = defineLikelihood<LaplaceLikelihood>({
  type: 'laplace',
  schema: z.strictObject({ type: z.literal('laplace'), scale: scaleSchema }),
  byName: { type: 'laplace', scale: 'shared' },
  binary: false,
  measure: () => 'density',
  outputsPerChannel: outputs,
  build: (spec, scope) =>
    factorised(output => {
      const [mean, logScale] = partsOf(output, outputs(spec));
      return laplace(mean!, logScaleOf(spec.scale, logScale, scope));
    }),
});

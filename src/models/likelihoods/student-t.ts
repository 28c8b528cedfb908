// Each number is Student-t about the decoder's output: outliers are expected, so they bend the model little (Takahashi et
// al. 2018, "Student-t variational autoencoder for robust density estimation").

import { z } from 'zod';
import { studentT } from '../../distributions/index.ts';
import { constant } from '../../graph/index.ts';
import { add, exp } from '../../ops/index.ts';
import { defineLikelihood, factorised, type LikelihoodDefinition, partsOf } from './likelihood.ts';
import { logScaleOf, type Scale, scaleSchema } from './scale.ts';
import { softClip } from './soft-clip.ts';

export interface StudentTLikelihood {
  readonly type: 'studentT';
  /** On the data's scale of [0, 1]; the standard deviation is scale · √(degrees / (degrees − 2)). */
  readonly scale: Scale;
  /** Degrees of freedom, above 2, so that there is a variance. `learned`, the default: one number for all dimensions. */
  readonly degrees: number | 'learned';
}

/** The range of log(degrees − 2) where they are learned: up to 150 degrees, which nothing tells from normal. */
const logDegreesRange = [-4, 5] as const;

/** Learned degrees start at 2 + 3. */
const initialLogDegrees: number = Math.log(3);

const outputs = ({ scale }: StudentTLikelihood): number => (scale === 'perDimension' ? 2 : 1);

export const studentTLikelihood: LikelihoodDefinition<StudentTLikelihood> = defineLikelihood<StudentTLikelihood>({
  type: 'studentT',
  schema: z.strictObject({
    type: z.literal('studentT'),
    scale: scaleSchema,
    degrees: z.union([z.number().gt(2), z.literal('learned')]).default('learned'),
  }),
  byName: { type: 'studentT', scale: 'shared', degrees: 'learned' },
  binary: false,
  measure: () => 'density',
  outputsPerChannel: outputs,
  build(spec, scope) {
    const degrees =
      spec.degrees === 'learned'
        ? add(2, exp(softClip(scope.parameter('logDegrees', [1], initial), logDegreesRange)))
        : constant(spec.degrees);
    return factorised(output => {
      const [mean, logScale] = partsOf(output, outputs(spec));
      return studentT(mean!, logScaleOf(spec.scale, logScale, scope), degrees);
    });
  },
});

const initial = { type: 'constant', value: initialLogDegrees } as const;

// Each number is normal about the decoder's output. The variance is fixed; or one number for all, learned or set to its
// optimum, which finds the right balance with the KL by itself (Rybkin et al. 2021, "Simple and Effective VAE Training
// with Calibrated Decoders"); or the decoder gives one for each dimension.

import { z } from 'zod';
import { normal } from '../../distributions/index.ts';
import type { Scope } from '../../nn/index.ts';
import { add, log, maximum, mean, mul, square, stopGradient, sub, tanh } from '../../ops/index.ts';
import {
  type BuiltLikelihood,
  defineLikelihood,
  factorised,
  type LikelihoodDefinition,
  partsOf,
} from './likelihood.ts';
import { initialLogVar, logVarRange, softClip } from './soft-clip.ts';

/**
 * - `fixed`: every dimension has the standard deviation `deviation`, on the data's scale of [0, 1]
 * - `shared`: one learned variance for all dimensions
 * - `perDimension`: the decoder gives mean and log-variance of each dimension
 * - `optimal`: one variance for all dimensions; in a training step the one that is best for the batch, its mean squared
 *   error (Rybkin et al. 2021). Outside training it is a number which followed these optima: so that a row's
 *   bound is a true one, of a normalised density, and depends on nothing but the row.
 */
export type NormalLikelihood =
  | { readonly type: 'normal'; readonly variance: 'fixed'; readonly deviation: number }
  | { readonly type: 'normal'; readonly variance: 'shared' }
  | { readonly type: 'normal'; readonly variance: 'perDimension' }
  | { readonly type: 'normal'; readonly variance: 'optimal' };

const type = z.literal('normal');

export const normalLikelihood: LikelihoodDefinition<NormalLikelihood> = defineLikelihood<NormalLikelihood>({
  type: 'normal',
  schema: z.discriminatedUnion('variance', [
    z.strictObject({ type, variance: z.literal('fixed'), deviation: z.number().gt(0) }),
    z.strictObject({ type, variance: z.literal('shared') }),
    z.strictObject({ type, variance: z.literal('perDimension') }),
    z.strictObject({ type, variance: z.literal('optimal') }),
  ]),
  byName: { type: 'normal', variance: 'shared' },
  binary: false,
  measure: () => 'density',
  outputsPerChannel: spec => (spec.variance === 'perDimension' ? 2 : 1),
  build(spec, scope) {
    switch (spec.variance) {
      case 'fixed':
        return factorised(output => normal(output, { deviation: spec.deviation }));
      case 'shared': {
        const learned = scope.parameter('logVar', [1], { type: 'constant', value: initialLogVar });
        const logVar = softClip(learned, logVarRange);
        return factorised(output => normal(output, { logVar }));
      }
      case 'perDimension':
        return factorised(output => {
          const [center, logVar] = partsOf(output, 2);
          return normal(center!, { logVar: softClip(logVar!, logVarRange) });
        });
      case 'optimal':
        return optimal(scope);
    }
  },
});

/** The stored log-variance is kept by the tenth: an optimiser's steps of 0.001 then follow the optimum by 0.01. */
const followRate = 10;

/**
 * Normal with the batch's best variance in training, and with the stored one elsewhere.
 *
 * No gradient flows through the optimum: at an optimum none would (the derivative by the variance is 0 there), so the
 * result is the paper's, whose code lets it flow. The stored logarithm is a parameter. Its gradient is not the loss's,
 * which does not depend on it, but tanh(stored − optimum) for each row: it runs after the optimum under any optimiser.
 * Of a batch in shards each has its own optimum.
 */
function optimal(scope: Scope): BuiltLikelihood {
  const tenth = scope.parameter('logVarTenth', [1], { type: 'constant', value: initialLogVar / followRate });
  const stored = softClip(mul(followRate, tenth), logVarRange);
  const evaluated = factorised(output => normal(output, { logVar: stored }));
  if (!scope.training) return evaluated;
  return {
    mean: evaluated.mean,
    logProb(x, output) {
      const error = stopGradient(mean(square(sub(x, output))));
      const logVar = softClip(log(maximum(error, Number.EPSILON)), logVarRange);
      const pull = mul(stopGradient(tanh(sub(stored, logVar))), tenth);
      // Zero, with the gradient of −pull for each row.
      const follow = sub(stopGradient(pull), pull);
      return add(factorised(() => normal(output, { logVar })).logProb(x, output), follow);
    },
  };
}

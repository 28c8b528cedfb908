// Each number is normal about the decoder's output. The variance is fixed; or one learned number for all, which finds
// the right balance with the KL by itself (Rybkin et al. 2021, "Simple and Effective VAE Training with Calibrated
// Decoders"); or the decoder gives one for each dimension.

import { z } from 'zod';
import { normal, sumPerExample } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { add, slice, softplus, sub } from '../../ops/index.ts';
import { defineLikelihood, type LikelihoodDefinition } from './likelihood.ts';

/**
 * - `fixed`: every dimension has the standard deviation `deviation`, on the data's scale of [0, 1]
 * - `shared`: one learned variance for all dimensions
 * - `perDimension`: the decoder gives mean and log-variance of each dimension
 */
export type NormalLikelihood =
  | { readonly type: 'normal'; readonly variance: 'fixed'; readonly deviation: number }
  | { readonly type: 'normal'; readonly variance: 'shared' }
  | { readonly type: 'normal'; readonly variance: 'perDimension' };

/** The range in which learned log-variances are held: deviations from e⁻⁶ = 0.0025 (half a grey level of 255) to e³. */
export const logVarRange: readonly [number, number] = [-12, 6];

/** Where one learned log-variance starts: about the spread of pixels in [0, 1], so that no epochs go into finding it. */
const initialLogVar = -2;

/**
 * Holds `v` in a range, smoothly: the identity well inside (to e⁻ᵈ at a distance d from a bound), with a gradient
 * everywhere (Chua et al. 2018, appendix A.1).
 */
export function softClip(v: Tensor, [low, high]: readonly [number, number]): Tensor {
  const below = sub(high, softplus(sub(high, v)));
  return add(low, softplus(sub(below, low)));
}

const type = z.literal('normal');

export const normalLikelihood: LikelihoodDefinition<NormalLikelihood> = defineLikelihood<NormalLikelihood>({
  type: 'normal',
  schema: z.discriminatedUnion('variance', [
    z.strictObject({ type, variance: z.literal('fixed'), deviation: z.number().gt(0) }),
    z.strictObject({ type, variance: z.literal('shared') }),
    z.strictObject({ type, variance: z.literal('perDimension') }),
  ]),
  binary: false,
  outputsPerChannel: spec => (spec.variance === 'perDimension' ? 2 : 1),
  build(spec, scope) {
    if (spec.variance === 'perDimension') {
      const half = (output: Tensor): number => (output.shape[1] as number) / 2;
      const meanOf = (output: Tensor): Tensor => slice(output, 1, 0, half(output));
      return {
        mean: meanOf,
        logProb(x, output) {
          const logVar = softClip(slice(output, 1, half(output)), logVarRange);
          return sumPerExample(normal(meanOf(output), { logVar }).logProb(x));
        },
      };
    }
    const width =
      spec.variance === 'fixed'
        ? { deviation: spec.deviation }
        : { logVar: softClip(scope.parameter('logVar', [1], { type: 'constant', value: initialLogVar }), logVarRange) };
    return { mean: output => output, logProb: (x, output) => sumPerExample(normal(output, width).logProb(x)) };
  },
});

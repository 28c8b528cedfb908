// Planar flow: f(z) = z + û tanh(wᵀz + b), its parameters given by the encoder (Rezende & Mohamed 2015, equations 10–12).
// Invertible where wᵀû > −1, which their appendix A.1 ensures by û = u + (m(wᵀu) − wᵀu) w / ‖w‖² with
// m(x) = −1 + log(1 + eˣ). Here m is shifted, m(x) = −1 + log(1 + (e − 1) eˣ), so that m(0) = 0 and û stays small with w.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import { add, div, log, mul, reshape, slice, softplus, square, sub, sum, tanh } from '../../ops/index.ts';
import { type FlowStep, flowPosterior } from './flow.ts';
import { linearHeads } from './heads.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';

export interface PlanarPosterior {
  readonly type: 'planar';
  /** How many maps follow one another. Default 10. */
  readonly steps: number;
}

export const planar: PosteriorDefinition<PlanarPosterior> = definePosterior<PlanarPosterior>({
  type: 'planar',
  schema: z.strictObject({ type: z.literal('planar'), steps: z.int().min(1).max(200).default(10) }),
  kl: true,
  density: true,
  build({ steps }, features, latent, scope) {
    const widths = [steps * latent, steps * latent, steps];
    const heads = linearHeads(features, widths, latent, scope.child('flow')) as [Tensor, Tensor, Tensor];
    const [, w, b] = heads;
    const { bounded, positive } = invertible(heads[0], w, steps);
    const maps = Array.from({ length: steps }, (_, i): FlowStep => {
      const vector = (all: Tensor): Tensor => slice(all, 1, i * latent, (i + 1) * latent);
      const number = (all: Tensor): Tensor => slice(all, 1, i, i + 1);
      return planarStep({ u: vector(bounded), w: vector(w), b: number(b), positive: number(positive) });
    });
    return flowPosterior(features, latent, scope, maps);
  },
});

/**
 * All steps' û, and 1 + wᵀû of each, of u and w [N, steps · latent].
 */
function invertible(u: Tensor, w: Tensor, steps: number): { readonly bounded: Tensor; readonly positive: Tensor } {
  const [batch, width] = u.shape as [Tensor['shape'][number], number];
  const perStep = (x: Tensor): Tensor => reshape(x, [batch, steps, width / steps]);
  const along = sum(perStep(mul(w, u)), 2);
  const positive = softplus(add(along, Math.log(Math.E - 1)));
  // A w of zeros leaves u as it is; the addition is below float32's resolution of ‖w‖² otherwise.
  const scale = div(sub(sub(positive, 1), along), add(sum(perStep(square(w)), 2), 1e-12));
  const toward = mul(reshape(scale, [batch, steps, 1]), perStep(w));
  return { bounded: add(u, reshape(toward, u.shape)), positive };
}

/** One map. u and w are [N, latent]; b and 1 + wᵀu are [N, 1]. */
function planarStep(map: {
  readonly u: Tensor;
  readonly w: Tensor;
  readonly b: Tensor;
  readonly positive: Tensor;
}): FlowStep {
  const { u, w, b, positive } = map;
  return code => {
    const h = tanh(add(sum(mul(w, code), 1, { keepDims: true }), b));
    // 1 + h′ wᵀu with h′ = 1 − tanh²: a sum of two positive terms.
    const determinant = add(square(h), mul(sub(1, square(h)), positive));
    return { z: add(code, mul(u, h)), logDeterminant: reshape(log(determinant), [code.shape[0]!]) };
  };
}

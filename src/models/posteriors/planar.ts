// Planar flow: f(z) = z + û tanh(wᵀz + b), its parameters given by the encoder (Rezende & Mohamed 2015, equations 10–12).
// Invertible where wᵀû > −1, which their appendix A.1 ensures by û = u + (m(wᵀu) − wᵀu) w / ‖w‖² with
// m(x) = −1 + log(1 + eˣ). Here m is shifted, m(x) = −1 + log(1 + (e − 1) eˣ), so that m(0) = 0 and û stays small with w.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import { add, div, log, mul, reshape, softplus, square, sub, sum, tanh } from '../../ops/index.ts';
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
  density: true,
  build({ steps }, features, latent, scope) {
    const widths = Array.from({ length: steps }, () => [latent, latent, 1]).flat();
    const heads = linearHeads(features, widths, latent, scope.child('flow'));
    const maps = Array.from({ length: steps }, (_, i) =>
      planarStep(heads[3 * i]!, heads[3 * i + 1]!, heads[3 * i + 2]!),
    );
    return flowPosterior(features, latent, scope, maps);
  },
});

/** One map. u and w are [N, latent], b is [N, 1]. */
function planarStep(u: Tensor, w: Tensor, b: Tensor): FlowStep {
  const dot = (x: Tensor, y: Tensor): Tensor => sum(mul(x, y), 1, { keepDims: true });
  const along = dot(w, u);
  const positive = softplus(add(along, Math.log(Math.E - 1)));
  // A w of zeros leaves u as it is; below float32's resolution of ‖w‖² otherwise.
  const scale = div(sub(sub(positive, 1), along), add(dot(w, w), 1e-12));
  const bounded = add(u, mul(scale, w));
  return code => {
    const h = tanh(add(dot(w, code), b));
    // 1 + h′ wᵀû with h′ = 1 − tanh² and wᵀû = softplus − 1: a sum of two positive terms.
    const determinant = add(square(h), mul(sub(1, square(h)), positive));
    return { z: add(code, mul(bounded, h)), logDeterminant: reshape(log(determinant), [code.shape[0]!]) };
  };
}

// A flow: a diagonal Gaussian's draw pushed through invertible maps (Rezende & Mohamed 2015, "Variational Inference with
// Normalizing Flows", equations 5–7). log q(z|x) = log q₀(z₀|x) − Σ log |det ∂fₖ/∂zₖ₋₁|, known of the codes it made.

import { normal, sumPerExample } from '../../distributions/index.ts';
import { LatentkitError } from '../../errors.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import { sub } from '../../ops/index.ts';
import { linearHeads } from './heads.ts';
import type { BuiltPosterior } from './posterior.ts';

/** One invertible map: the new codes [N, latent], and the logarithm of its Jacobian determinant's size, [N]. */
export type FlowStep = (z: Tensor) => { readonly z: Tensor; readonly logDeterminant: Tensor };

/**
 * The posterior of a diagonal Gaussian, whose heads stand upon the features, followed by steps. Where no code is drawn it
 * is the base's mean pushed through the flow: not the mean of q(z|x), for which there is no formula, but its median where
 * the steps are monotone in one dimension. An exported encoder gives that as `mean`, and as `baseMean` and `baseLogVar`
 * the distribution before the flow.
 */
export function flowPosterior(
  features: Tensor,
  latent: number,
  scope: Scope,
  steps: readonly FlowStep[],
): BuiltPosterior {
  const [baseMean, baseLogVar] = linearHeads(features, [latent, latent], latent, scope) as [Tensor, Tensor];
  const base = normal(baseMean, { logVar: baseLogVar });
  const densities = new Map<Tensor, Tensor>();
  const push = (start: Tensor): Tensor => {
    let z = start;
    let density = sumPerExample(base.logProb(start));
    for (const step of steps) {
      const next = step(z);
      z = next.z;
      density = sub(density, next.logDeterminant);
    }
    densities.set(z, density);
    return z;
  };
  const mean = push(baseMean);
  return {
    mean,
    outputs: { mean, baseMean, baseLogVar },
    sample: () => push(base.sample(scope.noise('noise', baseMean.shape, base.noise))),
    logProb(z) {
      const density = densities.get(z);
      if (density !== undefined) return density;
      throw new LatentkitError(
        'spec',
        'model spec: the posterior is a flow, which knows log q(z|x) of the codes that it drew alone, but the density of ' +
          'other codes was asked for; choose the posterior "diagonalGaussian" or "fullGaussian".',
      );
    },
  };
}

// Radial flow: f(z) = z + β̂ h(α, r) (z − z₀) with r = ‖z − z₀‖ and h = 1 / (α + r), its parameters given by the encoder
// (Rezende & Mohamed 2015, equation 14). α = softplus(a) > 0, and β̂ = softplus(β) − α ≥ −α, which makes it invertible
// (appendix A.2). It starts as the identity.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import { add, div, log, mul, reshape, softplus, sqrt, square, sub, sum } from '../../ops/index.ts';
import { type FlowStep, flowPosterior } from './flow.ts';
import { linearHeads } from './heads.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';

export interface RadialPosterior {
  readonly type: 'radial';
  /** How many maps follow one another. Default 10. */
  readonly steps: number;
}

export const radial: PosteriorDefinition<RadialPosterior> = definePosterior<RadialPosterior>({
  type: 'radial',
  schema: z.strictObject({ type: z.literal('radial'), steps: z.int().min(1).max(200).default(10) }),
  kl: true,
  density: true,
  build({ steps }, features, latent, scope) {
    const widths = Array.from({ length: steps }, () => [latent, 1, 1]).flat();
    const heads = linearHeads(features, widths, latent, scope.child('flow'));
    const maps = Array.from({ length: steps }, (_, i) =>
      radialStep(heads[3 * i]!, heads[3 * i + 1]!, heads[3 * i + 2]!),
    );
    return flowPosterior(features, latent, scope, maps);
  },
});

/** One map. The centre z₀ is [N, latent]; a and β are [N, 1]. */
function radialStep(center: Tensor, a: Tensor, beta: Tensor): FlowStep {
  const latent = center.shape[1] as number;
  const [alpha, strength] = [softplus(a), softplus(beta)];
  return code => {
    const offset = sub(code, center);
    // The root has no gradient at 0, so it is taken a little beside it.
    const r = sqrt(add(sum(square(offset), 1, { keepDims: true }), 1e-12));
    const reach = add(alpha, r);
    const moved = add(code, mul(div(sub(strength, alpha), reach), offset));
    // 1 + β̂h = (r + softplus(β)) / (α + r), and 1 + β̂h + β̂h′r = (r² + 2αr + α softplus(β)) / (α + r)².
    const across = sub(log(add(r, strength)), log(reach));
    const outward = sub(log(add(mul(r, add(r, mul(2, alpha))), mul(alpha, strength))), mul(2, log(reach)));
    const logDeterminant = add(mul(latent - 1, across), outward);
    return { z: moved, logDeterminant: reshape(logDeterminant, [code.shape[0]!]) };
  };
}

// A prior p(z) over codes.

import type { Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import type { PartSchema } from '../../schema.ts';
import type { BuiltPosterior } from '../posteriors/posterior.ts';

/** A prior in one graph, with its own parameters made. */
export interface BuiltPrior {
  /**
   * KL(q(z|x) ‖ p(z)) in nats, split as far as both factorise: [N, latent] by dimension, or [N, 1] where it is one
   * number. Closed form where there is one, else an estimate at `z`, which was drawn from the posterior.
   */
  kl(posterior: BuiltPosterior, z: Tensor): Tensor;
}

/** A kind of prior. `S` is its spec. */
export interface PriorDefinition<S extends { readonly type: string }> {
  readonly type: S['type'];
  readonly schema: PartSchema<S>;
  build(spec: S, latent: number, scope: Scope): BuiltPrior;
}

export function definePrior<S extends { readonly type: string }>(definition: PriorDefinition<S>): PriorDefinition<S> {
  return definition;
}

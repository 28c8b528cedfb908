// An objective: what training minimises, made of the terms of the bound.

import type { Tensor } from '../../graph/index.ts';
import type { BuiltPosterior } from '../posteriors/posterior.ts';
import type { BuiltPrior } from '../priors/prior.ts';

/** A model's inference in one graph, from which an objective takes what it needs, as often as it needs it. */
export interface Inference {
  readonly posterior: BuiltPosterior;
  readonly prior: BuiltPrior;
  /** log p(x|z) in nats for codes [N, latent]: [N]. */
  logLikelihood(z: Tensor): Tensor;
  /** The weight of the KL at this step, a scalar that the training loop feeds (see `klWeightAt`). */
  readonly klWeight: Tensor;
}

/** What an objective gives. */
interface Terms {
  /**
   * The scalar to minimise, summed over the batch: so the gradients of shards add up to the batch's, and the one
   * division by the batch size is the optimiser's.
   */
  readonly loss: Tensor;
  /** −log p(x|z) in nats per example: [N]. */
  readonly reconstruction: Tensor;
  /** KL(q(z|x) ‖ p(z)) in nats per example, unweighted: [N]. */
  readonly kl: Tensor;
}

/** A kind of objective. `S` is its spec. */
export interface ObjectiveDefinition<S extends { readonly type: string }> {
  readonly type: S['type'];
  build(spec: S, inference: Inference): Terms;
}

export function defineObjective<S extends { readonly type: string }>(
  definition: ObjectiveDefinition<S>,
): ObjectiveDefinition<S> {
  return definition;
}

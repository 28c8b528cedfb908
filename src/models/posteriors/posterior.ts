// A posterior q(z|x): the family of distributions over codes in which the encoder answers.

import type { Normal } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import type { PartSchema } from '../../schema.ts';

/** The posterior of a batch. Its batch dimension is that of the features it was built upon, `N` as a rule. */
export interface BuiltPosterior {
  /** The code where none is drawn: [N, latent]. */
  readonly mean: Tensor;
  /** What an exported encoder gives, by name. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** A code drawn with gradients, each time anew: [N, latent]. */
  sample(): Tensor;
  /**
   * log q(z|x) in nats: [N]. A flow knows it of the codes that it made itself, which are `mean` and what `sample` gave.
   * @throws LatentkitError `spec` where there is no density: the posterior is deterministic, or the flow did not make z.
   */
  logProb(z: Tensor): Tensor;
  /** The distribution of each dimension, where q(z|x) is their product. */
  readonly distribution?: Normal;
  /**
   * Of codes of several levels, the top level first: the distribution of each dimension given the levels above it, as they
   * are in z [N, latent].
   */
  conditional?(z: Tensor): Normal;
  /** KL(q(z|x) ‖ N(0, I)) in nats where it has a closed form: [N, latent], or [N, 1] where it does not factorise. */
  klToStandardNormal?(): Tensor;
  /**
   * Of codes that are not all of R^latent, KL(q(z|x) ‖ p(z)) in nats to the one prior of their kind: uniform on the sphere,
   * [N, 1]; or normal numbers and uniform categories, [N, numbers + choices].
   */
  klToUniform?(): Tensor;
  /** A term of training's loss that is the posterior's own, whatever the objective, such as a commitment: [N] in nats. */
  penalty?(): Tensor;
  /** Of codes that end in choices among categories, how many categories each has; the last terms of the KL are theirs. */
  readonly choices?: readonly number[];
}

/** A kind of posterior. `S` is its spec. */
export interface PosteriorDefinition<S extends { readonly type: string }> {
  readonly type: S['type'];
  readonly schema: PartSchema<S>;
  /** Whether there is a KL to priors, so that reconstruction and KL are a bound on the likelihood. */
  readonly kl: boolean;
  /** Whether log q(z|x) is known, as importance weights need it. */
  readonly density: boolean;
  /** Why it does not go with the other parts of a model: what it does, and what it needs for that. */
  refuse?(spec: S, model: { readonly latent: number; readonly prior: { readonly type: string } }): string | undefined;
  /** Builds the heads upon the encoder's features [N, width]. */
  build(spec: S, features: Tensor, latent: number, scope: Scope): BuiltPosterior;
}

export function definePosterior<S extends { readonly type: string }>(
  definition: PosteriorDefinition<S>,
): PosteriorDefinition<S> {
  return definition;
}

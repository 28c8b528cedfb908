// A posterior q(z|x): the family of distributions over codes in which the encoder answers.

import type { Normal } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import type { PartSchema } from '../../schema.ts';

/** The posterior of a batch. */
export interface BuiltPosterior {
  readonly distribution: Normal;
  /** The code where none is drawn: [N, latent]. */
  readonly mean: Tensor;
  /** What an exported encoder gives, by name. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** A code drawn with gradients, each time anew: [N, latent]. */
  sample(): Tensor;
}

/** A kind of posterior. `S` is its spec. */
export interface PosteriorDefinition<S extends { readonly type: string }> {
  readonly type: S['type'];
  readonly schema: PartSchema<S>;
  /** Builds the heads upon the encoder's features [N, width]. */
  build(spec: S, features: Tensor, latent: number, scope: Scope): BuiltPosterior;
}

export function definePosterior<S extends { readonly type: string }>(
  definition: PosteriorDefinition<S>,
): PosteriorDefinition<S> {
  return definition;
}

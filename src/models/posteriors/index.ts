// All posteriors, once.

import { anyOf, type PartSchema } from '../../schema.ts';
import { type DiagonalGaussianPosterior, diagonalGaussian } from './diagonal-gaussian.ts';
import type { PosteriorDefinition } from './posterior.ts';

/** Any posterior, as data. */
export type Posterior = DiagonalGaussianPosterior;

/** All posteriors by type; one that is missing here does not compile. */
export const posteriors: {
  readonly [T in Posterior['type']]: PosteriorDefinition<Extract<Posterior, { readonly type: T }>>;
} = { diagonalGaussian };

export const posteriorSchema: PartSchema<Posterior> = anyOf<Posterior>(posteriors);

/** The definition of a posterior's type. */
export function posteriorOf(spec: Posterior): PosteriorDefinition<Posterior> {
  return posteriors[spec.type] as PosteriorDefinition<Posterior>;
}

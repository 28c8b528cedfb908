// All posteriors, once.

import { anyOf, type PartSchema } from '../../schema.ts';
import { type DeterministicPosterior, deterministic } from './deterministic.ts';
import { type DiagonalGaussianPosterior, diagonalGaussian } from './diagonal-gaussian.ts';
import { type FullGaussianPosterior, fullGaussian } from './full-gaussian.ts';
import { type GumbelSoftmaxPosterior, gumbelSoftmax } from './gumbel-softmax.ts';
import { type IafPosterior, iaf } from './iaf.ts';
import { type LadderPosterior, ladder } from './ladder.ts';
import { type PlanarPosterior, planar } from './planar.ts';
import type { PosteriorDefinition } from './posterior.ts';
import { type RadialPosterior, radial } from './radial.ts';
import { type VectorQuantizedPosterior, vectorQuantized } from './vector-quantized.ts';
import { type VonMisesFisherPosterior, vonMisesFisher } from './von-mises-fisher.ts';

/** Any posterior, as data. */
export type Posterior =
  | DiagonalGaussianPosterior
  | FullGaussianPosterior
  | PlanarPosterior
  | RadialPosterior
  | IafPosterior
  | LadderPosterior
  | VonMisesFisherPosterior
  | GumbelSoftmaxPosterior
  | VectorQuantizedPosterior
  | DeterministicPosterior;

/** All posteriors by type; one that is missing here does not compile. */
export const posteriors: {
  readonly [T in Posterior['type']]: PosteriorDefinition<Extract<Posterior, { readonly type: T }>>;
} = {
  diagonalGaussian,
  fullGaussian,
  planar,
  radial,
  iaf,
  ladder,
  vonMisesFisher,
  gumbelSoftmax,
  vectorQuantized,
  deterministic,
};

export const posteriorSchema: PartSchema<Posterior> = anyOf<Posterior>(posteriors);

/** The definition of a posterior's type. */
export function posteriorOf(spec: Posterior): PosteriorDefinition<Posterior> {
  return posteriors[spec.type] as PosteriorDefinition<Posterior>;
}

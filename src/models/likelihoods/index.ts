// All likelihoods, once.

import { anyOf, type PartSchema } from '../../schema.ts';
import { type BernoulliLikelihood, bernoulliLikelihood } from './bernoulli.ts';
import type { LikelihoodDefinition } from './likelihood.ts';
import { type NormalLikelihood, normalLikelihood } from './normal.ts';

/** Any likelihood, as data. */
export type Likelihood = BernoulliLikelihood | NormalLikelihood;

/** All likelihoods by type; one that is missing here does not compile. */
export const likelihoods: {
  readonly [T in Likelihood['type']]: LikelihoodDefinition<Extract<Likelihood, { readonly type: T }>>;
} = { bernoulli: bernoulliLikelihood, normal: normalLikelihood };

export const likelihoodSchema: PartSchema<Likelihood> = anyOf<Likelihood>(likelihoods);

/** The definition of a likelihood's type. */
export function likelihoodOf(spec: Likelihood): LikelihoodDefinition<Likelihood> {
  return likelihoods[spec.type] as LikelihoodDefinition<Likelihood>;
}

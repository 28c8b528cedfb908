// All likelihoods, once.

import { anyOf, type PartSchema } from '../../schema.ts';
import { type BernoulliLikelihood, bernoulliLikelihood } from './bernoulli.ts';
import { type BetaBinomialLikelihood, betaBinomialLikelihood } from './beta-binomial.ts';
import { type CategoricalLikelihood, categoricalLikelihood } from './categorical.ts';
import { type ContinuousBernoulliLikelihood, continuousBernoulliLikelihood } from './continuous-bernoulli.ts';
import { type DiscretizedLogisticLikelihood, discretizedLogisticLikelihood } from './discretized-logistic.ts';
import { type LaplaceLikelihood, laplaceLikelihood } from './laplace.ts';
import type { LikelihoodDefinition } from './likelihood.ts';
import { type LogCoshLikelihood, logCoshLikelihood } from './log-cosh.ts';
import { type MixedLikelihood, mixedLikelihood } from './mixed.ts';
import { type MsSsimLikelihood, msSsimLikelihood } from './ms-ssim.ts';
import { type NegativeBinomialLikelihood, negativeBinomialLikelihood } from './negative-binomial.ts';
import { type NormalLikelihood, normalLikelihood } from './normal.ts';
import { type PoissonLikelihood, poissonLikelihood } from './poisson.ts';
import { type StudentTLikelihood, studentTLikelihood } from './student-t.ts';

/** Any likelihood, as data. */
export type Likelihood =
  | BernoulliLikelihood
  | ContinuousBernoulliLikelihood
  | NormalLikelihood
  | LaplaceLikelihood
  | LogCoshLikelihood
  | StudentTLikelihood
  | MsSsimLikelihood
  | CategoricalLikelihood
  | DiscretizedLogisticLikelihood
  | BetaBinomialLikelihood
  | PoissonLikelihood
  | NegativeBinomialLikelihood
  | MixedLikelihood;

/** All likelihoods by type; one that is missing here does not compile. */
export const likelihoods: {
  readonly [T in Likelihood['type']]: LikelihoodDefinition<Extract<Likelihood, { readonly type: T }>>;
} = {
  bernoulli: bernoulliLikelihood,
  continuousBernoulli: continuousBernoulliLikelihood,
  normal: normalLikelihood,
  laplace: laplaceLikelihood,
  logCosh: logCoshLikelihood,
  studentT: studentTLikelihood,
  msSsim: msSsimLikelihood,
  categorical: categoricalLikelihood,
  discretizedLogistic: discretizedLogisticLikelihood,
  betaBinomial: betaBinomialLikelihood,
  poisson: poissonLikelihood,
  negativeBinomial: negativeBinomialLikelihood,
  mixed: mixedLikelihood,
};

export const likelihoodSchema: PartSchema<Likelihood> = anyOf<Likelihood>(likelihoods);

/** The definition of a likelihood's type. */
export function likelihoodOf(spec: Pick<Likelihood, 'type'>): LikelihoodDefinition<Likelihood> {
  return likelihoods[spec.type] as LikelihoodDefinition<Likelihood>;
}

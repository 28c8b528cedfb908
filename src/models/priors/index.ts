// All priors, once.

import { anyOf, type PartSchema } from '../../schema.ts';
import { type AutoregressivePrior, autoregressive } from './autoregressive.ts';
import { type ConditionalNormalPrior, conditionalNormal } from './conditional-normal.ts';
import { type GaussianMixturePrior, gaussianMixture } from './gaussian-mixture.ts';
import { type LadderPrior, ladder } from './ladder.ts';
import { type NormalCategoricalPrior, normalCategorical } from './normal-categorical.ts';
import type { PriorDefinition } from './prior.ts';
import { type RealNvpPrior, realNvp } from './real-nvp.ts';
import { type StandardNormalPrior, standardNormal } from './standard-normal.ts';
import { type UniformCodesPrior, uniformCodes } from './uniform-codes.ts';
import { type UniformSpherePrior, uniformSphere } from './uniform-sphere.ts';
import { type VampPrior, vamp } from './vamp.ts';

/** Any prior, as data. */
export type Prior =
  | StandardNormalPrior
  | ConditionalNormalPrior
  | GaussianMixturePrior
  | VampPrior
  | RealNvpPrior
  | LadderPrior
  | UniformSpherePrior
  | NormalCategoricalPrior
  | UniformCodesPrior
  | AutoregressivePrior;

/** All priors by type; one that is missing here does not compile. */
export const priors: {
  readonly [T in Prior['type']]: PriorDefinition<Extract<Prior, { readonly type: T }>>;
} = {
  standardNormal,
  conditionalNormal,
  gaussianMixture,
  vamp,
  realNvp,
  ladder,
  uniformSphere,
  normalCategorical,
  uniformCodes,
  autoregressive,
};

export const priorSchema: PartSchema<Prior> = anyOf<Prior>(priors);

/** The definition of a prior's type. */
export function priorOf(spec: Prior): PriorDefinition<Prior> {
  return priors[spec.type] as PriorDefinition<Prior>;
}

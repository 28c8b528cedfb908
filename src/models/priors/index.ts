// All priors, once.

import { anyOf, type PartSchema } from '../../schema.ts';
import type { PriorDefinition } from './prior.ts';
import { type StandardNormalPrior, standardNormal } from './standard-normal.ts';

/** Any prior, as data. */
export type Prior = StandardNormalPrior;

/** All priors by type; one that is missing here does not compile. */
export const priors: {
  readonly [T in Prior['type']]: PriorDefinition<Extract<Prior, { readonly type: T }>>;
} = { standardNormal };

export const priorSchema: PartSchema<Prior> = anyOf<Prior>(priors);

/** The definition of a prior's type. */
export function priorOf(spec: Prior): PriorDefinition<Prior> {
  return priors[spec.type] as PriorDefinition<Prior>;
}

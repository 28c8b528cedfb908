// All objectives, once.

import { type ElboObjective, elbo } from './elbo.ts';
import type { ObjectiveDefinition } from './objective.ts';

/** Any objective, as data. */
export type Objective = ElboObjective;

/** All objectives by type; one that is missing here does not compile. */
export const objectives: {
  readonly [T in Objective['type']]: ObjectiveDefinition<Extract<Objective, { readonly type: T }>>;
} = { elbo };

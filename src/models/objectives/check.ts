// Which objectives and posteriors go together.

import { LatentkitError } from '../../errors.ts';
import type { Posterior } from '../posteriors/index.ts';
import { type Objective, objectiveOf } from './index.ts';

/**
 * Checks that objective and posterior go together.
 * @throws LatentkitError `spec` that says why they do not.
 */
export function checkObjective(objective: Objective, posterior: Posterior): void {
  const reason = objectiveOf(objective).refuse?.(objective, posterior);
  if (reason === undefined) return;
  throw new LatentkitError(
    'spec',
    `model spec: the objective "${objective.type}" ${reason}; the posterior is "${posterior.type}". Choose another of ` +
      'the two.',
  );
}

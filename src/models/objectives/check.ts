// Which objectives go together with which posteriors and conditions.

import { LatentkitError } from '../../errors.ts';
import type { Condition } from '../condition.ts';
import type { Posterior } from '../posteriors/index.ts';
import { type Objective, objectiveOf } from './index.ts';

/**
 * Checks that an objective goes together with posterior and condition.
 * @throws LatentkitError `spec` that says why it does not.
 */
export function checkObjective(objective: Objective, posterior: Posterior, condition: Condition | undefined): void {
  if (condition?.type === 'semiSupervised' && objective.type !== 'elbo') {
    throw new LatentkitError(
      'spec',
      `model spec: the objective "${objective.type}" does not sum over classes that are not known; choose the objective ` +
        '"elbo", or the condition "label".',
    );
  }
  const reason = objectiveOf(objective).refuse?.(objective, posterior);
  if (reason === undefined) return;
  throw new LatentkitError(
    'spec',
    `model spec: the objective "${objective.type}" ${reason}; the posterior is "${posterior.type}". Choose another of ` +
      'the two.',
  );
}

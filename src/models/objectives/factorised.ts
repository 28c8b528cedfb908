// What objectives need that look at the dimensions of a code one by one.

import type { Normal } from '../../distributions/index.ts';
import { LatentkitError } from '../../errors.ts';
import type { BuiltPosterior } from '../posteriors/posterior.ts';

/**
 * The distribution of each dimension of the code.
 * @throws LatentkitError `spec` where q(z|x) is not a product of normal distributions.
 */
export function factorised({ distribution }: BuiltPosterior, objective: string): Normal {
  if (distribution !== undefined) return distribution;
  throw new LatentkitError(
    'spec',
    `model spec: the objective "${objective}" looks at the dimensions of the code one by one, which needs a posterior ` +
      'that is their product; choose the posterior "diagonalGaussian", or another objective.',
  );
}

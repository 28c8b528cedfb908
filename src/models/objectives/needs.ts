// Why an objective cannot go with a posterior.

import { type Posterior, posteriorOf } from '../posteriors/index.ts';

/** A reason to refuse posteriors without a density, which have no KL and no importance weights. */
export function needsDensity(posterior: Posterior): string | undefined {
  if (posteriorOf(posterior).density) return undefined;
  return 'needs the density log q(z|x), which a deterministic code does not have';
}

/** A reason to refuse posteriors that are no product of normal distributions. */
export function needsFactors(posterior: Posterior): string | undefined {
  if (posterior.type === 'diagonalGaussian') return undefined;
  return 'looks at the dimensions of the code one by one, so it needs the posterior "diagonalGaussian"';
}

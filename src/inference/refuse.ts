// Which models can be inferred upon, and how.

import { LatentkitError } from '../errors.ts';
import type { ModelSpec } from '../models/index.ts';
import type { Noise } from './noise.ts';

/**
 * - `gradient`: the most probable code from several starts, then Hamiltonian Monte Carlo
 * - `gibbs`: pseudo-Gibbs with the correction of Metropolis and Hastings
 */
export type InferenceMethod = 'gradient' | 'gibbs';

/** Posteriors whose codes do not fill R^latent, so that a gradient leads away from them. */
const curved: readonly string[] = ['vonMisesFisher', 'gumbelSoftmax'];

/** Posteriors without a density at codes that they did not draw. */
const undensified: readonly string[] = ['deterministic', 'planar', 'radial', 'iaf'];

/** Whether chains can be weighed by normals about them. */
export function codesFillSpace({ posterior }: ModelSpec): boolean {
  return !curved.includes(posterior.type);
}

/** The method that is taken where none is asked for. */
export function defaultMethod(spec: ModelSpec): InferenceMethod {
  return codesFillSpace(spec) ? 'gradient' : 'gibbs';
}

/** @throws LatentkitError `usage` that says what the model cannot do, and what to do instead. */
export function checkInferable(spec: ModelSpec, method: InferenceMethod, noise?: Noise): void {
  const { posterior, input, likelihood } = spec;
  const refuse = (reason: string): LatentkitError => new LatentkitError('usage', `inference of codes: ${reason}.`);
  if (posterior.type === 'vectorQuantized') {
    throw refuse(
      'the model chooses its codes from a codebook, which have neither a density nor a gradient; take a model with continuous codes',
    );
  }
  if (method === 'gradient' && !codesFillSpace(spec)) {
    throw refuse(
      `codes of the posterior "${posterior.type}" cannot be moved along a gradient; choose the method "gibbs"`,
    );
  }
  if (method === 'gibbs' && undensified.includes(posterior.type)) {
    throw refuse(
      `the posterior "${posterior.type}" knows no density of a code that it did not draw, which the correction of Gibbs steps needs; choose the method "gradient"`,
    );
  }
  if (noise === undefined) return;
  if (input.columns !== undefined)
    throw refuse('noise is of numbers on one scale, which a table does not have; leave it out');
  if (noise.level === undefined && method === 'gibbs') {
    throw refuse('Gibbs steps do not find the level of the noise; give it, or choose the method "gradient"');
  }
  if (likelihood.type === 'mixed') throw refuse('the likelihood "mixed" gives no variances');
}

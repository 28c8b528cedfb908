// Which posteriors and priors go together, and what a model without a KL cannot be asked for.

import { LatentkitError } from '../../errors.ts';
import type { Condition } from '../condition.ts';
import { type Posterior, posteriorOf } from '../posteriors/index.ts';
import { type Prior, priorOf } from './index.ts';

/** What of a model's spec says how codes are inferred and charged. */
interface Codes {
  readonly latent: number;
  readonly posterior: Posterior;
  readonly prior: Prior;
  readonly condition?: Condition | undefined;
  readonly objective: {
    readonly type: string;
    readonly klWeight?: number | undefined;
    readonly klWarmup?: unknown;
    readonly freeBits?: unknown;
  };
}

/**
 * Checks that the parts that deal with codes go together.
 * @throws LatentkitError `spec` that says what does not, and why.
 */
export function checkCodes({ latent, posterior, prior, condition, objective }: Codes): void {
  const definition = priorOf(prior);
  const { kl } = posteriorOf(posterior);
  if (definition.learned && !kl) {
    throw new LatentkitError(
      'spec',
      `model spec: the prior "${prior.type}" is learned through the KL, which the posterior "${posterior.type}" does ` +
        'not have; choose the prior "standardNormal", or another posterior.',
    );
  }
  const refused = posteriorOf(posterior).refuse?.(posterior, { latent, prior });
  if (refused !== undefined) {
    throw new LatentkitError(
      'spec',
      `model spec: the posterior "${posterior.type}" ${refused}; the prior is "${prior.type}", the code has ${latent} ` +
        'dimensions.',
    );
  }
  const reason = definition.refuse?.(prior, { latent, posterior, condition });
  if (reason !== undefined) {
    throw new LatentkitError(
      'spec',
      `model spec: the prior "${prior.type}" ${reason}; the posterior is "${posterior.type}" of ${latent} dimensions.`,
    );
  }
  if (kl || objective.type !== 'elbo') return;
  const idle = (['klWarmup', 'freeBits'] as const).find(name => objective[name] !== undefined);
  const name = idle ?? (objective.klWeight === 1 ? undefined : 'klWeight');
  if (name !== undefined) {
    throw new LatentkitError(
      'spec',
      `model spec: ${name} would do nothing, since the posterior "${posterior.type}" has no KL; leave it out.`,
    );
  }
}

// A prior p(z) over codes.

import type { Dim, Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import { reshape, sub } from '../../ops/index.ts';
import type { PartSchema } from '../../schema.ts';
import type { Posterior } from '../posteriors/index.ts';
import type { BuiltPosterior } from '../posteriors/posterior.ts';

/** A prior in one graph, with its own parameters made. */
export interface BuiltPrior {
  /**
   * KL(q(z|x) ‖ p(z)) in nats, split as far as both factorise: [N, latent] by dimension, or [N, 1] where it is one
   * number. Closed form where there is one, else log q(z|x) − log p(z) at `z`, which was drawn from the posterior: an
   * unbiased estimate (Kingma & Welling 2014, equation 6).
   */
  kl(posterior: BuiltPosterior, z: Tensor): Tensor;
  /** log p(z) in nats for codes [N, latent]: [N]. The batch dimension is the codes'. */
  logProb(z: Tensor): Tensor;
  /** A code drawn with gradients to the prior's parameters, each time anew: [N, latent]. */
  sample(): Tensor;
}

/** What a prior may build upon beside its own parameters. */
interface PriorContext {
  /** The posterior of data as the network sees them: [N, channels, ...], or any number of rows. */
  encode(x: Tensor): BuiltPosterior;
  /** The posterior that it goes with, and the scope of that one's parameters, some of which may be the prior's as well. */
  readonly posterior: { readonly spec: Posterior; readonly scope: Scope };
  /** An example's shape as the network sees it: [channels, ...]. */
  readonly dataShape: readonly number[];
  /** What a conditional model is told, for so many rows: [rows, width]. */
  condition?(rows: Dim): Tensor;
}

/** A kind of prior. `S` is its spec. */
export interface PriorDefinition<S extends { readonly type: string }> {
  readonly type: S['type'];
  readonly schema: PartSchema<S>;
  /** Whether training changes it, which only a posterior with a density can bring about. */
  readonly learned: boolean;
  /** Whether all codes are equally likely, so that there are no likelier ones for a temperature to prefer. */
  readonly flat?: boolean;
  /** Why it does not go with the other parts of a model: what it does, and what it needs for that. */
  refuse?(
    spec: S,
    model: {
      readonly latent: number;
      readonly posterior: { readonly type: string };
      readonly condition?: object | undefined;
    },
  ): string | undefined;
  build(spec: S, latent: number, scope: Scope, context: PriorContext): BuiltPrior;
}

export function definePrior<S extends { readonly type: string }>(definition: PriorDefinition<S>): PriorDefinition<S> {
  return definition;
}

/** The prior of a density: what it lacks is the KL, which is estimated at the code. */
export function priorOfDensity({ logProb, sample }: Omit<BuiltPrior, 'kl'>): BuiltPrior {
  return {
    logProb,
    sample,
    kl: (posterior, z) => reshape(sub(posterior.logProb(z), logProb(z)), [z.shape[0]!, 1]),
  };
}

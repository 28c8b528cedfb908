// The evidence lower bound (Kingma & Welling 2014, equation 7), negated: reconstruction + KL, in nats. Three things may
// bend it in training: a weight on the KL (Higgins et al. 2017), its linear warm-up (Bowman et al. 2016; Sønderby et
// al. 2016), once or in cycles (Fu et al. 2019, equation 6), and free bits (Kingma et al. 2016, appendix C.8).

import { z } from 'zod';
import { LatentkitError } from '../../errors.ts';
import type { Tensor } from '../../graph/index.ts';
import { add, batchSize, maximum, mean, mul, reshape, sum } from '../../ops/index.ts';
import { expectedTerms } from '../semi-supervised.ts';
import { defineObjective, type ObjectiveDefinition, type OptionsOf, type Position } from './objective.ts';
import { line, nonNegative, positive, stepsOf } from './schedule.ts';

/** How the KL's weight grows: linearly from `from` (default 0) to `klWeight` within so many epochs or steps. */
export type KlWarmup = ({ readonly epochs: number } | { readonly steps: number }) & {
  readonly from?: number | undefined;
  /** How often it grows, each time from `from` anew; then it stays at `klWeight`. Default 1. */
  readonly cycles?: number | undefined;
  /** Between two rises it stays at `klWeight` for so long, in units of a rise. Default 1: half of each cycle. */
  readonly hold?: number | undefined;
};

export interface ElboObjective {
  readonly type: 'elbo';
  /** 1 is the bound itself. */
  readonly klWeight: number;
  readonly klWarmup?: KlWarmup | undefined;
  /**
   * Nats for each latent dimension that cost nothing: the KL's term is Σⱼ max(freeBits, batch mean of KLⱼ), so a
   * dimension below it is not pressed further toward the prior.
   */
  readonly freeBits?: number | undefined;
  /** Free bits are those of groups of dimensions: so many, of consecutive dimensions, equally large. */
  readonly freeBitsGroups?: number | undefined;
}

/** The objective as people write it: what has no type is this one. */
export type ElboOptions = { readonly type?: 'elbo' | undefined } & Omit<OptionsOf<ElboObjective>, 'type'>;

const warmupFields = { from: nonNegative.optional(), cycles: z.int().min(1).optional(), hold: nonNegative.optional() };

export const elbo: ObjectiveDefinition<ElboObjective, ElboOptions> = defineObjective<ElboObjective, ElboOptions>({
  type: 'elbo',
  schema: z.strictObject({
    type: z.literal('elbo').optional(),
    klWeight: nonNegative.optional(),
    klWarmup: z
      .union([
        z.strictObject({ epochs: positive, ...warmupFields }),
        z.strictObject({ steps: positive, ...warmupFields }),
      ])
      .optional(),
    freeBits: positive.optional(),
    freeBitsGroups: z.int().min(1).optional(),
  }),
  defaults: { klWeight: 1 },
  scalars: (spec, position) => ({ klWeight: klWeightAt(spec, position) }),
  refuse({ freeBits, freeBitsGroups }) {
    if (freeBits !== undefined || freeBitsGroups === undefined) return undefined;
    return 'has freeBitsGroups, which would do nothing without freeBits';
  },
  build(spec, inference, scalar) {
    const { klPerDimension, reconstruction, kl } = expectedTerms(inference, posterior => posterior.sample());
    const charged = spec.freeBits === undefined ? sum(kl) : mul(batchSize(), withFreeBits(klPerDimension, spec));
    return { loss: add(sum(reconstruction), mul(scalar('klWeight'), charged)), reconstruction, kl };
  },
});

/** Σ over groups of max(freeBits, batch mean of the group's KL). */
function withFreeBits(klPerDimension: Tensor, { freeBits = 0, freeBitsGroups }: ElboObjective): Tensor {
  const means = mean(klPerDimension, 0);
  const [width] = means.shape as [number];
  const groups = freeBitsGroups ?? width;
  if (width % groups !== 0) {
    throw new LatentkitError(
      'spec',
      `model spec: objective.freeBitsGroups: expected a divisor of ${width}, the number of terms that the KL of this ` +
        `posterior and prior has, got ${groups}.`,
    );
  }
  return sum(maximum(sum(reshape(means, [groups, width / groups]), 1), freeBits));
}

/** The KL's weight at a training step. */
export function klWeightAt({ klWeight, klWarmup }: ElboObjective, position: Position): number {
  if (klWarmup === undefined) return klWeight;
  const { from = 0, cycles = 1, hold = 1 } = klWarmup;
  const rise = stepsOf(klWarmup, position);
  const period = rise * (1 + hold);
  const cycle = Math.min(Math.floor(position.step / period), cycles - 1);
  return line(from, klWeight, position.step - cycle * period, rise);
}

// The evidence lower bound (Kingma & Welling 2014, equation 7), negated: reconstruction + KL, in nats. Three things may
// bend it in training: a weight on the KL (Higgins et al. 2017), its linear warm-up (Bowman et al. 2016; Sønderby et
// al. 2016), and free bits (Kingma et al. 2016, appendix C.8).

import { z } from 'zod';
import { sumPerExample } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { add, batchSize, maximum, mean, mul, neg, sum } from '../../ops/index.ts';
import { defineObjective, type Inference, type ObjectiveDefinition } from './objective.ts';

/** How the KL's weight grows: linearly from `from` (default 0) to `klWeight` within so many epochs or steps. */
export type KlWarmup =
  | { readonly epochs: number; readonly from?: number | undefined }
  | { readonly steps: number; readonly from?: number | undefined };

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
}

/** The objective as people write it: without a weight it is 1. */
export interface ElboOptions extends Partial<Omit<ElboObjective, 'type' | 'klWeight'>> {
  readonly type?: 'elbo' | undefined;
  readonly klWeight?: number | undefined;
}

const length = z.number().gt(0);
const from = z.number().min(0).optional();

export const klWeightSchema: z.ZodType<number> = z.number().min(0);

export const elboOptionsSchema: z.ZodType<ElboOptions> = z.strictObject({
  type: z.literal('elbo').optional(),
  klWeight: klWeightSchema.optional(),
  klWarmup: z.union([z.strictObject({ epochs: length, from }), z.strictObject({ steps: length, from })]).optional(),
  freeBits: z.number().gt(0).optional(),
});

export const elbo: ObjectiveDefinition<ElboObjective> = defineObjective<ElboObjective>({
  type: 'elbo',
  build(spec, inference) {
    const { klPerDimension, reconstruction, kl } = boundTerms(inference, inference.posterior.sample());
    const charged =
      spec.freeBits === undefined ? sum(kl) : mul(batchSize(), sum(maximum(mean(klPerDimension, 0), spec.freeBits)));
    return { loss: add(sum(reconstruction), mul(inference.klWeight, charged)), reconstruction, kl };
  },
});

/** The terms of the bound at codes z [N, latent], in nats per example. */
export function boundTerms(
  { posterior, prior, logLikelihood }: Omit<Inference, 'klWeight'>,
  z: Tensor,
): { readonly reconstruction: Tensor; readonly kl: Tensor; readonly klPerDimension: Tensor } {
  const klPerDimension = prior.kl(posterior, z);
  return { reconstruction: neg(logLikelihood(z)), kl: sumPerExample(klPerDimension), klPerDimension };
}

/**
 * The KL's weight at a training step.
 *
 * @param step counted from 0.
 * @param stepsPerEpoch turns a warm-up given in epochs into steps.
 */
export function klWeightAt({ klWeight, klWarmup }: ElboObjective, step: number, stepsPerEpoch: number): number {
  if (klWarmup === undefined) return klWeight;
  const { from = 0 } = klWarmup;
  const steps = 'steps' in klWarmup ? klWarmup.steps : klWarmup.epochs * stepsPerEpoch;
  return from + (klWeight - from) * Math.min(1, step / steps);
}

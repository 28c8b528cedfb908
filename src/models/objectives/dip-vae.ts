// DIP-VAE (Kumar et al. 2018, "Variational Inference of Disentangled Latent Concepts from Unlabeled Observations",
// equations 5 to 7): beside the bound, the code's covariance over the data is pulled to the identity. Variant I takes
// the covariance of the posterior's means, II that of the code itself, which adds the mean of its variances.

import { z } from 'zod';
import { constant, type Tensor } from '../../graph/index.ts';
import {
  add,
  asTensor,
  batchSize,
  broadcastTo,
  div,
  exp,
  matmul,
  mean,
  mul,
  square,
  sub,
  sum,
} from '../../ops/index.ts';
import { boundTerms } from './bound.ts';
import { factorised } from './factorised.ts';
import { needsFactors } from './needs.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';
import { nonNegative } from './schedule.ts';

export interface DipVaeObjective {
  readonly type: 'dipVae';
  readonly variant: 'I' | 'II';
  readonly klWeight: number;
  /** λ_od, the weight of the squared covariances of different dimensions. */
  readonly offDiagonal: number;
  /** λ_d, the weight of the variances' squared distances from 1. */
  readonly diagonal: number;
}

export const dipVae: ObjectiveDefinition<DipVaeObjective> = defineObjective<DipVaeObjective>({
  type: 'dipVae',
  schema: z.strictObject({
    type: z.literal('dipVae'),
    variant: z.enum(['I', 'II']).optional(),
    klWeight: nonNegative.optional(),
    offDiagonal: nonNegative.optional(),
    diagonal: nonNegative.optional(),
  }),
  defaults: { variant: 'II', klWeight: 1, offDiagonal: 10, diagonal: 10 },
  refuse: (_, posterior) => needsFactors(posterior),
  build({ variant, klWeight, offDiagonal, diagonal }, inference) {
    const { posterior } = inference;
    const { reconstruction, kl } = boundTerms(inference, posterior.sample());
    const q = factorised(posterior, 'dipVae');
    const [, latent] = q.mean.shape as ['N', number];
    const identity = constant(
      Array.from({ length: latent * latent }, (_, i) => Number(i % (latent + 1) === 0)),
      [latent, latent],
    );
    const centred = sub(q.mean, mean(q.mean, 0));
    const ofMeans = div(matmul(centred, centred, { transposeA: true }), batchSize());
    const variances = (): Tensor => mean(exp(broadcastTo(asTensor(q.logVar), q.mean.shape)), 0);
    const covariance = variant === 'I' ? ofMeans : add(ofMeans, mul(identity, variances()));
    const weights = add(offDiagonal, mul(identity, diagonal - offDiagonal));
    const distance = sum(mul(weights, square(sub(covariance, identity))));
    const bound = add(sum(reconstruction), mul(klWeight, sum(kl)));
    return { loss: add(bound, mul(batchSize(), distance)), reconstruction, kl };
  },
});

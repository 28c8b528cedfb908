// β-TC-VAE (Chen et al. 2018, "Isolating Sources of Disentanglement in VAEs", equation 4): the KL decomposed into
// mutual information, total correlation and dimension-wise KL, each with its weight. The density of the aggregated
// posterior q(z) is estimated from the batch, of M rows out of D:
// - `mws`, minibatch-weighted (equation S3): q(z) ≈ 1/(D·M) Σⱼ q(z|xⱼ), which is biased
// - `mss`, minibatch-stratified (appendix C.2): the row that z was drawn from counts 1/D and the others the rest. The
//   paper gives one of the others another weight; here that one is averaged over, which leaves each
//   (D − 1)/(D·(M − 1)): as unbiased, with less variance.

import { z } from 'zod';
import { type Normal, sumPerExample } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import {
  add,
  asTensor,
  batchSize,
  broadcastTo,
  concat,
  div,
  exp,
  log,
  logSumExp,
  matmul,
  maximum,
  minimum,
  mul,
  neg,
  reshape,
  square,
  stopGradient,
  sub,
  sum,
  transpose,
} from '../../ops/index.ts';
import { boundTerms } from './bound.ts';
import { factorised } from './factorised.ts';
import { needsFactors } from './needs.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';
import { nonNegative } from './schedule.ts';

export interface BetaTcObjective {
  readonly type: 'betaTc';
  /** The weight of the mutual information of data and code. */
  readonly alpha: number;
  /** The weight of the total correlation of the code's dimensions. */
  readonly beta: number;
  /** The weight of the dimensions' KL to the prior. */
  readonly gamma: number;
  readonly estimator: 'mws' | 'mss';
}

export const betaTc: ObjectiveDefinition<BetaTcObjective> = defineObjective<BetaTcObjective>({
  type: 'betaTc',
  schema: z.strictObject({
    type: z.literal('betaTc'),
    alpha: nonNegative.optional(),
    beta: nonNegative.optional(),
    gamma: nonNegative.optional(),
    estimator: z.enum(['mws', 'mss']).optional(),
  }),
  defaults: { alpha: 1, beta: 6, gamma: 1, estimator: 'mws' },
  scalars: (_, { datasetSize }) => ({ datasetSize }),
  refuse: (_, posterior) => needsFactors(posterior),
  build({ alpha, beta, gamma, estimator }, inference, scalar) {
    const { posterior, prior } = inference;
    const z = posterior.sample();
    const { reconstruction, kl } = boundTerms(inference, z);
    const conditional = posterior.logProb(z);
    const { joint, marginals } = aggregated(factorised(posterior, 'betaTc'), z, estimator, scalar('datasetSize'));
    const information = sub(conditional, joint);
    const correlation = sub(joint, marginals);
    const dimensions = sub(marginals, prior.logProb(z));
    const charged = add(add(mul(alpha, information), mul(beta, correlation)), mul(gamma, dimensions));
    return { loss: sum(add(reconstruction, charged)), reconstruction, kl };
  },
});

/**
 * The aggregated posterior at codes z [N, latent], as nats per example: `joint` log q(z) and `marginals` Σ log q(zⱼ).
 * @param q the posterior of the batch that z was drawn from, row by row.
 */
function aggregated(
  q: Normal,
  z: Tensor,
  estimator: BetaTcObjective['estimator'],
  datasetSize: Tensor,
): { readonly joint: Tensor; readonly marginals: Tensor } {
  const pairs = pairwise(q, z);
  const own = q.logProb(z);
  const average = { mws: minibatchWeighted, mss: minibatchStratified }[estimator];
  return {
    joint: average(logSumExp(sum(pairs, 0), 1), sumPerExample(own), datasetSize),
    marginals: sumPerExample(average(transpose(logSumExp(pairs, 2), [1, 0]), own, datasetSize)),
  };
}

/**
 * log q(zᵢ|xⱼ) of each dimension: [latent, N, N]. The square is multiplied out, so that all pairs come from one product of
 * three numbers each; in float32 that costs about 10⁻⁷ of z² / variance.
 */
function pairwise({ mean, logVar }: Normal, z: Tensor): Tensor {
  const [, latent] = z.shape as ['N', number];
  const spread = broadcastTo(asTensor(logVar), z.shape);
  const precision = exp(neg(spread));
  const scaled = mul(mean, precision);
  const constants = mul(-0.5, add(add(mul(mean, scaled), spread), Math.log(2 * Math.PI)));
  const each = (...parts: readonly Tensor[]): Tensor =>
    concat(
      parts.map(part => reshape(transpose(part, [1, 0]), [latent, 'N', 1])),
      2,
    );
  const ones = add(mul(0, stopGradient(z)), 1);
  return matmul(each(square(z), z, ones), each(mul(-0.5, precision), scaled, constants), { transposeB: true });
}

/** @param all log Σⱼ q(z|xⱼ) over the batch. */
function minibatchWeighted(all: Tensor, _: Tensor, datasetSize: Tensor): Tensor {
  return sub(all, log(mul(datasetSize, batchSize())));
}

/**
 * With r = q(z|own) / Σⱼ q(z|xⱼ): log Σⱼ q(z|xⱼ) + log(r / D + (1 − r)·(D − 1)/(D·(M − 1))).
 * @param own log q(z|x) of the row that z was drawn from.
 */
function minibatchStratified(all: Tensor, own: Tensor, datasetSize: Tensor): Tensor {
  const others = maximum(sub(batchSize(), 1), 1);
  const weightOfOthers = div(sub(datasetSize, 1), mul(datasetSize, others));
  // Rounding may take the share above 1.
  const share = minimum(exp(sub(own, all)), 1);
  const weight = add(div(share, datasetSize), mul(sub(1, share), weightOfOthers));
  return add(all, log(weight));
}

// VAE-GAN (Larsen et al. 2016, "Autoencoding beyond pixels using a learned similarity metric", algorithm 1): the decoder is
// a generator that a critic of data judges, and what reconstructions are compared by is not the data but the critic's
// features of them, with a normal likelihood of variance 1 (equation 7).

import { z } from 'zod';
import { conv2d, dense, flatten, innerShape, type Layer, layerNorm, leakyRelu } from '../../nn/index.ts';
import { add, mul, square, stopGradient, sub, sum } from '../../ops/index.ts';
import type { OptimizerInput } from '../../optim/index.ts';
import { boundTerms } from './bound.ts';
import { type Critic, criticLoss, criticOptimizer, criticSchema, judge, makerLoss, scaleGradient } from './critic.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';
import { nonNegative, positive } from './schedule.ts';

export interface VaeGanObjective {
  readonly type: 'vaeGan';
  /** γ, the weight of the reconstruction in the decoder's loss, beside the critic's judgement. */
  readonly gamma: number;
  /** The weight of the KL in the encoder's loss, beside the reconstruction. */
  readonly klWeight: number;
  /** Of images, `layers` are convolutions that halve the size; their result are the features. */
  readonly critic: Critic;
}

export const vaeGan: ObjectiveDefinition<VaeGanObjective> = defineObjective<VaeGanObjective>({
  type: 'vaeGan',
  schema: z.strictObject({
    type: z.literal('vaeGan'),
    gamma: positive.optional(),
    klWeight: nonNegative.optional(),
    critic: criticSchema.optional(),
  }),
  defaults: { gamma: 0.1, klWeight: 1, critic: { layers: 2, hidden: 128, learningRate: 2e-4 } },
  adversary: ({ critic }): OptimizerInput => criticOptimizer(critic),
  build({ gamma, klWeight, critic }, inference, _, scope) {
    const { posterior, prior, data, expected } = inference;
    const code = posterior.sample();
    const { reconstruction, kl } = boundTerms(inference, code);
    const features = judge(featureLayers(critic, innerShape(data)), 'features', scope);
    const verdict = judge(verdictLayers(critic), 'critic', scope);
    // The encoder learns from the features alone, with weight 1; the decoder with weight γ, and from the critic.
    const again = expected(scaleGradient(code, 1 / gamma));
    const dissimilarity = mul(0.5, sum(square(sub(features.held(again), stopGradient(features.held(data))))));
    const made = [stopGradient(code), prior.sample()].map(expected);
    const judged = made.map(x => makerLoss(verdict.held(features.held(x)))).reduce((a, b) => add(a, b));
    const real = verdict.live(features.live(data));
    const ofCritic = criticLoss(real, ...made.map(x => verdict.live(features.live(stopGradient(x)))));
    const loss = add(mul(klWeight, sum(kl)), add(mul(gamma, dissimilarity), judged));
    return { loss: add(loss, ofCritic), reconstruction, kl };
  },
});

/** Up to the critic's features: convolutions that halve images, down to a few pixels; of all else, dense layers. */
function featureLayers({ layers, hidden }: Critic, [, height = 1, width = 1]: readonly number[]): readonly Layer[] {
  const halvings = Math.max(0, Math.min(layers, Math.floor(Math.log2(Math.min(height, width))) - 1));
  const convolutions = Array.from({ length: halvings }, (_, i) => [
    conv2d(16 * 2 ** i, { kernel: 4, stride: 2, padding: 1 }),
    leakyRelu(),
  ]);
  const denseLayers = Array.from({ length: layers }, () => [dense(hidden), leakyRelu()]);
  // Brought to one scale, lest the distance of features shrink to nothing beside the KL.
  return [...(halvings > 0 ? convolutions.flat() : [flatten(), ...denseLayers.flat()]), layerNorm({ affine: false })];
}

/** From the features to the logit. */
function verdictLayers({ hidden }: Critic): readonly Layer[] {
  return [flatten(), dense(hidden), leakyRelu(), dense(1)];
}

// Batch normalisation (Ioffe & Szegedy 2015, "Batch Normalization", algorithms 1 and 2): each channel brought to mean 0
// and variance 1 over the batch and its places, then a gain and a bias for each. Averages of both over the training steps
// are states of the model, and take the batch's place outside training.

import { z } from 'zod';
import { coefficientOf, type Tensor } from '../../graph/index.ts';
import * as ops from '../../ops/index.ts';
import { defineLayer, innerShape, type LayerContext, type LayerDefinition, volume } from '../layer.ts';
import { epsilonSchema } from './group-norm.ts';

export interface BatchNorm {
  readonly type: 'batchNorm';
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number | undefined;
  /** What the averages take of each batch. Default 0.1. */
  readonly momentum?: number | undefined;
  /** Whether each unit or channel then gets a gain and a bias. Default true. */
  readonly affine?: boolean | undefined;
}

export const batchNormLayer: LayerDefinition<BatchNorm> = defineLayer<BatchNorm>({
  type: 'batchNorm',
  schema: z.strictObject({
    type: z.literal('batchNorm'),
    epsilon: epsilonSchema.optional(),
    momentum: z.number().gt(0).max(1).optional(),
    affine: z.boolean().optional(),
  }),
  build({ epsilon = 1e-5, momentum = 0.1, affine = true }, x, context) {
    const { scope } = context;
    const [channels, ...size] = innerShape(x) as [number, ...number[]];
    const across = (perChannel: Tensor): Tensor => ops.reshape(perChannel, [channels, ...size.map(() => 1)]);
    const { mean, variance } = statistics(x, momentum, context);
    const weight = affine ? scope.parameter('weight', [channels], { type: 'constant', value: 1 }) : 1;
    const factor = ops.div(weight, ops.sqrt(ops.add(variance, epsilon)));
    const scaled = ops.mul(ops.sub(x, across(mean)), across(factor));
    if (!affine) return scaled;
    return ops.add(scaled, across(scope.parameter('bias', [channels], { type: 'constant', value: 0 })));
  },
});

/** The mean and variance of each channel: the batch's in training, where the running ones move towards them. */
function statistics(x: Tensor, momentum: number, { scope }: LayerContext): { mean: Tensor; variance: Tensor } {
  const [channels, ...size] = innerShape(x) as [number, ...number[]];
  const running = {
    mean: scope.state('runningMean', [channels], { type: 'constant', value: 0 }),
    variance: scope.state('runningVariance', [channels], { type: 'constant', value: 1 }),
  };
  if (!scope.training) return running;
  const axes = x.shape.map((_, i) => i).filter(i => i !== 1);
  const mean = ops.mean(x, axes);
  const centred = ops.sub(x, ops.reshape(mean, [channels, ...size.map(() => 1)]));
  const variance = ops.mean(ops.square(centred), axes);
  // The running variance is the unbiased one, as in algorithm 2.
  const count = ops.mul(ops.batchSize(), coefficientOf(x.shape[0]!) * volume(size));
  const unbiased = ops.mul(variance, ops.div(count, ops.maximum(ops.sub(count, 1), 1)));
  const towards = (average: Tensor, value: Tensor): Tensor =>
    ops.add(average, ops.mul(momentum, ops.sub(ops.stopGradient(value), average)));
  scope.update(running.mean, towards(running.mean, mean));
  scope.update(running.variance, towards(running.variance, unbiased));
  return { mean, variance };
}

/** Brings each channel to mean 0 and variance 1 over the batch. */
export function batchNorm(options: Omit<BatchNorm, 'type'> = {}): BatchNorm {
  return { type: 'batchNorm', ...options };
}

// Group normalisation (Wu & He 2018, "Group normalization"): the channels of an example in groups, each group brought to
// mean 0 and variance 1 over its channels and places, then a gain and a bias for each channel.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import * as ops from '../../ops/index.ts';
import { countSchema } from '../fields.ts';
import { cannotTake, defineLayer, innerShape, type LayerDefinition, volume } from '../layer.ts';
import type { Scope } from '../scope.ts';

export interface GroupNorm {
  readonly type: 'groupNorm';
  /** Into how many groups the channels fall. Default: 8, or the most that 8 and the channels can both be divided by. */
  readonly groups?: number | undefined;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number | undefined;
  /** Whether each channel then gets a gain and a bias. Default true. */
  readonly affine?: boolean | undefined;
}

export const epsilonSchema: z.ZodType<number> = z.number().gt(0);

export const groupNormLayer: LayerDefinition<GroupNorm> = defineLayer<GroupNorm>({
  type: 'groupNorm',
  schema: z.strictObject({
    type: z.literal('groupNorm'),
    groups: countSchema.optional(),
    epsilon: epsilonSchema.optional(),
    affine: z.boolean().optional(),
  }),
  build: (spec, x, { scope }) => normalize(x, spec, scope),
});

/** Normalises [N, channels, ...size] by groups. */
export function normalize(x: Tensor, spec: Omit<GroupNorm, 'type'>, scope: Scope): Tensor {
  const [channels, ...size] = innerShape(x) as [number, ...number[]];
  const { groups = commonDivisor(8, channels), epsilon = 1e-5, affine = true } = spec;
  if (channels % groups !== 0) throw cannotTake(`channels that ${groups} groups divide`, x);
  const batch = x.shape[0]!;
  const [places, perGroup] = [volume(size), channels / groups];
  if (places * perGroup === 1) throw cannotTake(`more than one number in each of the ${groups} groups`, x);
  // A group is one run of memory, and what is known of it stays [N, groups] until it meets the whole: ONNX Runtime is
  // slow on inner axes of length 1.
  const rows = ops.reshape(x, [batch, groups, perGroup * places]);
  const centred = ops.sub(rows, ops.reshape(ops.mean(rows, 2), [batch, groups, 1]));
  const variance = ops.mean(ops.square(centred), 2);
  const precision = ops.reshape(ops.div(1, ops.sqrt(ops.add(variance, epsilon))), [batch, groups, 1]);
  if (!affine) return ops.reshape(ops.mul(centred, precision), x.shape);
  const gain = scope.parameter('weight', [channels], { type: 'constant', value: 1 });
  const bias = scope.parameter('bias', [channels], { type: 'constant', value: 0 });
  // The gain times the group's precision is one factor a channel: one pass over the whole instead of two.
  const one = places === 1 ? [] : [1];
  const factor = ops.reshape(ops.mul(precision, ops.reshape(gain, [groups, perGroup])), [batch, channels, ...one]);
  const flat = ops.reshape(centred, places === 1 ? [batch, channels] : [batch, channels, places]);
  return ops.reshape(ops.add(ops.mul(flat, factor), ops.reshape(bias, [channels, ...one])), x.shape);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** Brings groups of channels to mean 0 and variance 1. */
export function groupNorm(options: Omit<GroupNorm, 'type'> = {}): GroupNorm {
  return { type: 'groupNorm', ...options };
}

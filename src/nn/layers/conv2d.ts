// Two-dimensional convolution over images [channels, height, width].

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import * as ops from '../../ops/index.ts';
import { both, type Padding, type Pair, paddingSchema, pairSchema, widthSchema } from '../fields.ts';
import { biasInitial, type Fans, type Initializer, initializerSchema, weightInitial } from '../initializer.ts';
import { cannotTake, defineLayer, innerShape, type LayerDefinition, resolveWidth, type Width } from '../layer.ts';
import type { Scope } from '../scope.ts';

export interface Conv2d {
  readonly type: 'conv2d';
  /** How many channels come out; `'output'`: as many as the likelihood needs. */
  readonly channels: Width;
  readonly kernel: Pair;
  /** Default 1. */
  readonly stride?: Pair | undefined;
  /** Default 0. `'same'`: the output is the input's size divided by the stride, rounded up. */
  readonly padding?: Padding | undefined;
  /** Default 1. */
  readonly dilation?: Pair | undefined;
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** Default `glorotUniform`. */
  readonly initializer?: Initializer | undefined;
}

export const conv2dLayer: LayerDefinition<Conv2d> = defineLayer<Conv2d>({
  type: 'conv2d',
  schema: z.strictObject({
    type: z.literal('conv2d'),
    channels: widthSchema,
    kernel: pairSchema,
    stride: pairSchema.optional(),
    padding: paddingSchema.optional(),
    dilation: pairSchema.optional(),
    bias: z.boolean().optional(),
    initializer: initializerSchema.optional(),
  }),
  build(spec, x, { scope, output }) {
    const [channelsIn, height, width] = imageShape(x);
    const size = [height, width] as const;
    const channels = resolveWidth(spec.channels, output?.[0]);
    const [kernel, strides, dilations] = [both(spec.kernel), both(spec.stride ?? 1), both(spec.dilation ?? 1)];
    const reach = reachOf(kernel, dilations);
    const pads = convPads(spec.padding ?? 0, size, reach, strides);
    const padded = [size[0] + pads[0] + pads[2], size[1] + pads[1] + pads[3]];
    if (padded.some((length, axis) => length < reach[axis]!)) {
      const wide = Math.max(...dilations) > 1 ? ` with dilation ${dilations.join('×')}` : '';
      throw cannotTake(
        `an image of at least the kernel’s size (kernel ${kernel.join('×')}${wide} does not fit ${padded.join('×')}, the padding included)`,
        x,
      );
    }
    const area = kernel[0] * kernel[1];
    const fans = { fanIn: channelsIn * area, fanOut: channels * area };
    const weight = scope.parameter('weight', [channels, channelsIn, ...kernel], weightInitial(spec.initializer, fans));
    return channelBias(ops.conv2d(x, weight, { strides, pads, dilations }), spec, fans, scope);
  },
});

/** [channels, height, width] of an image, or an error. */
export function imageShape(x: Tensor): [number, number, number] {
  const shape = innerShape(x);
  if (shape.length !== 3) throw cannotTake('an image [channels, height, width]', x);
  return shape as [number, number, number];
}

/** Pixels from the first to the last tap of a kernel. */
export function reachOf(kernel: readonly [number, number], dilations: readonly [number, number]): [number, number] {
  return [dilations[0] * (kernel[0] - 1) + 1, dilations[1] * (kernel[1] - 1) + 1];
}

/** Adds one number to each channel, where the layer has a bias. */
export function channelBias(
  y: Tensor,
  spec: { readonly bias?: boolean | undefined; readonly initializer?: Initializer | undefined },
  fans: Fans,
  scope: Scope,
): Tensor {
  if (spec.bias === false) return y;
  const [channels] = imageShape(y);
  const bias = scope.parameter('bias', [channels], biasInitial(spec.initializer, fans));
  return ops.add(y, ops.reshape(bias, [channels, 1, 1]));
}

/** 'same': ⌈size / stride⌉ steps fit; the odd pixel of padding goes to the bottom and right, as in Keras. */
function convPads(
  padding: Padding,
  size: readonly [number, number],
  reach: readonly [number, number],
  strides: readonly [number, number],
): readonly [number, number, number, number] {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  if (padding !== 'same') return padding;
  const total = ([0, 1] as const).map(axis => {
    const steps = Math.ceil(size[axis] / strides[axis]) - 1;
    return Math.max(0, steps * strides[axis] + reach[axis] - size[axis]);
  });
  const [vertical, horizontal] = total as [number, number];
  const [top, left] = [Math.floor(vertical / 2), Math.floor(horizontal / 2)];
  return [top, left, vertical - top, horizontal - left];
}

/** A convolution with `channels` outputs. */
export function conv2d(channels: Width, options: Omit<Conv2d, 'type' | 'channels'>): Conv2d {
  return { type: 'conv2d', channels, ...options };
}

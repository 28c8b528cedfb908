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
    const reach = [reachOf(kernel[0], dilations[0]), reachOf(kernel[1], dilations[1])] as const;
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

/** Pixels from the first to the last tap of a kernel, along one axis. */
export function reachOf(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/** Adds one number to each channel, where the layer has a bias. */
export function channelBias(
  y: Tensor,
  spec: { readonly bias?: boolean | undefined; readonly initializer?: Initializer | undefined },
  fans: Fans,
  scope: Scope,
): Tensor {
  if (spec.bias === false) return y;
  const [channels, ...size] = innerShape(y) as [number, ...number[]];
  const bias = scope.parameter('bias', [channels], biasInitial(spec.initializer, fans));
  return ops.add(y, ops.reshape(bias, [channels, ...size.map(() => 1)]));
}

/** The zeros around an image: [top, left, bottom, right]. */
export function convPads(
  padding: Padding,
  size: readonly [number, number],
  reach: readonly [number, number],
  strides: readonly [number, number],
): readonly [number, number, number, number] {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  if (padding !== 'same') return padding;
  const [top, bottom] = samePads(size[0], reach[0], strides[0]);
  const [left, right] = samePads(size[1], reach[1], strides[1]);
  return [top, left, bottom, right];
}

/** ⌈size / stride⌉ steps fit; the odd one of the zeros comes last, as in Keras. */
export function samePads(size: number, reach: number, stride: number): readonly [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** A convolution with `channels` outputs. */
export function conv2d(channels: Width, options: Omit<Conv2d, 'type' | 'channels'>): Conv2d {
  return { type: 'conv2d', channels, ...options };
}

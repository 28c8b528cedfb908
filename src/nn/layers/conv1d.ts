// One-dimensional convolution over signals [channels, length].

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import * as ops from '../../ops/index.ts';
import { countSchema, type LinePadding, linePaddingSchema, widthSchema } from '../fields.ts';
import { type Initializer, initializerSchema, weightInitial } from '../initializer.ts';
import { cannotTake, defineLayer, innerShape, type LayerDefinition, resolveWidth, type Width } from '../layer.ts';
import { channelBias, reachOf, samePads } from './conv2d.ts';

export interface Conv1d {
  readonly type: 'conv1d';
  /** How many channels come out; `'output'`: as many as the likelihood needs. */
  readonly channels: Width;
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number | undefined;
  /** Default 0. `'same'`: the output is the input's length divided by the stride, rounded up. */
  readonly padding?: LinePadding | undefined;
  /** Default 1. */
  readonly dilation?: number | undefined;
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** Default `glorotUniform`. */
  readonly initializer?: Initializer | undefined;
}

export const conv1dLayer: LayerDefinition<Conv1d> = defineLayer<Conv1d>({
  type: 'conv1d',
  schema: z.strictObject({
    type: z.literal('conv1d'),
    channels: widthSchema,
    kernel: countSchema,
    stride: countSchema.optional(),
    padding: linePaddingSchema.optional(),
    dilation: countSchema.optional(),
    bias: z.boolean().optional(),
    initializer: initializerSchema.optional(),
  }),
  build(spec, x, { scope, output }) {
    const [channelsIn, length] = signalShape(x);
    const channels = resolveWidth(spec.channels, output?.[0]);
    const { kernel, stride = 1, dilation = 1, padding = 0 } = spec;
    const reach = reachOf(kernel, dilation);
    const pads = padding === 'same' ? samePads(length, reach, stride) : sides(padding);
    const padded = length + pads[0] + pads[1];
    if (padded < reach) {
      const wide = dilation > 1 ? ` with dilation ${dilation}` : '';
      throw cannotTake(
        `a signal of at least the kernel’s length (kernel ${kernel}${wide} does not fit ${padded}, the padding included)`,
        x,
      );
    }
    const fans = { fanIn: channelsIn * kernel, fanOut: channels * kernel };
    const weight = scope.parameter('weight', [channels, channelsIn, kernel], weightInitial(spec.initializer, fans));
    return channelBias(ops.conv1d(x, weight, { stride, pads, dilation }), spec, fans, scope);
  },
});

/** [channels, length] of a signal, or an error. */
export function signalShape(x: Tensor): [number, number] {
  const shape = innerShape(x);
  if (shape.length !== 2) throw cannotTake('a signal [channels, length]', x);
  return shape as [number, number];
}

/** Both ends of a signal. */
export function sides(padding: number | readonly [number, number]): readonly [number, number] {
  return typeof padding === 'number' ? [padding, padding] : padding;
}

/** A convolution of signals with `channels` outputs. */
export function conv1d(channels: Width, options: Omit<Conv1d, 'type' | 'channels'>): Conv1d {
  return { type: 'conv1d', channels, ...options };
}

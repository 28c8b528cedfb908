// Transposed two-dimensional convolution: the upsampling counterpart of conv2d, with the same geometry read backwards.

import { z } from 'zod';
import * as ops from '../../ops/index.ts';
import { both, type Padding, type Pair, paddingSchema, pairSchema, sizePairSchema, widthSchema } from '../fields.ts';
import { type Initializer, initializerSchema, weightInitial } from '../initializer.ts';
import { cannotTake, defineLayer, type LayerDefinition, resolveWidth, type Width } from '../layer.ts';
import { channelBias, imageShape, reachOf } from './conv2d.ts';

export interface ConvTranspose2d {
  readonly type: 'convTranspose2d';
  /** How many channels come out; `'output'`: as many as the likelihood needs. */
  readonly channels: Width;
  readonly kernel: Pair;
  /** Default 1. */
  readonly stride?: Pair | undefined;
  /** Taken off the output. Default 0. `'same'`: the output is the input's size times the stride. */
  readonly padding?: Padding | undefined;
  /** Default 1. */
  readonly dilation?: Pair | undefined;
  /** Rows and columns more at the bottom and right, each smaller than its stride. Default 0. */
  readonly outputPadding?: Pair | undefined;
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** Default `glorotUniform`; the fans are those of the convolution that this one transposes, as in Keras and PyTorch. */
  readonly initializer?: Initializer | undefined;
}

export const convTranspose2dLayer: LayerDefinition<ConvTranspose2d> = defineLayer<ConvTranspose2d>({
  type: 'convTranspose2d',
  schema: z.strictObject({
    type: z.literal('convTranspose2d'),
    channels: widthSchema,
    kernel: pairSchema,
    stride: pairSchema.optional(),
    padding: paddingSchema.optional(),
    dilation: pairSchema.optional(),
    outputPadding: sizePairSchema.optional(),
    bias: z.boolean().optional(),
    initializer: initializerSchema.optional(),
  }),
  build(spec, x, { scope, output }) {
    const [channelsIn, height, width] = imageShape(x);
    const channels = resolveWidth(spec.channels, output?.[0]);
    const [kernel, strides, dilations] = [both(spec.kernel), both(spec.stride ?? 1), both(spec.dilation ?? 1)];
    const extra = both(spec.outputPadding ?? 0);
    if (extra.some((n, axis) => n >= strides[axis]!)) {
      throw cannotTake(`an outputPadding smaller than the stride ${strides.join('×')} (it is ${extra.join('×')})`, x);
    }
    const reach = [reachOf(kernel[0], dilations[0]), reachOf(kernel[1], dilations[1])] as const;
    const { pads, outputPadding } = transposedPads(spec.padding ?? 0, reach, strides, extra);
    const grown = [height, width].map((n, axis) => (n - 1) * strides[axis]! + reach[axis]! + outputPadding[axis]!);
    if (grown[0]! <= pads[0] + pads[2] || grown[1]! <= pads[1] + pads[3]) {
      throw cannotTake(`an image larger than the padding (${grown.join('×')} less the padding leaves nothing)`, x);
    }
    const area = kernel[0] * kernel[1];
    const fans = { fanIn: channels * area, fanOut: channelsIn * area };
    const weight = scope.parameter('weight', [channelsIn, channels, ...kernel], weightInitial(spec.initializer, fans));
    return channelBias(ops.convTranspose2d(x, weight, { strides, pads, dilations, outputPadding }), spec, fans, scope);
  },
});

function transposedPads(
  padding: Padding,
  reach: readonly [number, number],
  strides: readonly [number, number],
  extra: readonly [number, number],
): { pads: readonly [number, number, number, number]; outputPadding: readonly [number, number] } {
  if (typeof padding === 'number') return { pads: [padding, padding, padding, padding], outputPadding: extra };
  if (padding !== 'same') return { pads: padding, outputPadding: extra };
  const [vertical, horizontal] = [sameCut(reach[0], strides[0]), sameCut(reach[1], strides[1])];
  return {
    pads: [vertical.cut[0], horizontal.cut[0], vertical.cut[1], horizontal.cut[1]],
    outputPadding: [extra[0] + vertical.more, extra[1] + horizontal.more],
  };
}

/** 'same': what the kernel reaches beyond its stride is cut off; where it does not fill the stride, zeros are added. */
export function sameCut(reach: number, stride: number): { cut: readonly [number, number]; more: number } {
  const surplus = Math.max(0, reach - stride);
  return { cut: [Math.floor(surplus / 2), Math.ceil(surplus / 2)], more: Math.max(0, stride - reach) };
}

/** A transposed convolution with `channels` outputs. */
export function convTranspose2d(channels: Width, options: Omit<ConvTranspose2d, 'type' | 'channels'>): ConvTranspose2d {
  return { type: 'convTranspose2d', channels, ...options };
}

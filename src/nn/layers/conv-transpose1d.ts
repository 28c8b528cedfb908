// Transposed one-dimensional convolution: the upsampling counterpart of conv1d, with the same geometry read backwards.

import { z } from 'zod';
import * as ops from '../../ops/index.ts';
import { countSchema, type LinePadding, linePaddingSchema, widthSchema } from '../fields.ts';
import { type Initializer, initializerSchema, weightInitial } from '../initializer.ts';
import { cannotTake, defineLayer, type LayerDefinition, resolveWidth, type Width } from '../layer.ts';
import { sameCut } from './conv-transpose2d.ts';
import { sides, signalShape } from './conv1d.ts';
import { channelBias, reachOf } from './conv2d.ts';

export interface ConvTranspose1d {
  readonly type: 'convTranspose1d';
  /** How many channels come out; `'output'`: as many as the likelihood needs. */
  readonly channels: Width;
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number | undefined;
  /** Taken off the output. Default 0. `'same'`: the output is the input's length times the stride. */
  readonly padding?: LinePadding | undefined;
  /** Default 1. */
  readonly dilation?: number | undefined;
  /** Numbers more at the end, fewer than the stride. Default 0. */
  readonly outputPadding?: number | undefined;
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** Default `glorotUniform`; the fans are those of the convolution that this one transposes, as in Keras and PyTorch. */
  readonly initializer?: Initializer | undefined;
}

export const convTranspose1dLayer: LayerDefinition<ConvTranspose1d> = defineLayer<ConvTranspose1d>({
  type: 'convTranspose1d',
  schema: z.strictObject({
    type: z.literal('convTranspose1d'),
    channels: widthSchema,
    kernel: countSchema,
    stride: countSchema.optional(),
    padding: linePaddingSchema.optional(),
    dilation: countSchema.optional(),
    outputPadding: z.int().min(0).optional(),
    bias: z.boolean().optional(),
    initializer: initializerSchema.optional(),
  }),
  build(spec, x, { scope, output }) {
    const [channelsIn, length] = signalShape(x);
    const channels = resolveWidth(spec.channels, output?.[0]);
    const { kernel, stride = 1, dilation = 1, padding = 0 } = spec;
    const reach = reachOf(kernel, dilation);
    const same = padding === 'same' ? sameCut(reach, stride) : { cut: sides(padding), more: 0 };
    const outputPadding = (spec.outputPadding ?? 0) + same.more;
    if (outputPadding >= stride) {
      throw cannotTake(`an outputPadding smaller than the stride ${stride} (it is ${outputPadding})`, x);
    }
    const grown = (length - 1) * stride + reach + outputPadding;
    if (grown <= same.cut[0] + same.cut[1]) {
      throw cannotTake(`a signal longer than the padding (${grown} less the padding leaves nothing)`, x);
    }
    const fans = { fanIn: channels * kernel, fanOut: channelsIn * kernel };
    const weight = scope.parameter('weight', [channelsIn, channels, kernel], weightInitial(spec.initializer, fans));
    const y = ops.convTranspose1d(x, weight, { stride, pads: same.cut, dilation, outputPadding });
    return channelBias(y, spec, fans, scope);
  },
});

/** A transposed convolution of signals with `channels` outputs. */
export function convTranspose1d(channels: Width, options: Omit<ConvTranspose1d, 'type' | 'channels'>): ConvTranspose1d {
  return { type: 'convTranspose1d', channels, ...options };
}

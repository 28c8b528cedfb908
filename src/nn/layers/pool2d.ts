// Pooling of images: the largest, or the mean, of each window's pixels.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import * as ops from '../../ops/index.ts';
import { both, type Padding, type Pair, paddingSchema, pairSchema } from '../fields.ts';
import { defineLayer, type LayerDefinition } from '../layer.ts';
import { convPads, imageShape } from './conv2d.ts';

interface Window {
  /** The window's height and width. */
  readonly kernel: Pair;
  /** Default: the kernel, so that windows tile the image. */
  readonly stride?: Pair | undefined;
  /** Smaller than the kernel; padding is neither the largest nor counted. Default 0. `'same'`: ⌈size / stride⌉ windows. */
  readonly padding?: Padding | undefined;
}

export interface MaxPool2d extends Window {
  readonly type: 'maxPool2d';
}

export interface AvgPool2d extends Window {
  readonly type: 'avgPool2d';
}

const fields = { kernel: pairSchema, stride: pairSchema.optional(), padding: paddingSchema.optional() };

function windowOf({ kernel, stride, padding = 0 }: Window, x: Tensor): ops.PoolOptions {
  const [, height, width] = imageShape(x);
  const [size, strides] = [both(kernel), both(stride ?? kernel)];
  return { kernel: size, strides, pads: convPads(padding, [height, width], size, strides) };
}

export const maxPool2dLayer: LayerDefinition<MaxPool2d> = defineLayer<MaxPool2d>({
  type: 'maxPool2d',
  schema: z.strictObject({ type: z.literal('maxPool2d'), ...fields }),
  build: (spec, x) => ops.maxPool2d(x, windowOf(spec, x)),
});

export const avgPool2dLayer: LayerDefinition<AvgPool2d> = defineLayer<AvgPool2d>({
  type: 'avgPool2d',
  schema: z.strictObject({ type: z.literal('avgPool2d'), ...fields }),
  build: (spec, x) => ops.avgPool2d(x, windowOf(spec, x)),
});

/** The largest pixel of each window. */
export function maxPool2d(kernel: Pair, options: Omit<MaxPool2d, 'type' | 'kernel'> = {}): MaxPool2d {
  return { type: 'maxPool2d', kernel, ...options };
}

/** The mean of each window's pixels. */
export function avgPool2d(kernel: Pair, options: Omit<AvgPool2d, 'type' | 'kernel'> = {}): AvgPool2d {
  return { type: 'avgPool2d', kernel, ...options };
}

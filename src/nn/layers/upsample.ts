// Nearest-neighbour upsampling: each pixel repeated into a block.

import { z } from 'zod';
import type { Dim, Tensor } from '../../graph/index.ts';
import { asTensor, broadcastTo, concat, matmul, reshape } from '../../ops/index.ts';
import { both, type Pair, pairSchema } from '../fields.ts';
import { defineLayer, type LayerDefinition } from '../layer.ts';
import { imageShape } from './conv2d.ts';

export interface Upsample {
  readonly type: 'upsample';
  /** How often each row and column is repeated. */
  readonly scale: Pair;
}

export const upsampleLayer: LayerDefinition<Upsample> = defineLayer<Upsample>({
  type: 'upsample',
  schema: z.strictObject({ type: z.literal('upsample'), scale: pairSchema }),
  build({ scale }, x) {
    imageShape(x);
    return repeatPixels(x, both(scale));
  },
});

/**
 * Each pixel of [N, C, H, W] as a block: along the rows by a product with ones, then row by row. On the way back that
 * is a product again, and a sum of slices: several times faster in ONNX Runtime than broadcasting over two inner axes,
 * and reducing over them, as `ops.upsampleNearest2d` does.
 */
export function repeatPixels(x: Tensor, [vertical, horizontal]: readonly [number, number]): Tensor {
  const [batch, channels, height, width] = x.shape as [Dim, number, number, number];
  const wide = matmul(reshape(x, [-1, 1]), broadcastTo(asTensor(1), [1, horizontal]));
  const rows = reshape(wide, [-1, 1, width * horizontal]);
  const high = concat(Array<Tensor>(vertical).fill(rows), 1);
  return reshape(high, [batch, channels, height * vertical, width * horizontal]);
}

/** Repeats each pixel into a block of `scale`. */
export function upsample(scale: Pair): Upsample {
  return { type: 'upsample', scale };
}

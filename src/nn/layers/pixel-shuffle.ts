// Channels into places (Shi et al. 2016, "sub-pixel convolution"), and places into channels: each other's inverse. Channel
// c · factor² + i · factor + j holds row i and column j of each block of channel c, as in PyTorch.

import { z } from 'zod';
import { reshape, transpose } from '../../ops/index.ts';
import { countSchema } from '../fields.ts';
import { cannotTake, defineLayer, type LayerDefinition } from '../layer.ts';
import { imageShape } from './conv2d.ts';

export interface PixelShuffle {
  readonly type: 'pixelShuffle';
  /** By how much height and width grow; the channels become factor² times fewer. */
  readonly factor: number;
}

export interface SpaceToDepth {
  readonly type: 'spaceToDepth';
  /** By how much height and width shrink; the channels become factor² times more. */
  readonly factor: number;
}

export const pixelShuffleLayer: LayerDefinition<PixelShuffle> = defineLayer<PixelShuffle>({
  type: 'pixelShuffle',
  schema: z.strictObject({ type: z.literal('pixelShuffle'), factor: countSchema }),
  build({ factor }, x) {
    const batch = x.shape[0]!;
    const [channels, height, width] = imageShape(x);
    const fewer = channels / factor ** 2;
    if (!Number.isInteger(fewer)) throw cannotTake(`a multiple of ${factor ** 2} channels`, x);
    const blocks = transpose(reshape(x, [batch, fewer, factor, factor, height, width]), [0, 1, 4, 2, 5, 3]);
    return reshape(blocks, [batch, fewer, height * factor, width * factor]);
  },
});

export const spaceToDepthLayer: LayerDefinition<SpaceToDepth> = defineLayer<SpaceToDepth>({
  type: 'spaceToDepth',
  schema: z.strictObject({ type: z.literal('spaceToDepth'), factor: countSchema }),
  build({ factor }, x) {
    const batch = x.shape[0]!;
    const [channels, height, width] = imageShape(x);
    const [rows, columns] = [height / factor, width / factor];
    if (!Number.isInteger(rows) || !Number.isInteger(columns)) {
      throw cannotTake(`a height and a width that ${factor} divides`, x);
    }
    const blocks = transpose(reshape(x, [batch, channels, rows, factor, columns, factor]), [0, 1, 3, 5, 2, 4]);
    return reshape(blocks, [batch, channels * factor ** 2, rows, columns]);
  },
});

/** Spreads each factor² channels over blocks of factor × factor pixels. */
export function pixelShuffle(factor: number): PixelShuffle {
  return { type: 'pixelShuffle', factor };
}

/** Stacks each block of factor × factor pixels into channels: the inverse of `pixelShuffle`. */
export function spaceToDepth(factor: number): SpaceToDepth {
  return { type: 'spaceToDepth', factor };
}

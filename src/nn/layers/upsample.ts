// Nearest-neighbour upsampling: each pixel repeated into a block.

import { z } from 'zod';
import { upsampleNearest2d } from '../../ops/index.ts';
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
    return upsampleNearest2d(x, both(scale));
  },
});

/** Repeats each pixel into a block of `scale`. */
export function upsample(scale: Pair): Upsample {
  return { type: 'upsample', scale };
}

// The same numbers under another shape; on either side an image's go pixel by pixel, channels last, as in flatten.

import { z } from 'zod';
import { countSchema } from '../fields.ts';
import { cannotTake, defineLayer, fromVector, innerShape, type LayerDefinition, toVector, volume } from '../layer.ts';

export interface Reshape {
  readonly type: 'reshape';
  /** Without the batch; an image is [channels, height, width]. */
  readonly shape: readonly number[];
}

export const reshapeLayer: LayerDefinition<Reshape> = defineLayer<Reshape>({
  type: 'reshape',
  schema: z.strictObject({ type: z.literal('reshape'), shape: z.array(countSchema).min(1) }),
  build({ shape }, x) {
    if (volume(shape) !== volume(innerShape(x))) {
      throw cannotTake(`${volume(shape)} numbers for the shape [${shape.join(', ')}]`, x);
    }
    return fromVector(toVector(x), shape);
  },
});

/** The same numbers under another shape (without the batch). */
export function reshape(...shape: readonly number[]): Reshape {
  return { type: 'reshape', shape };
}

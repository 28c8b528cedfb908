// Any shape as a vector, in row-major order: [channels, height, width] becomes channels · height · width numbers.

import { z } from 'zod';
import { reshape } from '../../ops/index.ts';
import { defineLayer, innerShape, type LayerDefinition, volume } from '../layer.ts';

export interface Flatten {
  readonly type: 'flatten';
}

export const flattenLayer: LayerDefinition<Flatten> = defineLayer<Flatten>({
  type: 'flatten',
  schema: z.strictObject({ type: z.literal('flatten') }),
  build: (_, x) => reshape(x, ['N', volume(innerShape(x))]),
});

/** Any shape as a vector. */
export function flatten(): Flatten {
  return { type: 'flatten' };
}

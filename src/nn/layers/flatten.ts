// Any shape as a vector. An image's numbers go pixel by pixel, channels last (see toVector in layer.ts).

import { z } from 'zod';
import { defineLayer, type LayerDefinition, toVector } from '../layer.ts';

export interface Flatten {
  readonly type: 'flatten';
}

export const flattenLayer: LayerDefinition<Flatten> = defineLayer<Flatten>({
  type: 'flatten',
  schema: z.strictObject({ type: z.literal('flatten') }),
  build: (_, x) => toVector(x),
});

/** Any shape as a vector. */
export function flatten(): Flatten {
  return { type: 'flatten' };
}

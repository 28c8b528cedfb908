// Layer normalisation (Ba et al. 2016): all numbers of an example brought to mean 0 and variance 1 together, then a gain
// and a bias for each unit of a vector, or each channel of an image.

import { z } from 'zod';
import { defineLayer, type LayerDefinition } from '../layer.ts';
import { epsilonSchema, normalize } from './group-norm.ts';

export interface LayerNorm {
  readonly type: 'layerNorm';
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number | undefined;
  /** Whether each unit or channel then gets a gain and a bias. Default true. */
  readonly affine?: boolean | undefined;
}

export const layerNormLayer: LayerDefinition<LayerNorm> = defineLayer<LayerNorm>({
  type: 'layerNorm',
  schema: z.strictObject({
    type: z.literal('layerNorm'),
    epsilon: epsilonSchema.optional(),
    affine: z.boolean().optional(),
  }),
  build: ({ epsilon, affine }, x, { scope }) => normalize(x, { groups: 1, epsilon, affine }, scope),
});

/** Brings all numbers of an example to mean 0 and variance 1. */
export function layerNorm(options: Omit<LayerNorm, 'type'> = {}): LayerNorm {
  return { type: 'layerNorm', ...options };
}

// The scale of a location-scale likelihood: fixed, one learned number, or given by the decoder for each dimension.

import { z } from 'zod';
import { constant, type Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import { initialLogVar, logScaleRange, softClip } from './soft-clip.ts';

/**
 * - a number: fixed, on the data's scale of [0, 1]
 * - `shared`, the default: one learned number for all dimensions
 * - `perDimension`: the decoder gives location and log-scale of each dimension
 */
export type Scale = number | 'shared' | 'perDimension';

export const scaleSchema: z.ZodType<Scale> = z
  .union([z.number().gt(0), z.enum(['shared', 'perDimension'])])
  .default('shared');

/** The log-scale. `given` is the decoder's part for it, if there is one. */
export function logScaleOf(scale: Scale, given: Tensor | undefined, scope: Scope): Tensor {
  if (typeof scale === 'number') return constant(Math.log(scale));
  const initial = { type: 'constant', value: initialLogVar / 2 } as const;
  return softClip(given ?? scope.parameter('logScale', [1], initial), logScaleRange);
}

// Denoising (Vincent et al. 2008, "Extracting and Composing Robust Features with Denoising Autoencoders"; Im et al. 2017
// for VAEs): in training the encoder sees the data corrupted, while the likelihood is that of the data as they are.

import { z } from 'zod';
import type { Tensor } from '../graph/index.ts';
import type { Scope } from '../nn/index.ts';
import { add, greaterOrEqual, mul, select } from '../ops/index.ts';
import type { ModelSpec } from './spec.ts';

/**
 * - `gaussian`: normal noise of a standard deviation, on the data's scale of [0, 1], is added
 * - `mask`: each number is set to 0 with the probability `rate`, or in a table's row hidden: set to NaN, as if missing
 */
export type Corruption =
  | { readonly type: 'gaussian'; readonly deviation: number }
  | { readonly type: 'mask'; readonly rate: number };

export const corruptionSchema: z.ZodType<Corruption> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('gaussian'), deviation: z.number().gt(0) }),
  z.strictObject({ type: z.literal('mask'), rate: z.number().gt(0).lt(1) }),
]);

/** What the encoder sees of data x [N, channels, ...]: in training, x corrupted anew each time. */
export function corrupt(x: Tensor, { corruption, input }: ModelSpec, scope: Scope): Tensor {
  if (corruption === undefined || !scope.training) return x;
  if (corruption.type === 'gaussian') {
    return add(x, mul(corruption.deviation, scope.noise('corruption', x.shape, 'normal')));
  }
  return select(
    greaterOrEqual(scope.noise('corruption', x.shape, 'uniform'), corruption.rate),
    x,
    input.columns === undefined ? 0 : Number.NaN,
  );
}

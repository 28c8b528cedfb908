// Data of [0, 1] as whole levels, for the distributions whose outcomes are levels or counts.

import type { Tensor } from '../graph/index.ts';
import { add, clip, floor, mul } from '../ops/index.ts';

/** The nearest whole number. It has no gradient. */
export function rounded(x: Tensor): Tensor {
  return floor(add(x, 0.5));
}

/** The level from 0 to `levels` − 1 that is nearest to x · (levels − 1), for x in [0, 1]: of 256, the byte itself. */
export function levelOf(x: Tensor, levels: number): Tensor {
  return clip(rounded(mul(x, levels - 1)), 0, levels - 1);
}

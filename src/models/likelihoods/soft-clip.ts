// Ranges in which learned logarithms are held, smoothly.

import type { Tensor } from '../../graph/index.ts';
import { add, softplus, sub } from '../../ops/index.ts';

type Range = readonly [low: number, high: number];

/** Log standard deviations and scales on the data's scale of [0, 1]: from e⁻⁶ = 0.0025 (half a grey level of 255) to e³. */
export const logScaleRange: Range = [-6, 3];

/** The same deviations as log-variances. */
export const logVarRange: Range = [-12, 6];

/** Where one learned log-variance starts: about the spread of pixels in [0, 1], so that no epochs go into finding it. */
export const initialLogVar = -2;

/**
 * Holds `v` in a range, smoothly: the identity well inside (to e⁻ᵈ at a distance d from a bound), with a gradient
 * everywhere (Chua et al. 2018, appendix A.1).
 */
export function softClip(v: Tensor, [low, high]: Range): Tensor {
  const below = sub(high, softplus(sub(high, v)));
  return add(low, softplus(sub(below, low)));
}

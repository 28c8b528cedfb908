// Distances to the nearest of some points. Which are nearest one matrix product says, ‖a − b‖² = ‖a‖² − (2 a·b − ‖b‖²); how far
// they are is then measured by their differences, since the product leaves little of a small distance between large numbers.

import type { Tensor } from '../../graph/index.ts';
import {
  add,
  argmax,
  div,
  gather,
  greaterOrEqual,
  matmul,
  max,
  mul,
  select,
  sqrt,
  square,
  sub,
  sum,
} from '../../ops/index.ts';

/** Lower than anything that a comparison of finite points gives. */
const passed = -3e38;

/**
 * The mean distance [N] from each point [N, width] to the nearest `count` of the points `among` [M, width], M ≥ count. Points
 * that are equally near count once together, as often as there are others left.
 */
export function nearestDistance(points: Tensor, among: Tensor, count: number): Tensor {
  const norms = sum(square(among), 1);
  let closeness = sub(mul(2, matmul(points, among, { transposeB: true })), norms);
  let total: Tensor | undefined;
  for (let i = 0; i < count; i++) {
    const distance = sqrt(sum(square(sub(points, gather(among, argmax(closeness, 1), 0))), 1));
    total = total === undefined ? distance : add(total, distance);
    if (i + 1 < count) {
      const best = max(closeness, 1, { keepDims: true });
      closeness = select(greaterOrEqual(closeness, best), passed, closeness);
    }
  }
  return div(total!, count);
}

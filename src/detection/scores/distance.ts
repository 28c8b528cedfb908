// Distances to the nearest of some points, by one matrix product: ‖a − b‖² = ‖a‖² − (2 a·b − ‖b‖²).

import type { Tensor } from '../../graph/index.ts';
import {
  add,
  div,
  greaterOrEqual,
  matmul,
  max,
  maximum,
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
  const own = sum(square(points), 1, { keepDims: true });
  const norms = sum(square(among), 1);
  let closeness = sub(mul(2, matmul(points, among, { transposeB: true })), norms);
  let total: Tensor | undefined;
  for (let i = 0; i < count; i++) {
    const best = max(closeness, 1, { keepDims: true });
    const distance = sqrt(maximum(sub(own, best), 0));
    total = total === undefined ? distance : add(total, distance);
    if (i + 1 < count) closeness = select(greaterOrEqual(closeness, best), passed, closeness);
  }
  return sum(div(total!, count), 1);
}

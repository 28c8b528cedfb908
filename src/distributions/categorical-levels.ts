// A categorical distribution over the levels of a pixel (van den Oord et al. 2016, "Pixel recurrent neural networks",
// section 3.2): each level has a probability of its own, whatever its neighbours have.

import { constant, type Tensor } from '../graph/index.ts';
import { equal, logSumExp, mul, reshape, select, softmax, square, sub, sum } from '../ops/index.ts';
import type { Density } from './distribution.ts';
import { levelOf } from './levels.ts';

/**
 * Categorical distributions over the levels 0, 1 / (levels − 1), ..., 1.
 *
 * @param logits [N, levels, ...]: one distribution for each element of [N, ...], the shape of `x` and `mean`.
 */
export function categoricalLevels(logits: Tensor): Density {
  const levels = logits.shape[1] as number;
  const [batch, , ...rest] = logits.shape;
  const inner = rest.map(() => 1);
  const numbers = constant(
    Array.from({ length: levels }, (_, k) => k),
    [1, levels, ...inner],
  );
  const values = mul(numbers, 1 / (levels - 1));
  const expected = (of: Tensor): Tensor => sum(mul(softmax(logits, 1), of), 1);
  const mean = expected(values);
  return {
    mean,
    variance: sub(expected(square(values)), square(mean)),
    logProb(x) {
      const chosen = equal(reshape(levelOf(x, levels), [batch!, 1, ...rest]), numbers);
      return sub(sum(select(chosen, logits, 0), 1), logSumExp(logits, 1));
    },
  };
}

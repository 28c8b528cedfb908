// The Laplace distribution: log p(x) = −|x − mean| / scale − log(2 · scale).

import type { Tensor } from '../graph/index.ts';
import { abs, add, exp, mul, neg, sub } from '../ops/index.ts';
import type { Density } from './distribution.ts';

/** Laplace distributions, one an element; `logScale` broadcasts to the mean. */
export function laplace(mean: Tensor, logScale: Tensor): Density {
  return {
    mean,
    variance: mul(2, exp(mul(2, logScale))),
    logProb: x => neg(add(mul(abs(sub(x, mean)), exp(neg(logScale))), add(logScale, Math.LN2))),
  };
}

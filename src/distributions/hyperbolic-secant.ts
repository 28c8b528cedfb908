// The hyperbolic secant distribution: p(x) = 1 / (π · scale · cosh((x − location) / scale)). About its location it is
// normal in shape, in its tails Laplace.

import type { Tensor } from '../graph/index.ts';
import { add, exp, mul, neg, softplus, sub } from '../ops/index.ts';
import type { Density } from './distribution.ts';

const log2OverPi: number = Math.log(2 / Math.PI);

/** Hyperbolic secant distributions, one an element; `logScale` broadcasts to the mean. */
export function hyperbolicSecant(mean: Tensor, logScale: Tensor): Density {
  return {
    mean,
    variance: mul(Math.PI ** 2 / 4, exp(mul(2, logScale))),
    logProb(x) {
      // log cosh u = softplus(2u) − u − log 2, which overflows nowhere and has the gradient tanh u.
      const u = mul(sub(x, mean), exp(neg(logScale)));
      return sub(add(u, sub(log2OverPi, logScale)), softplus(mul(2, u)));
    },
  };
}

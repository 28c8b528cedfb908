// Student's t with a location and a scale. With t = (x − mean) / scale, log p(x) = −½ (ν + 1) · log(1 + t² / ν) − log B(½,
// ½ ν) − ½ log ν − log scale (the beta function holds what is usually written as two gammas, which would cancel).

import { constant, type Tensor } from '../graph/index.ts';
import { add, div, exp, log, maximum, mul, neg, square, sub } from '../ops/index.ts';
import type { Density } from './distribution.ts';
import { logBeta } from './special.ts';

/**
 * Student-t distributions, one an element; `logScale` and `degrees` (ν > 1, so that the mean exists) broadcast to the
 * mean. The variance, infinite for ν ≤ 2, is held at about 200 scale².
 */
export function studentT(mean: Tensor, logScale: Tensor, degrees: Tensor): Density {
  const normaliser = add(logBeta(constant(0.5), mul(0.5, degrees)), add(mul(0.5, log(degrees)), logScale));
  return {
    mean,
    variance: mul(exp(mul(2, logScale)), div(degrees, maximum(sub(degrees, 2), 0.01))),
    logProb(x) {
      const t = mul(sub(x, mean), exp(neg(logScale)));
      const tail = mul(mul(0.5, add(degrees, 1)), log(add(1, div(square(t), degrees))));
      return neg(add(tail, normaliser));
    },
  };
}

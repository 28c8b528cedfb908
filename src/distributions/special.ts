// Special functions composed of ops, so that they differentiate themselves, and written to keep float32's precision over
// their whole range: nothing large cancels, nothing overflows. Γ and B come from Stirling's series, after the recurrence
// has shifted small arguments above 4 (Abramowitz & Stegun 6.1.15, 6.1.40, 6.2.2).

import type { Tensor, TensorLike } from '../graph/index.ts';
import { abs, add, div, exp, less, log, maximum, minimum, mul, select, square, sub, tanh } from '../ops/index.ts';

const halfLog2Pi: number = 0.5 * Math.log(2 * Math.PI);

/** c₀ + c₁·x + c₂·x² + …, by Horner's rule. */
export function polynomial(x: Tensor, coefficients: readonly [number, number, ...number[]]): Tensor {
  const [last, ...rest] = coefficients.toReversed() as [number, number, ...number[]];
  let y: TensorLike = last;
  for (const c of rest) y = add(mul(y, x), c);
  return add(y, 0);
}

/** log(sinh(x) / x), even in x; its series where |x| < ½. */
export function logSinhc(x: Tensor): Tensor {
  const near = square(minimum(abs(x), 0.5));
  const series = mul(near, polynomial(near, [1 / 6, -1 / 180, 1 / 2835, -1 / 37800, 1 / 467775]));
  const far = maximum(abs(x), 0.5);
  const whole = sub(add(far, log(sub(1, exp(mul(-2, far))))), log(mul(2, far)));
  return select(less(abs(x), 0.5), series, whole);
}

/** log(1 − e⁻ˣ) for x = exp(logX) > 0: with t = tanh(½ x), which loses no digits near 0, log(2t / (1 + t)). */
export function log1mExp(logX: Tensor): Tensor {
  const t = tanh(mul(0.5, exp(logX)));
  return log(div(mul(2, t), add(1, t)));
}

/** log(1 + x) for x ≥ 0; below 1 by the series of 2 artanh(x / (2 + x)). */
function log1p(x: Tensor): Tensor {
  const held = minimum(x, 1);
  const s = div(held, add(held, 2));
  const odd = [2, 2 / 3, 2 / 5, 2 / 7, 2 / 9, 2 / 11, 2 / 13, 2 / 15, 2 / 17, 2 / 19] as const;
  return select(less(x, 1), mul(s, polynomial(square(s), odd)), log(add(1, x)));
}

/** What Stirling's formula leaves out of log Γ(x), for x ≥ 4, to 5e-10. */
function stirlingRemainder(x: Tensor): Tensor {
  const inverse = div(1, x);
  return mul(inverse, polynomial(square(inverse), [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188]));
}

/** log Γ(x) for x > 0. In float32 its error is some 1e-6 of max(1, |log Γ(x)|). */
export function logGamma(x: Tensor): Tensor {
  const small = less(x, 4);
  const held = minimum(x, 4);
  const product = mul(mul(held, add(held, 1)), mul(add(held, 2), add(held, 3)));
  const y = select(small, add(x, 4), x);
  const stirling = add(sub(mul(sub(y, 0.5), log(y)), y), add(stirlingRemainder(y), halfLog2Pi));
  return sub(stirling, select(small, log(product), 0));
}

/**
 * log B(a, b) = log Γ(a) + log Γ(b) − log Γ(a + b) for a, b > 0. Stirling's three formulas are joined before anything is
 * computed, so that what is left are terms of the result's own size, where three log Γ would cancel.
 */
export function logBeta(a: Tensor, b: Tensor): Tensor {
  const [c, byA] = raised(a, b);
  const [d, byB] = raised(b, c);
  const large = add(mul(c, log1p(div(d, c))), mul(d, log1p(div(c, d))));
  const middle = add(mul(0.5, log(add(div(1, c), div(1, d)))), halfLog2Pi);
  const remainders = sub(add(stirlingRemainder(c), stirlingRemainder(d)), stirlingRemainder(add(c, d)));
  return add(add(sub(middle, large), remainders), add(byA, byB));
}

/** `a`, or a + 4 where a < 4; and log B(a, b) − log B(that, b), by B(a, b) = B(a + 1, b) · (1 + b / a). */
function raised(a: Tensor, b: Tensor): [Tensor, Tensor] {
  const small = less(a, 4);
  const held = minimum(a, 4);
  const factor = (k: number): Tensor => add(1, div(b, add(held, k)));
  const product = mul(mul(factor(0), factor(1)), mul(factor(2), factor(3)));
  return [select(small, add(a, 4), a), select(small, log(product), 0)];
}

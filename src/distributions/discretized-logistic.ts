// The discretised logistic (Salimans et al. 2017, "PixelCNN++", section 2.1): a logistic distribution's mass between the
// edges of each level's bin, the first and last bins being open to the outside. As there, its own scale is [−1, 1].
//
// With p and m the standardised upper and lower edge, d = p − m and σ the logistic function, σ(p) − σ(m) =
// (1 − e⁻ᵈ) · σ(p) · σ(−m): a product, so the logarithm needs neither a floor nor the paper's approximation by the
// density where the difference underflows.

import type { Tensor } from '../graph/index.ts';
import { add, clip, exp, greater, less, mul, neg, select, softplus, square, sub } from '../ops/index.ts';
import type { Density } from './distribution.ts';
import { levelOf } from './levels.ts';
import { log1mExp } from './special.ts';

/**
 * Discretised logistics over the levels 0, 1 / (levels − 1), ..., 1 of x.
 *
 * `mean` is that of the logistic held in [0, 1], in closed form. The levels' own mean, a sum over all of them, is its
 * midpoint rule: less than half a level away where the scale is below a bin's width, and with 256 levels less than 1e-5
 * where it is wider.
 *
 * `variance` is that of the held logistic as well, by its quantiles, to a few hundredths of itself.
 *
 * @param location of the logistic, where 2x − 1 stands for x.
 * @param logScale log of the logistic's scale, on the same scale.
 */
export function discretizedLogistic(location: Tensor, logScale: Tensor, levels: number): Density {
  const inverse = exp(neg(logScale));
  const halfBin = 1 / (levels - 1);
  // ½ + ½ E[max(−1, min(1, v))], by the integral of P(v > t).
  const above = softplus(mul(add(location, 1), inverse));
  const beyond = softplus(mul(sub(location, 1), inverse));
  const mean = mul(mul(0.5, exp(logScale)), sub(above, beyond));
  return {
    mean,
    variance: spreadAbout(mean, location, exp(logScale)),
    logProb(x) {
      const level = levelOf(x, levels);
      const centered = sub(sub(mul(level, 2 * halfBin), 1), location);
      const [upper, lower] = [mul(add(centered, halfBin), inverse), mul(sub(centered, halfBin), inverse)];
      const [first, last] = [less(level, 0.5), greater(level, levels - 1.5)];
      const below = select(last, 0, softplus(neg(upper)));
      const over = select(first, 0, softplus(lower));
      const between = log1mExp(sub(Math.log(2 * halfBin), logScale));
      return sub(select(first, 0, select(last, 0, between)), add(below, over));
    },
  };
}

/** Quantiles of the standard logistic in the middle of equal shares, stretched to its variance of π² / 3. */
const quantiles: readonly number[] = (() => {
  const count = 16;
  const middles = Array.from({ length: count }, (_, k) => Math.log((k + 0.5) / (count - k - 0.5)));
  const square = middles.reduce((total, q) => total + q * q, 0) / count;
  return middles.map(q => q * Math.sqrt(Math.PI ** 2 / 3 / square));
})();

/** The mean of (x − mean)² over the quantiles of the logistic held in [0, 1]. */
function spreadAbout(mean: Tensor, location: Tensor, scale: Tensor): Tensor {
  const squares = quantiles.map(q => {
    const held = mul(0.5, add(clip(add(location, mul(q, scale)), -1, 1), 1));
    return square(sub(held, mean));
  });
  return mul(
    1 / quantiles.length,
    squares.reduce((a, b) => add(a, b)),
  );
}

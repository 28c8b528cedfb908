// What noise does to a row: p(y|x), of which inference needs p(y|z) = ∫ p(y|x) p(x|z) dx, and what y and z together say
// of x. Each number is hit by itself.
//
// Noise that adds: y has the mean of x and a variance s that depends on x at most through its mean and variance. Then y
// given z has the mean m and the variance v + s, where x given z has m and v, and it is taken as normal: exact for normal
// likelihoods and Gaussian noise, elsewhere the normal of the same two moments. Of x the best linear guess is left,
// m + v / (v + s) · (y − m), with the variance v s / (v + s): exact in the same case.
//
// Salt and pepper: with probability 1 − p a number is as it was, else 0 or 1, either as likely. p(y|z) is
// (1 − p) p(x = y|z) + ½ p [y is 0 or 1], where densities count a byte's width.

import type { Tensor } from '../graph/index.ts';
import type { Expectation } from '../models/index.ts';
import {
  add,
  asTensor,
  div,
  equal,
  exp,
  log,
  maximum,
  minimum,
  mul,
  select,
  sigmoid,
  softplus,
  square,
  sub,
} from '../ops/index.ts';

/** What noise there is, and how much of it; the level is estimated for each row where it is left out. */
export interface Noise {
  /**
   * - `gaussian`: y = x + level · noise
   * - `poisson`: y = count / level, the count's mean being level · x: `level` photons where a number is 1
   * - `speckle`: y = x · (1 + level · noise)
   * - `saltAndPepper`: a share `level` of the numbers is replaced by 0 or 1
   */
  readonly type: NoiseType;
  readonly level?: number | undefined;
}

export type NoiseType = 'gaussian' | 'poisson' | 'speckle' | 'saltAndPepper';

/** A kind of noise in a graph. `level` broadcasts to the rows. */
export interface NoiseDefinition {
  /** The middle of what levels may be expected: that of the prior over unknown ones. */
  readonly typical: number;
  /** From all real numbers to levels, and back on the host. */
  link(unbounded: Tensor): Tensor;
  inverse(level: number): number;
  /** log p(y|z) of each number, in nats. */
  logProb(y: Tensor, x: Explained, level: Tensor): Tensor;
  /** E[x|y, z] and its variance. */
  restored(y: Tensor, x: Explained, level: Tensor): { readonly mean: Tensor; readonly variance: Tensor };
}

/** An expectation whose variance is known, as noise needs it. */
export type Explained = Expectation & { readonly variance: Tensor };

/** Below this no variance counts, in float32: a thousandth of black to white, squared. */
const least = 1e-6;

const positive = { link: exp, inverse: Math.log };

/** Noise that adds a variance. */
function additive(varianceOf: (x: Explained, level: Tensor) => Tensor): Pick<NoiseDefinition, 'logProb' | 'restored'> {
  return {
    logProb(y, x, level) {
      const variance = add(maximum(x.variance, least), varianceOf(x, level));
      return mul(-0.5, add(div(square(sub(y, x.mean)), variance), add(log(variance), Math.log(2 * Math.PI))));
    },
    restored(y, x, level) {
      const own = maximum(x.variance, least);
      const noise = varianceOf(x, level);
      const gain = div(own, add(own, noise));
      return { mean: add(x.mean, mul(gain, sub(y, x.mean))), variance: mul(gain, noise) };
    },
  };
}

/** The width of a byte's level, by which a density becomes the probability of a level. */
const byte = 1 / 255;

const saltAndPepper: NoiseDefinition = {
  typical: 0.2,
  link: sigmoid,
  inverse: level => Math.log(level / (1 - level)),
  logProb: (y, x, level) => logSum(kept(y, x, level), replaced(y, level)),
  restored(y, x, level) {
    const share = sigmoid(sub(kept(y, x, level), replaced(y, level)));
    const lost = sub(1, share);
    const offset = sub(y, x.mean);
    return {
      mean: add(x.mean, mul(share, offset)),
      variance: mul(lost, add(x.variance, mul(share, square(offset)))),
    };
  },
};

/** log of (1 − p) p(x = y|z). */
function kept(y: Tensor, x: Explained, level: Tensor): Tensor {
  const logWidth = x.density ? Math.log(byte) : 0;
  return add(log(sub(1, level)), add(x.logProb(y), logWidth));
}

/** log of ½ p where y is 0 or 1, of nearly nothing elsewhere. */
function replaced(y: Tensor, level: Tensor): Tensor {
  const extreme = equal(mul(y, sub(1, y)), asTensor(0));
  return add(log(level), select(extreme, Math.log(0.5), -60));
}

/** log(eᵃ + eᵇ). */
function logSum(a: Tensor, b: Tensor): Tensor {
  return add(maximum(a, b), softplus(sub(minimum(a, b), maximum(a, b))));
}

/** All kinds of noise. */
export const noises: Readonly<Record<NoiseType, NoiseDefinition>> = {
  gaussian: { typical: 0.3, ...positive, ...additive((_, level) => square(level)) },
  poisson: { typical: 30, ...positive, ...additive(({ mean }, level) => div(maximum(mean, least), level)) },
  speckle: {
    typical: 0.3,
    ...positive,
    ...additive(({ mean, variance }, level) => mul(square(level), add(square(mean), variance))),
  },
  saltAndPepper,
};

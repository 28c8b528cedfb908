// The continuous Bernoulli over [0, 1] (Loaiza-Ganem & Cunningham 2019, "The continuous Bernoulli: fixing a pervasive
// error in variational autoencoders"), by its logits. Their C(λ), with y the logit of λ, is y / (eʸ − 1) · (1 + eʸ), so
// the density is e^(x·y) · y / (eʸ − 1): an exponential family, log p(x) = x·y − A(y), A(y) = ½ y + log(sinh(½ y) / ½ y),
// which is smooth at λ = ½, where y = 0.

import type { Tensor } from '../graph/index.ts';
import { abs, add, div, less, mul, select, square, sub, tanh } from '../ops/index.ts';
import type { Density } from './distribution.ts';
import { logSinhc, polynomial } from './special.ts';

/**
 * Continuous Bernoulli distributions with λ = sigmoid(logits), one an element. Unlike Bernoulli's cross-entropy of grey
 * values this is a density over [0, 1]. Its mean is A′(y) = ½ + ½ coth(½ y) − 1 / y, which is not λ.
 */
export function continuousBernoulli(logits: Tensor): Density {
  const half = mul(0.5, logits);
  return {
    mean: meanOf(logits),
    variance: varianceOf(logits),
    logProb: x => sub(mul(sub(x, 0.5), logits), logSinhc(half)),
  };
}

/** A′(y); around 0 its series ½ + y/12 − y³/720 + y⁵/30240 − y⁷/1209600 + y⁹/47900160. */
function meanOf(y: Tensor): Tensor {
  const near = less(abs(y), 1);
  const held = select(near, y, 1);
  const s = square(held);
  const series = mul(held, polynomial(s, [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160]));
  const far = select(near, 1, y);
  const whole = sub(div(0.5, tanh(mul(0.5, far))), div(1, far));
  return add(0.5, select(near, series, whole));
}

/** A″(y) = 1 / y² − ¼ / sinh²(½ y), with 1 / sinh² = coth² − 1; around 0 the series of A′, term by term. */
function varianceOf(y: Tensor): Tensor {
  const near = less(abs(y), 1);
  const series = polynomial(square(select(near, y, 1)), [1 / 12, -1 / 240, 1 / 6048, -1 / 172800, 1 / 5322240]);
  const far = select(near, 1, y);
  const whole = add(div(1, square(far)), mul(0.25, sub(1, div(1, square(tanh(mul(0.5, far)))))));
  return select(near, series, whole);
}

// The normal distribution, by its mean and either its log-variance or a fixed deviation.
// KL: Kingma & Welling 2014, "Auto-Encoding Variational Bayes", appendix B.

import { constant, type Tensor, type TensorLike } from '../graph/index.ts';
import { add, asTensor, div, exp, mul, square, sub } from '../ops/index.ts';
import type { Distribution } from './distribution.ts';

/** log 2π, the part of the normal's log-density that no parameter changes. */
const log2Pi: number = Math.log(2 * Math.PI);

/** How wide a normal distribution is: a log-variance that broadcasts to the mean, or one fixed standard deviation. */
export type NormalWidth = { readonly logVar: Tensor } | { readonly deviation: number };

/** Normal distributions, one an element. */
export interface Normal extends Distribution {
  readonly logVar: TensorLike;
}

/** Independent normal distributions. `sample(noise)` is mean + deviation · noise, through which gradients flow. */
export function normal(mean: Tensor, width: NormalWidth): Normal {
  if ('deviation' in width) {
    const { deviation } = width;
    const normaliser = -0.5 * log2Pi - Math.log(deviation);
    return {
      mean,
      variance: constant(deviation ** 2),
      noise: 'normal',
      logVar: 2 * Math.log(deviation),
      logProb: x => add(mul(square(sub(x, mean)), -0.5 / deviation ** 2), normaliser),
      sample: noise => add(mean, mul(deviation, noise)),
    };
  }
  const { logVar } = width;
  return {
    mean,
    variance: exp(logVar),
    noise: 'normal',
    logVar,
    logProb: x => mul(-0.5, add(add(div(square(sub(x, mean)), exp(logVar)), logVar), log2Pi)),
    sample: noise => add(mean, mul(exp(mul(0.5, logVar)), noise)),
  };
}

/** KL(q ‖ p) of normals in nats per element: ½ ((meanₚ − mean)² / varₚ + var / varₚ − 1 + logVarₚ − logVar). */
export function klBetween(q: Normal, p: Normal): Tensor {
  const [logVar, other] = [asTensor(q.logVar), asTensor(p.logVar)];
  const difference = sub(logVar, other);
  const offset = div(square(sub(p.mean, q.mean)), exp(other));
  return mul(0.5, sub(add(offset, exp(difference)), add(difference, 1)));
}

/** KL(q ‖ N(0, 1)) in nats per element: ½ (mean² + exp(logVar) − 1 − logVar). */
export function klToStandardNormal({ mean, logVar }: Normal): Tensor {
  const variance = typeof logVar === 'number' ? Math.exp(logVar) : exp(logVar);
  return mul(0.5, sub(add(square(mean), variance), add(logVar, 1)));
}

// Functions composed of the primitives: they have gradients and lowerings because their parts have.

import {
  coefficientOf,
  isSymbolic,
  normalizeAxes,
  normalizeAxis,
  type Tensor,
  type TensorLike,
} from '../graph/index.ts';
import {
  add,
  div,
  erf,
  exp,
  greater,
  log,
  maximum,
  minimum,
  mul,
  select,
  sigmoid,
  stopGradient,
  sub,
} from './elementwise.ts';
import { batchSize } from './movement.ts';
import { max, type ReductionOptions, sum } from './reduction.ts';

/** x², by one product. */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** `x` held between `low` and `high`; the gradient is 0 outside. */
export function clip(x: TensorLike, low: TensorLike, high: TensorLike): Tensor {
  return minimum(maximum(x, low), high);
}

/** The number of elements along axes, as a tensor where N is among them. */
function countOf(x: Tensor, axes: readonly number[]): TensorLike {
  let number = 1;
  let count: TensorLike = 1;
  for (const axis of axes) {
    const dim = x.shape[axis]!;
    number *= coefficientOf(dim);
    if (isSymbolic(dim)) count = mul(count, batchSize());
  }
  return typeof count === 'number' ? number : mul(count, number);
}

/** The mean over axes (all by default). */
export function mean(x: Tensor, axes?: number | readonly number[], options?: ReductionOptions): Tensor {
  return div(sum(x, axes, options), countOf(x, normalizeAxes(axes, x.shape.length, 'mean')));
}

/** log Σ exp over axes, with the largest element taken out first so that nothing overflows. */
export function logSumExp(x: Tensor, axes?: number | readonly number[], options: ReductionOptions = {}): Tensor {
  const largest = stopGradient(max(x, axes, { keepDims: true }));
  const rest = log(sum(exp(sub(x, largest)), axes, options));
  return add(rest, options.keepDims ? largest : sum(largest, axes));
}

/** Softmax along an axis. */
export function softmax(x: Tensor, axis = -1): Tensor {
  const normal = normalizeAxis(axis, x.shape.length, 'softmax');
  const shifted = exp(sub(x, stopGradient(max(x, normal, { keepDims: true }))));
  return div(shifted, sum(shifted, normal, { keepDims: true }));
}

/** log softmax along an axis. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return sub(x, logSumExp(x, axis, { keepDims: true }));
}

/** x where positive, slope · x elsewhere. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return select(greater(x, 0), x, mul(slope, x));
}

/** x where positive, eˣ − 1 elsewhere (Clevert et al. 2016). */
export function elu(x: Tensor): Tensor {
  return select(greater(x, 0), x, sub(exp(minimum(x, 0)), 1));
}

/** x · Φ(x), with the normal distribution function exact (Hendrycks & Gimpel 2016). */
export function gelu(x: Tensor): Tensor {
  return mul(x, mul(0.5, add(1, erf(mul(x, Math.SQRT1_2)))));
}

/** x · sigmoid(x), also called swish. */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}

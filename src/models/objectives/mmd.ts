// The squared maximum mean discrepancy of two samples (Gretton et al. 2012, equation 3), unbiased: 0 in expectation
// where both are of one distribution. Kernels as in Tolstikhin et al. 2018, "Wasserstein Auto-Encoders", section 4.

import type { Tensor } from '../../graph/index.ts';
import { add, batchSize, div, exp, matmul, maximum, mul, square, sub, sum, transpose } from '../../ops/index.ts';

/**
 * With C = 2 · latent · bandwidth², the expected squared distance of two codes from N(0, bandwidth² · I):
 * - `rbf`: exp(−‖a − b‖² / C)
 * - `imq`, inverse multiquadratics: Σₛ s·C / (s·C + ‖a − b‖²), s = 0.1, 0.2, 0.5, 1, 2, 5, 10; heavier tails, so that
 *   codes far from the prior are pulled back too
 */
export type Kernel = 'rbf' | 'imq';

const scales = [0.1, 0.2, 0.5, 1, 2, 5, 10];

/** The squared discrepancy of samples a and b [N, latent], a scalar. */
export function mmd(a: Tensor, b: Tensor, kernel: Kernel, bandwidth: number): Tensor {
  const [, latent] = a.shape as ['N', number];
  const c = 2 * latent * bandwidth ** 2;
  const atZero = kernel === 'rbf' ? 1 : scales.length;
  const n = batchSize();
  // Each with itself is left out: n·(n − 1) pairs.
  const pairs = mul(n, maximum(sub(n, 1), 1));
  const within = (x: Tensor): Tensor => div(sub(sumOfKernel(x, x, kernel, c), mul(n, atZero)), pairs);
  const across = div(sumOfKernel(a, b, kernel, c), mul(n, n));
  return sub(add(within(a), within(b)), mul(2, across));
}

/** Σᵢⱼ k(aᵢ, bⱼ). */
function sumOfKernel(a: Tensor, b: Tensor, kernel: Kernel, c: number): Tensor {
  const lengths = (x: Tensor): Tensor => sum(square(x), 1, { keepDims: true });
  const products = matmul(a, b, { transposeB: true });
  const distances = sub(add(lengths(a), transpose(lengths(b))), mul(2, products));
  if (kernel === 'rbf') return sum(exp(mul(distances, -1 / c)));
  return sum(scales.map(s => div(s * c, add(distances, s * c))).reduce((all, one) => add(all, one)));
}

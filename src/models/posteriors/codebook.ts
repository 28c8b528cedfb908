// A codebook (van den Oord et al. 2017, "Neural Discrete Representation Learning"): vectors of which the nearest stands for
// what an encoder gives. Posterior and priors over its numbers share it.

import { type Shape, scaleDim, type Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import { argmax, gather, matmul, mul, reshape, square, sub, sum, transpose } from '../../ops/index.ts';

/** The shape of a codebook: a code of `latent` numbers is `latent / width` vectors, one after another. */
export interface Codebook {
  /** How many vectors there are to choose from. */
  readonly codes: number;
  /** Numbers of a vector. */
  readonly width: number;
}

/** The vectors, [codes, width]: a state, since averages and not gradients move them. */
export function codebookIn(scope: Scope, { codes, width }: Codebook): Tensor {
  return scope.state('codebook', [codes, width], { type: 'normal', deviation: 1 / Math.sqrt(width) });
}

/** The number of the nearest vector to each vector of z [rows, positions · width]: int32 [rows · positions]. */
export function nearestCodes(z: Tensor, codebook: Tensor): Tensor {
  const [, width] = codebook.shape as [number, number];
  const vectors = vectorsOf(z, width);
  // ‖z − e‖² = ‖z‖² − 2 z·e + ‖e‖², of which the first is the same for all e.
  const closeness = sub(matmul(vectors, transpose(codebook, [1, 0])), mul(0.5, sum(square(codebook), 1)));
  return argmax(closeness, 1);
}

/** Codes [rows, positions · width] as vectors [rows · positions, width]. */
export function vectorsOf(z: Tensor, width: number): Tensor {
  const [rows, latent] = z.shape as ['N', number];
  return reshape(z, [scaleDim(rows, latent / width), width]);
}

/** The codes [rows, latent] that numbers, int32 [rows · positions], stand for. */
export function codesOf(numbers: Tensor, codebook: Tensor, shape: Shape): Tensor {
  return reshape(gather(codebook, numbers), shape);
}

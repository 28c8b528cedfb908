// Mixtures of diagonal normals over vectors: log p(z) = log Σₖ wₖ N(z; meanₖ, diag exp(logVarₖ)).

import type { Tensor } from '../graph/index.ts';
import { constant } from '../graph/index.ts';
import {
  add,
  cast,
  exp,
  gather,
  greaterOrEqual,
  logSoftmax,
  logSumExp,
  matmul,
  mul,
  neg,
  reshape,
  slice,
  softmax,
  square,
  sum,
} from '../ops/index.ts';

/** A mixture of K components over vectors of some latent width. */
export interface NormalMixture {
  /** [K, latent]. */
  readonly mean: Tensor;
  /** [K, latent]. */
  readonly logVar: Tensor;
  /** The components' weights up to a constant, as logarithms: [K]. Equal weights unless given. */
  readonly logits?: Tensor;
}

/**
 * log p(z) in nats for z [N, latent]: [N]. Σ (z − mean)² / variance is multiplied out, so that all pairs of codes and
 * components come from two matrix products; in float32 that costs about 10⁻⁷ of Σ z² / variance.
 */
export function mixtureLogProb({ mean, logVar, logits }: NormalMixture, z: Tensor): Tensor {
  const [components, latent] = mean.shape as [number, number];
  const precision = exp(neg(logVar));
  const scaled = mul(mean, precision);
  const squares = matmul(square(z), precision, { transposeB: true });
  const products = matmul(z, mul(-2, scaled), { transposeB: true });
  const constants = add(sum(add(mul(mean, scaled), logVar), 1), latent * Math.log(2 * Math.PI));
  const each = mul(-0.5, add(add(squares, products), constants));
  return logSumExp(add(each, logits ? logSoftmax(logits) : -Math.log(components)), 1);
}

/**
 * Vectors [N, latent] of uniform noise [N, 1], which chooses the component, and normal noise [N, latent]. Gradients
 * reach the chosen component's mean and variance, not the weights.
 */
export function mixtureSample({ mean, logVar, logits }: NormalMixture, choice: Tensor, noise: Tensor): Tensor {
  const index = reshape(componentOf(mean.shape[0] as number, choice, logits), [choice.shape[0]!]);
  const at = (table: Tensor): Tensor => gather(table, index);
  return add(at(mean), mul(exp(mul(0.5, at(logVar))), noise));
}

/** The component whose share of [0, 1) the choice falls into: how many shares end at or before it. */
function componentOf(components: number, choice: Tensor, logits: Tensor | undefined): Tensor {
  if (components === 1) return cast(mul(0, choice), 'int32');
  if (logits === undefined) return cast(mul(choice, components), 'int32');
  const upTo = Array.from({ length: components ** 2 }, (_, i) =>
    Math.floor(i / components) <= i % components ? 1 : 0,
  );
  const ends = matmul(reshape(softmax(logits), [1, components]), constant(upTo, [components, components]));
  // The last share ends at 1 whatever rounding says.
  const passed = cast(greaterOrEqual(choice, slice(ends, 1, 0, components - 1)), 'float32');
  return cast(sum(passed, 1), 'int32');
}

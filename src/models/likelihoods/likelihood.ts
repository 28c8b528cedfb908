// A likelihood p(x|z): how the decoder's output explains the data.

import type { Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import type { PartSchema } from '../../schema.ts';

/** A likelihood in one graph, with its own parameters made. Data and output are channels first. */
export interface BuiltLikelihood {
  /**
   * log p(x|z) in nats, summed over dimensions: [N].
   * @param x [N, channels, ...], scaled to [0, 1] by the input's range.
   * @param output what the decoder gives: [N, channels · outputsPerChannel, ...].
   */
  logProb(x: Tensor, output: Tensor): Tensor;
  /** The expected data, on the scale of `x`: [N, channels, ...]. */
  mean(output: Tensor): Tensor;
}

/** A kind of likelihood. `S` is its spec. */
export interface LikelihoodDefinition<S extends { readonly type: string }> {
  readonly type: S['type'];
  readonly schema: PartSchema<S>;
  /** Whether it explains pixels that were binarised. */
  readonly binary: boolean;
  /** How many channels the decoder gives for each channel of the data. */
  outputsPerChannel(spec: S): number;
  /** Makes its own parameters, if any, in the scope. */
  build(spec: S, scope: Scope): BuiltLikelihood;
}

export function defineLikelihood<S extends { readonly type: string }>(
  definition: LikelihoodDefinition<S>,
): LikelihoodDefinition<S> {
  return definition;
}

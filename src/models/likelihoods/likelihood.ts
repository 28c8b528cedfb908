// A likelihood p(x|z): how the decoder's output explains the data.

import { type Density, sumPerExample } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import { slice } from '../../ops/index.ts';
import type { PartSchema } from '../../schema.ts';
import type { Binarization, InputSpec } from '../spec.ts';

/** A likelihood in one graph, with its own parameters made. Data and output are channels first. */
export interface BuiltLikelihood {
  /**
   * log p(x|z) in nats, summed over dimensions: [N].
   * @param x [N, channels, ...], as `toNetwork` gives it: scaled to [0, 1] by the input's range.
   * @param output what the decoder gives: [N, channels · outputsPerChannel, ...].
   */
  logProb(x: Tensor, output: Tensor): Tensor;
  /** The terms that logProb is the sum of, where it is one over dimensions: log p of each number of `x`, in its shape. */
  perDimension?(x: Tensor, output: Tensor): Tensor;
  /** The expected data, on the scale of `x`, a table's on its columns' own: [N, channels, ...]. */
  mean(output: Tensor): Tensor;
  /** Data drawn from p(x|z), on the scale of `mean`, where the likelihood can be drawn from; `draw` gives noise by name. */
  sample?(output: Tensor, draw: Scope['noise']): Tensor;
  /** The variance of each number about `mean`, where it is known; broadcasts to its shape. */
  variance?(output: Tensor): Tensor;
}

/**
 * What the numbers that a likelihood gives are:
 * - `mass`: log-probabilities of discrete data. Bits per dimension are these by log 2 and the number of dimensions.
 * - `density`: log-densities of data on the scale of [0, 1]: comparable among densities of the same data alone, and
 *   positive as easily as negative. Per unit of the data's own range they are less by log(high − low) a dimension.
 * - `mixed`: of a table, log-masses of its discrete columns plus log-densities of its numeric ones, per unit of each. What
 *   is missing counts for nothing, so only figures of the same rows and columns can be compared.
 * - `pseudo`: not normalised over the data's values (Bernoulli's cross-entropy of grey values): comparable with its like.
 */
type Measure = 'mass' | 'density' | 'mixed' | 'pseudo';

/** A kind of likelihood. `S` is its spec. */
export interface LikelihoodDefinition<S extends { readonly type: string }> {
  readonly type: S['type'];
  readonly schema: PartSchema<S>;
  /** What the type's name alone means. */
  readonly byName: S;
  /** Whether it explains pixels that were binarised. */
  readonly binary: boolean;
  /** What its log-probabilities are, given how the data were binarised. */
  measure(binarization: Binarization): Measure;
  /** Why it cannot explain such data, as a sentence without its end; undefined where it can. */
  misfit?(input: InputSpec): string | undefined;
  /**
   * How many channels the decoder gives for each channel of the data: all channels' first outputs, then their second. A
   * list where they differ; the likelihood says how they then stand.
   */
  outputsPerChannel(spec: S, input: InputSpec): number | readonly number[];
  /**
   * Makes its own parameters, if any, in the scope.
   * @param input tells the raw scale: a value of the data is x · (high − low) + low.
   */
  build(spec: S, scope: Scope, input: InputSpec): BuiltLikelihood;
}

export function defineLikelihood<S extends { readonly type: string }>(
  definition: LikelihoodDefinition<S>,
): LikelihoodDefinition<S> {
  return definition;
}

/** How many channels the decoder gives in all, for so many of the data. */
export function outputChannels(perChannel: number | readonly number[], channels: number): number {
  return typeof perChannel === 'number' ? channels * perChannel : perChannel.reduce((total, count) => total + count, 0);
}

/** The decoder's output in `count` parts, each in the shape of the data. */
export function partsOf(output: Tensor, count: number): Tensor[] {
  const channels = (output.shape[1] as number) / count;
  return Array.from({ length: count }, (_, i) => slice(output, 1, i * channels, (i + 1) * channels));
}

/** A likelihood whose dimensions are independent, given their distributions. */
export function factorised(distribution: (output: Tensor) => Density): BuiltLikelihood {
  const perDimension = (x: Tensor, output: Tensor): Tensor => distribution(output).logProb(x);
  return {
    perDimension,
    logProb: (x, output) => sumPerExample(perDimension(x, output)),
    mean: output => distribution(output).mean,
    variance: output => distribution(output).variance,
  };
}

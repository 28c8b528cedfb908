// p(x, z) and q(z|x) as functions of tensors, for graphs that a model itself does not have: the likelihood of a part of
// a row, or of a noisy one, and its gradient by the code. Data are here as networks see them (data-scale.ts).

import { LatentkitError } from '../errors.ts';
import type { Tensor } from '../graph/index.ts';
import { RootScope } from '../nn/index.ts';
import { Assembly } from './assembly.ts';
import { givenCondition } from './condition.ts';
import { channelsLast, toNetwork } from './data-scale.ts';
import { likelihoodOf } from './likelihoods/index.ts';
import type { BuiltPosterior } from './posteriors/posterior.ts';
import type { ModelSpec } from './spec.ts';

/** What a code says of a row's numbers, each by itself: tensors of the row's shape. */
export interface Expectation {
  readonly mean: Tensor;
  /** About the mean, where the likelihood knows it; broadcasts to its shape. */
  readonly variance?: Tensor | undefined;
  /** Whether `logProb` gives densities, per unit of the scale of [0, 1]. */
  readonly density: boolean;
  /** log p of each number, in nats. */
  logProb(x: Tensor): Tensor;
}

/**
 * The joint distribution of data and codes in one graph. Of a conditional model it is given the condition, an input of
 * the graph: `label` [N], each of them a class, or `attributes` [N, width].
 */
export interface Joint {
  /** log p(z) of codes [N, latent] in nats: [N]. */
  logPrior(z: Tensor): Tensor;
  /** p(x|z) of codes [N, latent]. */
  decode(z: Tensor): Expectation;
  /** q(z|x) of rows [N, channels, ...] on the scale of [0, 1], or of a table as `fromUnit` gives it. */
  encode(x: Tensor): BuiltPosterior;
  /** Rows [N, ...shape] of float32 on the scale of [0, 1], of a table on its columns' own, as networks see them. */
  fromUnit(x: Tensor): Tensor;
  /** The way back from `mean`, which of a table stands on its columns' own scale already. */
  toUnit(x: Tensor): Tensor;
}

/** @throws LatentkitError `usage` where the likelihood does not explain each number by itself. */
export function jointOf(spec: ModelSpec): Joint {
  const assembly = new Assembly(spec, new RootScope({ training: false }));
  const { likelihood } = assembly;
  const { perDimension } = likelihood;
  if (perDimension === undefined) {
    throw new LatentkitError(
      'usage',
      `the likelihood "${spec.likelihood.type}" explains a row as a whole, so that a part of one has no probability; ` +
        'take a model whose likelihood is a product over the numbers of a row, such as "bernoulli".',
    );
  }
  const given = spec.condition && givenCondition(spec.condition);
  return {
    logPrior: z => assembly.prior(given).logProb(z),
    decode(z) {
      const output = assembly.decode(z, given);
      return {
        mean: likelihood.mean(output),
        variance: likelihood.variance?.(output),
        density: likelihoodOf(spec.likelihood).measure(spec.binarization) === 'density',
        logProb: x => perDimension(x, output),
      };
    },
    encode: x => assembly.encode(x, given),
    fromUnit: x => toNetwork(x, { ...spec.input, dtype: 'float32', range: [0, 1] }),
    toUnit: channelsLast,
  };
}

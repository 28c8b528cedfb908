// Codes of normal numbers and of choices among categories (Dupont 2018, "Learning Disentangled Joint Continuous and
// Discrete Representations"), the latter relaxed in training so that they have a gradient: the Gumbel softmax (Jang et al.
// 2017; Maddison et al. 2017). The KL is that of the choices themselves, as in both Jang's and Dupont's bounds. Where a
// density is asked for in training, that of the relaxed choices is given, as in Maddison's.

import { z } from 'zod';
import { klToStandardNormal, normal } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { concat } from '../../ops/index.ts';
import { linearHeads } from './heads.ts';
import { type Choices, mixedCode, numbersIn } from './mixed.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';

/**
 * A code is its numbers, then each choice as a vector of its categories: one-hot, but in training the softmax of its logits
 * and Gumbel noise over the temperature. Default: one choice among 10, at Dupont's temperature of 0.67.
 */
export interface GumbelSoftmaxPosterior extends Choices {
  readonly type: 'gumbelSoftmax';
}

export const gumbelSoftmax: PosteriorDefinition<GumbelSoftmaxPosterior> = definePosterior<GumbelSoftmaxPosterior>({
  type: 'gumbelSoftmax',
  schema: z.strictObject({
    type: z.literal('gumbelSoftmax'),
    categories: z.array(z.int().min(2).max(10_000)).min(1).default([10]),
    temperature: z.number().gt(0).default(0.67),
  }),
  kl: true,
  density: true,
  refuse(spec, { latent, prior }) {
    if (prior.type !== 'normalCategorical') {
      return 'has codes of numbers and categories, for which it needs the prior "normalCategorical"';
    }
    if (numbersIn(latent, spec) >= 0) return undefined;
    return `needs ${latent - numbersIn(latent, spec)} latents for its categories alone`;
  },
  build(spec, features, latent, scope) {
    const width = numbersIn(latent, spec);
    const widths = width > 0 ? [latent - width, width, width] : [latent];
    const [logits, center, logVar] = linearHeads(features, widths, latent, scope) as [Tensor, Tensor?, Tensor?];
    const numbers = center && logVar && normal(center, { logVar });
    const { choices, logProb, sample } = mixedCode(spec, { numbers, logits, latent }, scope);
    const joined = (first: Tensor | undefined, rest: readonly Tensor[]): Tensor =>
      concat(first ? [first, ...rest] : rest, 1);
    const mean = joined(
      center,
      choices.map(choice => choice.mode),
    );
    const probabilities = joined(
      undefined,
      choices.map(choice => choice.probabilities),
    );
    return {
      mean,
      outputs: { mean, ...(logVar && { logVar }), probabilities },
      choices: spec.categories,
      sample: () => sample(features.shape[0]!),
      logProb,
      klToUniform: () =>
        joined(
          numbers && klToStandardNormal(numbers),
          choices.map(choice => choice.klToUniform()),
        ),
    };
  },
});

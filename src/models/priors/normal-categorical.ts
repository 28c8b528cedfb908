// The prior of codes of numbers and categories: N(0, I) for the numbers, and each choice uniform over its categories (Dupont
// 2018, section 3.1). Which dimensions are which is the posterior's to say.

import { z } from 'zod';
import { normal } from '../../distributions/index.ts';
import { LatentkitError } from '../../errors.ts';
import { constant } from '../../graph/index.ts';
import { mixedCode, numbersIn } from '../posteriors/mixed.ts';
import { definePrior, type PriorDefinition, priorOfDensity } from './prior.ts';

export interface NormalCategoricalPrior {
  readonly type: 'normalCategorical';
}

export const normalCategorical: PriorDefinition<NormalCategoricalPrior> = definePrior<NormalCategoricalPrior>({
  type: 'normalCategorical',
  schema: z.strictObject({ type: z.literal('normalCategorical') }),
  learned: false,
  refuse: (_, { posterior }) =>
    posterior.type === 'gumbelSoftmax'
      ? undefined
      : 'is of codes of numbers and categories, for which it needs the posterior "gumbelSoftmax"',
  build(_, latent, scope, { posterior: { spec } }) {
    if (spec.type !== 'gumbelSoftmax') {
      throw new LatentkitError('internal', 'normalCategorical: expected a posterior with choices');
    }
    const width = numbersIn(latent, spec);
    const numbers = width > 0 ? normal(constant(0), { deviation: 1 }) : undefined;
    const logits = constant(new Array<number>(latent - width).fill(0), [1, latent - width]);
    const { logProb, sample } = mixedCode(spec, { numbers, logits, latent }, scope);
    const density = priorOfDensity({ logProb, sample: () => sample('N') });
    return { ...density, kl: (posterior, code) => posterior.klToUniform?.() ?? density.kl(posterior, code) };
  },
});

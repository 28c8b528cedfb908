// The prior of a codebook's numbers while nothing is known of them: each is as likely as any other, at every position (van
// den Oord et al. 2017, section 3.1).

import { z } from 'zod';
import { LatentkitError } from '../../errors.ts';
import { constant, timesN } from '../../graph/index.ts';
import { broadcastTo, cast, mul, reshape } from '../../ops/index.ts';
import { codebookIn, codesOf } from '../posteriors/codebook.ts';
import { definePrior, type PriorDefinition, priorOfDensity } from './prior.ts';

export interface UniformCodesPrior {
  readonly type: 'uniformCodes';
}

export const uniformCodes: PriorDefinition<UniformCodesPrior> = definePrior<UniformCodesPrior>({
  type: 'uniformCodes',
  schema: z.strictObject({ type: z.literal('uniformCodes') }),
  learned: false,
  flat: true,
  refuse: (_, { posterior }) =>
    posterior.type === 'vectorQuantized'
      ? undefined
      : 'is of the numbers of a codebook, for which it needs the posterior "vectorQuantized"',
  build(_, latent, scope, { posterior: { spec, scope: shared } }) {
    if (spec.type !== 'vectorQuantized')
      throw new LatentkitError('internal', 'expected the posterior "vectorQuantized"');
    const positions = latent / spec.width;
    const density = priorOfDensity({
      logProb: code => broadcastTo(constant([-positions * Math.log(spec.codes)]), [code.shape[0]!]),
      sample() {
        const uniform = scope.noise('choice', ['N', positions], 'uniform');
        const numbers = reshape(cast(mul(uniform, spec.codes), 'int32'), [timesN(positions)]);
        return codesOf(numbers, codebookIn(shared, spec), ['N', latent]);
      },
    });
    return { ...density, kl: (posterior, code) => posterior.klToUniform?.() ?? density.kl(posterior, code) };
  },
});

// p(z) = N(0, I).

import { z } from 'zod';
import { klToStandardNormal } from '../../distributions/index.ts';
import { definePrior, type PriorDefinition } from './prior.ts';

export interface StandardNormalPrior {
  readonly type: 'standardNormal';
}

export const standardNormal: PriorDefinition<StandardNormalPrior> = definePrior<StandardNormalPrior>({
  type: 'standardNormal',
  schema: z.strictObject({ type: z.literal('standardNormal') }),
  build: () => ({ kl: posterior => klToStandardNormal(posterior.distribution) }),
});

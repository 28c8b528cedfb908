// Regularised autoencoders (Ghosh et al. 2020, "From Variational to Deterministic Autoencoders", equations 8 to 11): codes
// without noise, held small, and a decoder held smooth, by the squares of its parameters or of its gradient.

import { z } from 'zod';
import { grad } from '../../autodiff/index.ts';
import { isOp, noise, parameterOp, type Tensor, topologicalOrder } from '../../graph/index.ts';
import { add, batchSize, mul, square, sum } from '../../ops/index.ts';
import { boundTerms } from './bound.ts';
import { defineObjective, type Inference, type ObjectiveDefinition } from './objective.ts';
import { nonNegative } from './schedule.ts';

export interface RaeObjective {
  readonly type: 'rae';
  /** β, the weight of ½‖z‖². 1 is the negative log-density of a standard normal prior, up to a constant. */
  readonly codeWeight: number;
  /**
   * What holds the decoder smooth:
   * - `l2`: the squares of its parameters
   * - `gradient`: the squares of its Jacobian at the codes, estimated by one random direction (Hutchinson 1990)
   */
  readonly penalty: 'l2' | 'gradient';
  /** λ, the weight of the penalty. */
  readonly weight: number;
}

export const rae: ObjectiveDefinition<RaeObjective> = defineObjective<RaeObjective>({
  type: 'rae',
  schema: z.strictObject({
    type: z.literal('rae'),
    codeWeight: nonNegative.optional(),
    penalty: z.enum(['l2', 'gradient']).optional(),
    weight: nonNegative.optional(),
  }),
  defaults: { codeWeight: 1, penalty: 'l2', weight: 1e-3 },
  refuse(_, posterior) {
    if (posterior.type === 'deterministic') return undefined;
    return 'is that of codes without noise, so it needs the posterior "deterministic"';
  },
  build({ codeWeight, penalty, weight }, inference) {
    const z = inference.posterior.mean;
    const { reconstruction, kl } = boundTerms(inference, z);
    const charged = { l2: squaredParameters, gradient: squaredJacobian }[penalty](inference, z);
    const codes = mul(codeWeight / 2, sum(square(z)));
    return { loss: add(add(sum(reconstruction), codes), mul(weight, charged)), reconstruction, kl };
  },
});

/** The squares of the decoder's parameters, once for each example. */
function squaredParameters({ decode }: Inference, z: Tensor): Tensor {
  const known = new Set(topologicalOrder([z]));
  const own = topologicalOrder([decode(z)]).filter(node => isOp(node, parameterOp) && !known.has(node));
  return mul(
    batchSize(),
    own.map(parameter => sum(square(parameter))).reduce((all, one) => add(all, one)),
  );
}

/** E‖vᵀJ‖² = ‖J‖² for directions v of independent standard normal numbers. */
function squaredJacobian({ decode }: Inference, z: Tensor): Tensor {
  const output = decode(z);
  const direction = noise('objective.direction', output.shape);
  const [projected] = grad(sum(mul(output, direction)), [z]) as [Tensor];
  return sum(square(projected));
}

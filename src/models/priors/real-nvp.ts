// A flow from N(0, I) to the prior by affine coupling layers (Dinh et al. 2017, "Density Estimation using Real NVP",
// equations 7–8): one half of the code, scaled and shifted by functions of the other; the halves take turns. The way
// back to the normal gives log p(z); the way forth gives samples. It starts as N(0, I).

import { z } from 'zod';
import { sumPerExample } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { buildNetwork, dense, relu, type Scope } from '../../nn/index.ts';
import { add, concat, exp, mul, neg, slice, sub, tanh } from '../../ops/index.ts';
import { standardNormalLogProb } from '../posteriors/standard.ts';
import { definePrior, type PriorDefinition, priorOfDensity } from './prior.ts';

export interface RealNvpPrior {
  readonly type: 'realNvp';
  /** How many couplings follow one another. Default 6. */
  readonly layers: number;
  /** Units of both hidden layers of each coupling's network. Default 128. */
  readonly hidden: number;
}

export const realNvp: PriorDefinition<RealNvpPrior> = definePrior<RealNvpPrior>({
  type: 'realNvp',
  schema: z.strictObject({
    type: z.literal('realNvp'),
    layers: z.int().min(1).max(100).default(6),
    hidden: z.int().min(1).default(128),
  }),
  learned: true,
  refuse: (_, { latent }) =>
    latent > 1 ? undefined : `couples two halves of the code, for which it needs at least 2 latents`,
  build({ layers, hidden }, latent, scope) {
    const couplings = Array.from({ length: layers }, (_, i) =>
      coupling({ latent, hidden, firstHalf: i % 2 === 1 }, scope.child(`layers.${i}`)),
    );
    return priorOfDensity({
      logProb(code) {
        let [z, logDeterminant]: [Tensor, Tensor | undefined] = [code, undefined];
        for (const layer of couplings.toReversed()) {
          const back = layer.inverse(z);
          z = back.z;
          logDeterminant = logDeterminant ? add(logDeterminant, back.logDeterminant) : back.logDeterminant;
        }
        const base = standardNormalLogProb(z);
        return logDeterminant ? add(base, logDeterminant) : base;
      },
      sample: () => couplings.reduce((z, layer) => layer.forward(z), scope.noise('noise', ['N', latent], 'normal')),
    });
  },
});

interface Coupling {
  /** From the normal's side to the codes'. */
  forward(z: Tensor): Tensor;
  /** From the codes' side to the normal's, with the log-determinant of this direction: [N]. */
  inverse(z: Tensor): { readonly z: Tensor; readonly logDeterminant: Tensor };
}

/** One coupling, which changes the first half of the code or the second. */
function coupling(
  { latent, hidden, firstHalf }: { readonly latent: number; readonly hidden: number; readonly firstHalf: boolean },
  scope: Scope,
): Coupling {
  const middle = Math.ceil(latent / 2);
  const changes = firstHalf ? middle : latent - middle;
  const network = [dense(hidden), relu(), dense(hidden), relu(), dense(2 * changes, { initializer: 'zeros' })];
  // The logarithms of scales are held by a tanh times a learned size, as in section 4.1 of the paper.
  const size = scope.parameter('scale', [changes], { type: 'constant', value: 1 });
  const split = (z: Tensor): { readonly kept: Tensor; readonly changed: Tensor } => {
    const [first, second] = [slice(z, 1, 0, middle), slice(z, 1, middle)];
    return firstHalf ? { kept: second, changed: first } : { kept: first, changed: second };
  };
  const join = (kept: Tensor, changed: Tensor): Tensor => concat(firstHalf ? [changed, kept] : [kept, changed], 1);
  const affine = (kept: Tensor): { readonly logScale: Tensor; readonly shift: Tensor } => {
    const heads = buildNetwork(network, kept, { name: 'network', scope });
    return { logScale: mul(size, tanh(slice(heads, 1, 0, changes))), shift: slice(heads, 1, changes) };
  };
  return {
    forward(z) {
      const { kept, changed } = split(z);
      const { logScale, shift } = affine(kept);
      return join(kept, add(mul(changed, exp(logScale)), shift));
    },
    inverse(z) {
      const { kept, changed } = split(z);
      const { logScale, shift } = affine(kept);
      return {
        z: join(kept, mul(sub(changed, shift), exp(neg(logScale)))),
        logDeterminant: neg(sumPerExample(logScale)),
      };
    },
  };
}

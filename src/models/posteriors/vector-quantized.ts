// Vector quantisation (van den Oord et al. 2017, "Neural Discrete Representation Learning"): the code is the nearest of a
// codebook's vectors at each position. Gradients pass the choice as if it were none (section 3.2); the encoder is held to
// its choices by the commitment loss (equation 3), and the codebook moves to the averages of what chose each vector
// (appendix A.1). A vector that is hardly chosen is put where a vector of the batch is (as in Dhariwal et al. 2020,
// "Jukebox", section 3.1), so that none of them lies idle.

import { z } from 'zod';
import { LatentkitError } from '../../errors.ts';
import { coefficientOf, constant, type Tensor } from '../../graph/index.ts';
import { innerShape, type Scope } from '../../nn/index.ts';
import {
  add,
  batchSize,
  broadcastTo,
  cast,
  div,
  floor,
  gather,
  less,
  minimum,
  mul,
  reshape,
  scatterAdd,
  select,
  square,
  stopGradient,
  sub,
  sum,
} from '../../ops/index.ts';
import { type Codebook, codebookIn, codesOf, nearestCodes, vectorsOf } from './codebook.ts';
import { linearHeads } from './heads.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';

export interface VectorQuantizedPosterior extends Codebook {
  readonly type: 'vectorQuantized';
  /** β, the weight of the squared distance between what the encoder gives and the code chosen. Default 0.25. */
  readonly commitment: number;
  /** Decay of the averages that the codebook follows. Default 0.99. */
  readonly decay: number;
  /** A vector that is chosen less than this share of an equal share is moved to the data. Default 0.05; 0 is never. */
  readonly revive: number;
}

export const vectorQuantized: PosteriorDefinition<VectorQuantizedPosterior> = definePosterior<VectorQuantizedPosterior>(
  {
    type: 'vectorQuantized',
    schema: z.strictObject({
      type: z.literal('vectorQuantized'),
      codes: z.int().min(2).max(65_536).default(512),
      width: z.int().min(1).default(16),
      commitment: z.number().min(0).default(0.25),
      decay: z.number().min(0).lt(1).default(0.99),
      revive: z.number().min(0).lt(1).default(0.05),
    }),
    kl: true,
    density: false,
    refuse({ width }, { latent, prior }) {
      if (prior.type !== 'uniformCodes' && prior.type !== 'autoregressive') {
        return 'has codes from a codebook, for which it needs the prior "uniformCodes" or "autoregressive"';
      }
      return latent % width === 0 ? undefined : `has vectors of ${width} numbers, which must divide the code`;
    },
    build(spec, features, latent, scope) {
      // An encoder that ends in as many numbers as the code has gives the vectors itself, such as those of an image's places.
      const [encoded] =
        innerShape(features)[0] === latent ? [features] : linearHeads(features, [latent], latent, scope);
      const codebook = codebookIn(scope, spec);
      const numbers = nearestCodes(encoded!, codebook);
      const positions = latent / spec.width;
      const chosen = stopGradient(codesOf(numbers, codebook, encoded!.shape));
      if (scope.training) learn(stopGradient(vectorsOf(encoded!, spec.width)), numbers, codebook, spec, scope);
      const mean = add(encoded!, stopGradient(sub(chosen, encoded!)));
      const rows = encoded!.shape[0]!;
      return {
        mean,
        outputs: { mean, codes: cast(reshape(numbers, [rows, positions]), 'float32') },
        sample: () => mean,
        logProb() {
          throw new LatentkitError(
            'spec',
            'model spec: the posterior "vectorQuantized" has no density log q(z|x), which was asked for; choose another ' +
              'posterior, or an objective that needs none, such as "elbo".',
          );
        },
        klToUniform: () => broadcastTo(constant([Math.log(spec.codes)], [1, 1]), [rows, positions]),
        penalty: () => mul(spec.commitment, sum(square(sub(encoded!, chosen)), 1)),
      };
    },
  },
);

/** What a training step leaves: counts and sums of what chose each vector, averaged over steps, and the codebook of these. */
function learn(
  vectors: Tensor,
  numbers: Tensor,
  codebook: Tensor,
  { codes, width, decay, revive }: VectorQuantizedPosterior,
  scope: Scope,
): void {
  const count = scope.state('count', [codes], { type: 'constant', value: 0 });
  const total = scope.state('total', [codes, width], { type: 'constant', value: 0 });
  const rows = mul(batchSize(), coefficientOf(vectors.shape[0]!));
  const one = broadcastTo(constant([1], [1]), [vectors.shape[0]!]);
  const averaged = (average: Tensor, value: Tensor): Tensor => add(mul(decay, average), mul(1 - decay, value));
  const counts = averaged(count, scatterAdd(numbers, one, codes));
  const totals = averaged(total, scatterAdd(numbers, vectors, codes));
  const row = minimum(floor(mul(scope.noise('revived', [codes], 'uniform'), rows)), sub(rows, 1));
  const somewhere = gather(vectors, cast(row, 'int32'));
  const equalShare = div(rows, codes);
  const idle = less(counts, mul(revive, equalShare));
  const column = (x: Tensor): Tensor => reshape(x, [codes, 1]);
  const nextCount = select(idle, equalShare, counts);
  const nextTotal = select(column(idle), mul(somewhere, equalShare), totals);
  scope.update(count, nextCount);
  scope.update(total, nextTotal);
  scope.update(codebook, div(nextTotal, column(add(nextCount, 1e-5))));
}

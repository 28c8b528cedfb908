// q(z|x) = N(mean(x), L Lᵀ) with L lower triangular: z = mean + L · noise (Kingma & Welling 2019, "An Introduction to
// Variational Autoencoders", section 2.5.1). The encoder gives the logarithms of L's diagonal and what lies below it.

import { z } from 'zod';
import { sumPerExample } from '../../distributions/index.ts';
import { constant, type Tensor } from '../../graph/index.ts';
import { add, concat, div, exp, log, matmul, mul, reshape, slice, square, sub, sum } from '../../ops/index.ts';
import { linearHeads } from './heads.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';
import { standardNormalLogProb } from './standard.ts';

export interface FullGaussianPosterior {
  readonly type: 'fullGaussian';
}

export const fullGaussian: PosteriorDefinition<FullGaussianPosterior> = definePosterior<FullGaussianPosterior>({
  type: 'fullGaussian',
  schema: z.strictObject({ type: z.literal('fullGaussian') }),
  kl: true,
  density: true,
  build(_, features, latent, scope) {
    const below = (latent * (latent - 1)) / 2;
    const widths = [latent, latent, ...(below > 0 ? [below] : [])];
    const [mean, logDiagonal, triangle] = linearHeads(features, widths, latent, scope) as [Tensor, Tensor, Tensor?];
    const batch = mean.shape[0]!;
    const strict = triangle && strictlyLower(triangle, latent);
    const diagonal = exp(logDiagonal);
    // Σᵢᵢ = Σⱼ Lᵢⱼ².
    const variance = strict ? add(square(diagonal), sum(square(strict), 2)) : square(diagonal);
    const logDeterminant = sumPerExample(logDiagonal);
    // log q of a code that was drawn is that of its noise; any other has to be solved for.
    const noises = new Map<Tensor, Tensor>();
    return {
      mean,
      outputs: { mean, logVar: log(variance) },
      sample() {
        const noise = scope.noise('noise', mean.shape, 'normal');
        const scaled = mul(diagonal, noise);
        const mixed = strict && reshape(matmul(strict, reshape(noise, [batch, latent, 1])), [batch, latent]);
        const code = add(mean, mixed ? add(scaled, mixed) : scaled);
        noises.set(code, noise);
        return code;
      },
      logProb(code) {
        const noise = noises.get(code) ?? solve(diagonal, strict, sub(code, mean));
        return sub(standardNormalLogProb(noise), logDeterminant);
      },
      // ½ (tr Σ + ‖mean‖² − latent − log det Σ).
      klToStandardNormal() {
        const half = mul(0.5, sub(sumPerExample(add(variance, square(mean))), latent));
        return reshape(sub(half, logDeterminant), [batch, 1]);
      },
    };
  },
});

/** [N, latent (latent − 1) / 2] row by row as matrices [N, latent, latent], zero on the diagonal and above. */
function strictlyLower(triangle: Tensor, latent: number): Tensor {
  const places = Array.from({ length: latent }, (_, i) => Array.from({ length: i }, (_, j) => i * latent + j)).flat();
  const scatter = places.flatMap(place => Array.from({ length: latent * latent }, (_, i) => (i === place ? 1 : 0)));
  const flat = matmul(triangle, constant(scatter, [places.length, latent * latent]));
  return reshape(flat, [triangle.shape[0]!, latent, latent]);
}

/** y with (diag + strict) y = b, by forward substitution. */
function solve(diagonal: Tensor, strict: Tensor | undefined, b: Tensor): Tensor {
  if (strict === undefined) return div(b, diagonal);
  const [batch, latent] = b.shape as [Tensor['shape'][number], number];
  let y = div(slice(b, 1, 0, 1), slice(diagonal, 1, 0, 1));
  for (let i = 1; i < latent; i++) {
    const row = reshape(slice(slice(strict, 1, i, i + 1), 2, 0, i), [batch, i]);
    const rest = sub(slice(b, 1, i, i + 1), sum(mul(row, y), 1, { keepDims: true }));
    y = concat([y, div(rest, slice(diagonal, 1, i, i + 1))], 1);
  }
  return y;
}

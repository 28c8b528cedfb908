// How far the aggregated posterior q(z) = E_x q(z|x) is from the prior p(z), by samples alone: the squared maximum mean
// discrepancy (Gretton et al. 2012, "A Kernel Two-Sample Test", equation 4) with the kernel of Wasserstein autoencoders
// (Tolstikhin et al. 2018, section 4). It needs no densities, so every model has it, deterministic ones too.

import { type Dataset, hostRows } from '../data/index.ts';
import type { TrainedVae } from '../models/index.ts';
import { conditionsOf } from './conditions.ts';
import { meanAndError } from './statistics.ts';

/** Codes, [rows, latent] laid flat. */
interface Sample {
  readonly latent: number;
  readonly codes: ArrayLike<number>;
}

export interface MmdEstimate {
  /** 0 in expectation where both are of one distribution, hence at times below it; never above 14. */
  readonly mmd: number;
  /** By the variance of a U-statistic's projection; √2 times too large where both are of one distribution. */
  readonly standardError: number;
  readonly rows: number;
}

const scales = [0.1, 0.2, 0.5, 1, 2, 5, 10];

/**
 * The squared discrepancy of as many codes each from q and p, unbiased: the mean over i ≠ j of
 * k(qᵢ, qⱼ) + k(pᵢ, pⱼ) − k(qᵢ, pⱼ) − k(qⱼ, pᵢ), with the inverse multiquadratic kernel k(a, b) = Σₛ sC / (sC + ‖a − b‖²).
 * C is the expected squared distance of two codes from p, estimated of those given: 2 · latent for N(0, I), and fitting for
 * a prior of any other scale.
 */
export function squaredMmd(q: Sample, p: Sample): MmdEstimate {
  const { latent } = p;
  const rows = p.codes.length / latent;
  const c = expectedDistance(p);
  const kernel = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number => {
    let distance = 0;
    for (let d = 0; d < latent; d++) distance += (a[i * latent + d]! - b[j * latent + d]!) ** 2;
    let sum = 0;
    for (const s of scales) sum += (s * c) / (s * c + distance);
    return sum;
  };
  // Of each pair of codes (qᵢ, pᵢ): the mean with all others.
  const means = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      const within = kernel(q.codes, i, q.codes, j) + kernel(p.codes, i, p.codes, j);
      const h = (within - kernel(q.codes, i, p.codes, j) - kernel(q.codes, j, p.codes, i)) / (rows - 1);
      means[i]! += h;
      means[j]! += h;
    }
  }
  const { mean, standardError } = meanAndError(means);
  return { mmd: mean, standardError: 2 * standardError, rows };
}

/** Twice the sum of the variances of the dimensions. */
function expectedDistance({ latent, codes }: Sample): number {
  const rows = codes.length / latent;
  let total = 0;
  for (let d = 0; d < latent; d++) {
    let mean = 0;
    for (let i = 0; i < rows; i++) mean += codes[i * latent + d]! / rows;
    for (let i = 0; i < rows; i++) total += (2 * (codes[i * latent + d]! - mean) ** 2) / (rows - 1);
  }
  return total;
}

/** Rows of the estimate. */
const mostRows = 2000;

/**
 * {@link squaredMmd} of one code drawn from the posterior of each of the first rows of a data set (2,000 at most) and as
 * many from the model's own prior. Undefined of fewer than two rows.
 */
export async function aggregatedPosteriorMmd(
  vae: TrainedVae,
  data: Dataset,
  seed = 0,
): Promise<MmdEstimate | undefined> {
  const rows = Math.min(mostRows, data.size);
  if (rows < 2) return undefined;
  const { latent } = vae.model.spec;
  const { z } = await vae.run('posterior', await hostRows(data, 0, rows), { seed, step: 0 });
  const prior = await vae.drawLatents(rows, { seed, ...(await conditionsOf(vae, data, rows)) });
  return squaredMmd({ latent, codes: z!.data }, { latent, codes: prior.data });
}

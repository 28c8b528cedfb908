// Directions in latent space: the dimensions themselves, the principal axes of a data set's codes (Härkönen et al. 2020,
// "GANSpace"), and the way from one set of examples to another (Larsen et al. 2016, section 4.2; White 2016, section 4).

import { LatentkitError } from '../errors.ts';
import { type Codes, klPerDimension, meanVariances } from '../evaluate/index.ts';

/** An axis through the codes of a data set. */
export interface Axis {
  /** Of length 1, [latent]. */
  readonly direction: Float32Array;
  /** The standard deviation along it of the aggregated posterior q(z) = 1/M Σ q(z|xᵢ). */
  readonly deviation: number;
  /** What the axis is used for: nats of KL of a dimension (variance of its mean where the posterior is no Gaussian), or the
   * share of the means' variance that lies along a principal axis. */
  readonly use: number;
}

/** The mean of q(z), which is that of the posteriors' means: [latent]. */
export function centreOf({ rows, latent, mean }: Codes): Float32Array {
  const centre = new Float64Array(latent);
  for (let i = 0; i < rows * latent; i++) centre[i % latent]! += mean[i]! / rows;
  return Float32Array.from(centre);
}

/** The dimensions of the code, the most used first; each axis says which it is. */
export function dimensionAxes(codes: Codes): readonly (Axis & { readonly dimension: number })[] {
  const use = klPerDimension(codes) ?? meanVariances(codes);
  const variances = marginalVariances(codes);
  const axes = variances.map((variance, dimension) => {
    const direction = new Float32Array(codes.latent);
    direction[dimension] = 1;
    return { dimension, direction, deviation: Math.sqrt(variance), use: use[dimension]! };
  });
  return axes.sort((a, b) => b.use - a.use);
}

/**
 * The principal axes of the posteriors' means, the widest first. The means and not draws: of a good fit to N(0, I) the
 * aggregated posterior has no wider axes, while the means vary only where the code is used. An axis points to where its
 * largest number is positive.
 */
export async function principalAxes(codes: Codes, count: number): Promise<readonly Axis[]> {
  const { PCA } = await import('ml-pca');
  const { latent, mean } = codes;
  if (codes.rows < 2) throw new LatentkitError('usage', `principal axes: expected at least 2 rows, got ${codes.rows}.`);
  const rows = Array.from({ length: codes.rows }, (_, i) => Array.from(mean.subarray(i * latent, (i + 1) * latent)));
  const analysis = new PCA(rows, { method: 'covarianceMatrix' });
  const [vectors, values] = [analysis.getEigenvectors(), analysis.getEigenvalues()];
  const whole = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const spread = posteriorVariances(codes);
  return values.slice(0, count).map((value, k) => {
    const column = vectors.getColumn(k);
    const sign = Math.max(...column) >= -Math.min(...column) ? 1 : -1;
    const own = column.reduce((sum, v, j) => sum + v * v * spread[j]!, 0);
    return {
      direction: Float32Array.from(column, v => sign * v),
      deviation: Math.sqrt(Math.max(0, value) + own),
      use: whole > 0 ? Math.max(0, value) / whole : 0,
    };
  });
}

/** From the mean code of one set of examples to that of another, [latent]: a whole step makes the one like the other. */
export function attributeDirection(from: Codes, to: Codes): Float32Array {
  const [start, end] = [centreOf(from), centreOf(to)];
  return end.map((value, j) => value - start[j]!);
}

/** Var(zⱼ) under the aggregated posterior: the variance of the means and the mean of the variances. */
function marginalVariances(codes: Codes): number[] {
  const spread = posteriorVariances(codes);
  return meanVariances(codes).map((variance, j) => variance + spread[j]!);
}

/** The mean over the rows of each posterior's variance; none where it is no Gaussian. */
function posteriorVariances({ rows, latent, logVar }: Codes): Float64Array {
  const spread = new Float64Array(latent);
  if (logVar === undefined) return spread;
  for (let i = 0; i < rows * latent; i++) spread[i % latent]! += Math.exp(logVar[i]!) / rows;
  return spread;
}

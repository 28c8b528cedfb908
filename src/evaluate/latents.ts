// What the dimensions of a code are used for, over a data set. Active units: Burda, Grosse and Salakhutdinov 2016, section
// 5.2. The average KL in two parts: Hoffman and Johnson 2016, "ELBO surgery". Total correlation: Chen et al. 2018.

import { type Dataset, hostRows, subset } from '../data/index.ts';
import { alignedBytes, createKernels } from '../kernels/index.ts';
import type { TrainedVae } from '../models/trained.ts';
import { streamOf } from '../random/index.ts';
import { LogMeanExp } from './log-mean-exp.ts';

/** A dimension counts as active where the variance of its posterior mean over the data is above this. */
export const activeAbove = 0.01;

/** Codes of a data set: the parameters of their posteriors, [rows, latent] laid flat. */
export interface Codes {
  readonly rows: number;
  readonly latent: number;
  readonly mean: Float32Array;
  /** Where the posterior is a diagonal Gaussian. */
  readonly logVar?: Float32Array | undefined;
}

/** Codes whose posteriors are diagonal Gaussians. */
export interface GaussianCodes extends Codes {
  readonly logVar: Float32Array;
}

/** Encodes a data set. */
export async function encodeAll(vae: TrainedVae, data: Dataset, signal?: AbortSignal): Promise<Codes> {
  const { latent, posterior } = vae.model.spec;
  const mean = new Float32Array(data.size * latent);
  const logVar = posterior.type === 'diagonalGaussian' ? new Float32Array(data.size * latent) : undefined;
  const chunk = 1000;
  for (let start = 0; start < data.size; start += chunk) {
    signal?.throwIfAborted();
    const encoded = await vae.run('encoder', await hostRows(data, start, Math.min(start + chunk, data.size)));
    mean.set(encoded.mean!.data, start * latent);
    logVar?.set(encoded.logVar!.data, start * latent);
  }
  return { rows: data.size, latent, mean, ...(logVar && { logVar }) };
}

/** Var_x(E[z|x]) of each dimension. */
export function meanVariances({ rows, latent, mean }: Codes): number[] {
  return Array.from({ length: latent }, (_, j) => {
    let [average, squares] = [0, 0];
    for (let i = 0; i < rows; i++) average += mean[i * latent + j]! / rows;
    for (let i = 0; i < rows; i++) squares += (mean[i * latent + j]! - average) ** 2;
    return squares / rows;
  });
}

/** How many dimensions are active: Var_x(E[z|x]) > 0.01. */
export function activeUnits(codes: Codes): number {
  return meanVariances(codes).filter(variance => variance > activeAbove).length;
}

/** KL(q(zⱼ|x) ‖ N(0, 1)) of each dimension in nats, averaged over the rows; undefined for other posteriors than Gaussian. */
export function klPerDimension({ rows, latent, mean, logVar }: Codes): number[] | undefined {
  if (logVar === undefined) return undefined;
  const kl = new Array<number>(latent).fill(0);
  for (let i = 0; i < rows * latent; i++) {
    kl[i % latent]! += (0.5 * (mean[i]! ** 2 + Math.exp(logVar[i]!) - 1 - logVar[i]!)) / rows;
  }
  return kl;
}

/** The average KL to N(0, I) in parts, in nats: kl = mutualInformation + marginalKl, and marginalKl has totalCorrelation in it. */
export interface KlParts {
  /** The mean over these rows of KL(q(z|x) ‖ p(z)), at the codes drawn. */
  readonly kl: number;
  /** I(x; z) under q, from below: at most the logarithm of the number of rows, whatever the model is. */
  readonly mutualInformation: number;
  /** KL(q(z) ‖ p(z)), from above by as much. */
  readonly marginalKl: number;
  /** KL(q(z) ‖ Π q(zⱼ)). */
  readonly totalCorrelation: number;
  readonly rows: number;
}

/**
 * The parts of the average KL, with q(z) = 1/M Σ q(z|xⱼ) over the M rows given and one code drawn from each row's
 * posterior: a minibatch estimate. The sum includes the code's own row, so the mutual information is a lower bound in
 * expectation (van den Oord et al. 2018, appendix A.1) and never above log M. The time is that of M² · latent exponentials.
 *
 * @param noise standard normal, [rows, latent] laid flat.
 */
export function klParts({ rows, latent, mean, logVar }: GaussianCodes, noise: ArrayLike<number>): KlParts {
  const deviations = logVar.map(value => Math.exp(value / 2));
  const log2Pi = Math.log(2 * Math.PI);
  const sums = { kl: 0, mutualInformation: 0, marginalKl: 0, totalCorrelation: 0 };
  const perDimension = new Float64Array(latent);
  for (let i = 0; i < rows; i++) {
    const code = Float64Array.from({ length: latent }, (_, j) => {
      const at = i * latent + j;
      return mean[at]! + deviations[at]! * noise[at]!;
    });
    const joint = new LogMeanExp(1);
    const marginals = new LogMeanExp(latent);
    let own = 0;
    for (let other = 0; other < rows; other++) {
      let total = 0;
      for (let j = 0; j < latent; j++) {
        const at = other * latent + j;
        const z = (code[j]! - mean[at]!) / deviations[at]!;
        const log = -0.5 * (z * z + logVar[at]! + log2Pi);
        perDimension[j] = log;
        total += log;
      }
      if (other === i) own = total;
      joint.add([total]);
      marginals.add(perDimension);
    }
    const logPrior = code.reduce((sum, z) => sum - 0.5 * (z * z + log2Pi), 0);
    const logMarginal = joint.values[0]!;
    const logProduct = marginals.values.reduce((a, b) => a + b);
    sums.kl += (own - logPrior) / rows;
    sums.mutualInformation += (own - logMarginal) / rows;
    sums.marginalKl += (logMarginal - logPrior) / rows;
    sums.totalCorrelation += (logMarginal - logProduct) / rows;
  }
  return { ...sums, rows };
}

/** Rows of the estimate in parts. */
const partRows = 1000;

/**
 * {@link klParts} of the first rows of a data set (1,000 at most), with noise keyed by (seed, row); undefined where the
 * posterior is no diagonal Gaussian.
 */
export async function estimateKlParts(vae: TrainedVae, data: Dataset, seed = 0): Promise<KlParts | undefined> {
  const codes = await encodeAll(vae, subset(data, 0, Math.min(partRows, data.size)));
  const { logVar, mean } = codes;
  if (logVar === undefined) return undefined;
  const kernels = createKernels(alignedBytes(4 * mean.length));
  const noise = kernels.float32(mean.length);
  kernels.fillNormal(noise, { seed, stream: streamOf('evaluate/kl-parts'), step: 0 });
  return klParts({ ...codes, logVar }, noise);
}

// Shared by the tests of this folder: a linear decoder with normal noise, whose posterior is known (probabilistic PCA,
// Tipping & Bishop 1999, section 2.2), and what linear algebra it takes.

import { buildModel, TrainedVae, vae } from '../models/index.ts';
import { dense } from '../nn/index.ts';
import { float32, type HostTensor, nodeRuntime } from '../runtime/index.ts';

export const linear = { latent: 2, width: 6, deviation: 0.3 } as const;

/** W [latent, width] and b [width] of x = z W + b. */
export const weight: readonly (readonly number[])[] = [
  [0.9, -0.4, 0.3, 0.7, -0.2, 0.5],
  [0.1, 0.8, -0.6, 0.4, 0.9, -0.3],
];
export const bias: readonly number[] = [0.2, -0.1, 0.4, 0, 0.3, 0.1];

interface ExactPosterior {
  readonly mean: readonly number[];
  readonly covariance: readonly (readonly number[])[];
  /** log p of the numbers that are there. */
  readonly logEvidence: number;
}

/** The posterior of z given the numbers of x that are there. */
export function exactPosterior(x: readonly number[]): ExactPosterior {
  const { deviation } = linear;
  const seen = x.flatMap((value, d) => (Number.isNaN(value) ? [] : [d]));
  const precision = [0, 1].map(i =>
    [0, 1].map(j => Number(i === j) + seen.reduce((s, d) => s + weight[i]![d]! * weight[j]![d]!, 0) / deviation ** 2),
  );
  const [[a, b], [, c]] = precision as [[number, number], [number, number]];
  const determinant = a * c - b * b;
  const covariance = [
    [c / determinant, -b / determinant],
    [-b / determinant, a / determinant],
  ];
  const pull = [0, 1].map(i => seen.reduce((s, d) => s + weight[i]![d]! * (x[d]! - bias[d]!), 0) / deviation ** 2);
  const mean = [0, 1].map(i => covariance[i]![0]! * pull[0]! + covariance[i]![1]! * pull[1]!);
  // log p(x) = log p(x, z) − log p(z|x) at the posterior's mean.
  const fit = seen.reduce(
    (s, d) => s + (x[d]! - bias[d]! - mean[0]! * weight[0]![d]! - mean[1]! * weight[1]![d]!) ** 2,
    0,
  );
  const logLikelihood = -0.5 * (fit / deviation ** 2 + seen.length * Math.log(2 * Math.PI * deviation ** 2));
  const logPrior = -0.5 * (mean[0]! ** 2 + mean[1]! ** 2 + 2 * Math.log(2 * Math.PI));
  const logEvidence = logLikelihood + logPrior + Math.log(2 * Math.PI) - 0.5 * Math.log(determinant);
  return { mean, covariance, logEvidence };
}

/** The model. Its encoder gives the posterior's mean for whole rows, with a variance that is about right. */
export async function linearModel(): Promise<TrainedVae> {
  const { latent, width, deviation } = linear;
  const model = buildModel(
    vae({
      input: { shape: [width], dtype: 'float32', range: [0, 1] },
      latent,
      encoder: [dense(latent)],
      decoder: [dense('output')],
      likelihood: { type: 'normal', variance: 'fixed', deviation },
    }),
  );
  const { covariance } = exactPosterior(bias);
  const map = Array.from({ length: width }, (_, d) =>
    [0, 1].map(j => (covariance[j]![0]! * weight[0]![d]! + covariance[j]![1]! * weight[1]![d]!) / deviation ** 2),
  );
  const offset = [0, 1].map(j => -bias.reduce((s, b, d) => s + b * map[d]![j]!, 0));
  const values: Record<string, readonly number[]> = {
    'encoder.0.weight': map.flat(),
    'encoder.0.bias': offset,
    'posterior.weight': [1, 0, 0, 0, 0, 1, 0, 0],
    'posterior.bias': [0, 0, Math.log(0.06), Math.log(0.06)],
    'decoder.0.weight': weight.flat(),
    'decoder.0.bias': bias,
  };
  const parameters = Object.fromEntries(
    model.parameters.map(({ name, shape }): [string, HostTensor<'float32'>] => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [name, float32(Float32Array.from(values[name] ?? new Array<number>(size).fill(0)), shape)];
    }),
  );
  return new TrainedVae(model, parameters, await nodeRuntime({ threads: 1 }));
}

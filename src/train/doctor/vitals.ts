// What the doctor measures of a model at an epoch's end, on the same few validation rows each time. It draws nothing, and
// the training's bits do not depend on it.

import type { Vitals } from '../../artifact/index.ts';
import { type Dataset, hostRows, subset } from '../../data/index.ts';
import { klPerDimension, meanVariances } from '../../evaluate/index.ts';
import type { TrainedVae } from '../../models/index.ts';

/** Rows that are looked at: enough to tell a tenth from nothing, and a hundredth of an epoch's work. */
const sampleRows = 256;

/** Rows spread evenly over a data set, which may be sorted. */
export function sampleOf(data: Dataset): Dataset {
  const rows = Math.min(sampleRows, data.size);
  return subset(
    data,
    Array.from({ length: rows }, (_, i) => Math.floor((i * data.size) / rows)),
  );
}

type CodeVitals = Omit<Vitals, 'gradientNorm' | 'spikes' | 'rollbacks'>;

/** Measures codes, and what is decoded of them. Grey values are not binarised. */
export async function measure(vae: TrainedVae, sample: Dataset): Promise<CodeVitals> {
  const { latent, input, posterior, prior } = vae.model.spec;
  const rows = sample.size;
  const x = hostRows(sample, 0, rows);
  const { mean, logVar, baseLogVar } = await vae.run('encoder', x);
  const logVars = logVar ?? baseLogVar;
  const closed = posterior.type === 'diagonalGaussian' && prior.type === 'standardNormal';
  const codes = { rows, latent, mean: mean!.data, ...(closed && logVar && { logVar: logVar.data }) };
  const kl = klPerDimension(codes);
  const own = await vae.run('decoder', mean!);
  const others = await vae.run('decoder', { ...mean!, data: halfTurn(mean!.data, latent) });
  const data = unitScale(x.data, input.range);
  // Columns of a table have no scale in common.
  const spread = input.columns === undefined ? squaredDistance(data, columnMeans(data, rows)) : 0;
  const isConstant = spread <= 1e-9 * squaredDistance(data, new Float64Array(data.length));
  const left = (decoded: Float32Array): number => squaredDistance(data, decoded) / spread;
  const [error, swapped] = [left(own.mean!.data), left(others.mean!.data)];
  return {
    rows,
    meanVariances: meanVariances(codes).map(short),
    ...(kl && { klPerDimension: kl.map(short) }),
    ...(logVars && { logVar: [quantile(logVars.data, 0.01), quantile(logVars.data, 0.99)] as const }),
    ...likelihoodVitals(vae),
    ...(!isConstant && { explained: short(1 - error), lostBySwap: short(swapped - error) }),
  };
}

/** The one learned log-variance of the data, under the names that likelihoods give it or what it is made of. */
const learned = { logVar: 1, logVarTenth: 10, logScale: 2 } as const;

function likelihoodVitals({ parameters }: TrainedVae): Pick<Vitals, 'likelihoodLogVar'> {
  for (const [name, times] of Object.entries(learned)) {
    const parameter = parameters[`likelihood.${name}`];
    if (parameter?.data.length === 1) return { likelihoodLogVar: short(times * parameter.data[0]!) };
  }
  return {};
}

/** Codes [rows, latent] laid flat, each row's in the place of the one half of all rows away. */
function halfTurn(codes: Float32Array, latent: number): Float32Array {
  const half = latent * Math.floor(codes.length / latent / 2);
  const turned = new Float32Array(codes.length);
  turned.set(codes.subarray(half));
  turned.set(codes.subarray(0, half), codes.length - half);
  return turned;
}

function unitScale(values: ArrayLike<number>, [low, high]: readonly [number, number]): Float64Array {
  return Float64Array.from(values, value => (value - low) / (high - low));
}

/** The mean of the rows, as often as there are rows. */
function columnMeans(data: Float64Array, rows: number): Float64Array {
  const width = data.length / rows;
  const means = new Float64Array(width);
  data.forEach((value, i) => {
    means[i % width]! += value / rows;
  });
  return data.map((_, i) => means[i % width]!);
}

function squaredDistance(a: Float64Array, b: Float32Array | Float64Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
}

function quantile(values: Float32Array, share: number): number {
  return short(values.toSorted()[Math.floor(share * (values.length - 1))]!);
}

/** Four digits, as the records keep it: what is judged is what is written. */
function short(value: number): number {
  return Number(value.toPrecision(4));
}

// What the doctor measures of a model at an epoch's end, on the same few validation rows each time. It draws nothing, and
// the training's bits do not depend on it.

import type { Vitals } from '../../artifact/index.ts';
import { type Dataset, hostRowsAt } from '../../data/index.ts';
import { klPerDimension, meanVariances } from '../../evaluate/index.ts';
import type { InputSpec, TrainedVae } from '../../models/index.ts';
import type { RowTensor } from '../../runtime/index.ts';

/** Rows that are looked at: enough to tell a tenth from nothing, and a hundredth of an epoch's work. */
const sampleRows = 256;

/** The rows that the doctor looks at, with what does not change of them. */
export interface Sample {
  readonly rows: RowTensor;
  /** Their values on the scale of [0, 1]. */
  readonly values: Float64Array;
  /** Σ (x − x̄)², x̄ being the mean of the rows; 0 where there is none: columns of a table have no scale in common. */
  readonly spread: number;
}

/** Rows spread evenly over a data set, which may be sorted. */
export async function sampleOf(data: Dataset, { range: [low, high], columns }: InputSpec): Promise<Sample> {
  const count = Math.min(sampleRows, data.size);
  const rows = await hostRowsAt(
    data,
    Array.from({ length: count }, (_, i) => Math.floor((i * data.size) / count)),
  );
  const values = Float64Array.from(rows.data, value => (value - low) / (high - low));
  return { rows, values, spread: columns === undefined ? spreadOf(values, count) : 0 };
}

type CodeVitals = Omit<Vitals, 'gradientNorm' | 'spikes' | 'rollbacks'>;

/** Measures codes, and what is decoded of them. Grey values are not binarised. */
export async function measure(vae: TrainedVae, { rows: x, values, spread }: Sample): Promise<CodeVitals> {
  const { latent, posterior, prior } = vae.model.spec;
  const rows = x.shape[0]!;
  const { mean, logVar, baseLogVar } = await vae.run('encoder', x);
  const logVars = (logVar ?? baseLogVar)?.data.toSorted();
  const closed = posterior.type === 'diagonalGaussian' && prior.type === 'standardNormal';
  const codes = { rows, latent, mean: mean!.data, ...(closed && logVar && { logVar: logVar.data }) };
  const kl = klPerDimension(codes);
  const own = await vae.run('decoder', mean!);
  const others = await vae.run('decoder', { ...mean!, data: halfTurn(mean!.data, latent) });
  const left = (decoded: Float32Array): number => squaredDistance(values, decoded) / spread;
  const [error, swapped] = [left(own.mean!.data), left(others.mean!.data)];
  return {
    rows,
    meanVariances: meanVariances(codes).map(short),
    ...(kl && { klPerDimension: kl.map(short) }),
    ...(logVars && { logVar: [quantile(logVars, 0.01), quantile(logVars, 0.99)] as const }),
    ...likelihoodVitals(vae),
    ...(spread > 0 && { explained: short(1 - error), lostBySwap: short(swapped - error) }),
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

/** Σ (x − x̄)² of rows; 0 where they differ by no more than rounding. */
function spreadOf(values: Float64Array, rows: number): number {
  const width = values.length / rows;
  let [spread, squares] = [0, 0];
  for (let column = 0; column < width; column++) {
    let mean = 0;
    for (let i = column; i < values.length; i += width) mean += values[i]! / rows;
    for (let i = column; i < values.length; i += width) spread += (values[i]! - mean) ** 2;
  }
  for (const value of values) squares += value * value;
  return spread > 1e-9 * squares ? spread : 0;
}

function squaredDistance(a: Float64Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

function quantile(sorted: Float32Array, share: number): number {
  return short(sorted[Math.floor(share * (sorted.length - 1))]!);
}

/** Four digits, as the records keep it: what is judged is what is written. */
function short(value: number): number {
  return Number(value.toPrecision(4));
}

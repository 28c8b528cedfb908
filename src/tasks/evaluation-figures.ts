// The figures of an evaluation, each kind from the run and the rows alone; the task adds their circumstances.

import { areImages } from '../artifact/index.ts';
import { binarize, type Dataset, hasFactors, type Labels, mapRows, subset } from '../data/index.ts';
import {
  aggregatedPosteriorMmd,
  type Codes,
  conditionsOf,
  type DisentanglementScores,
  disentanglementScores,
  encodeAll,
  estimateKlParts,
  type Figure,
  type FigureKind,
  type FigureName,
  factoredCodes,
  knnAccuracy,
  type Labelled,
  linearAccuracy,
  meanAndError,
  psnr,
  sampleQuality,
  ssim,
} from '../evaluate/index.ts';
import { likelihoods, type ModelSpec, posteriors } from '../models/index.ts';
import { permutation, streamOf } from '../random/index.ts';
import { datasetOf, eachChunk, isPath, type RowsInput, toUnitScale } from './rows.ts';
import { samplerFor } from './sampler.ts';
import type { TaskContext } from './task.ts';

/** A figure before its circumstances are added. */
export type Value = Pick<Figure, 'value' | 'standardError' | 'samples' | 'features' | 'sampler'> & {
  readonly rows?: number;
  readonly name: FigureName;
  readonly kind: FigureKind;
};

/** The rows whose posteriors the bound is about: under dynamic binarisation, one drawing of their pixels. */
export function asSeen(data: Dataset, { binarization }: ModelSpec, seed: number): Dataset {
  if (binarization !== 'dynamic') return data;
  const { dtype, range } = data;
  const map = (drawn: ArrayLike<number>, _: number, into: Uint8Array | Float32Array): void => {
    for (let i = 0; i < into.length; i++) into[i] = drawn[i]! > 0 ? range[1] : range[0];
  };
  return mapRows(binarize(data, seed), { dtype, range, key: 'as seen', map });
}

export interface Bound {
  readonly reconstruction: number;
  readonly kl: number;
  /** Of their sum. */
  readonly standardError: number;
}

/** Bits per dimension of nats per row, where the likelihood is a mass of discrete data. */
function bitsOf({ likelihood, binarization, input: { shape } }: ModelSpec, nats: number): number | undefined {
  if (likelihoods[likelihood.type].measure(binarization) !== 'mass') return undefined;
  return nats / Math.LN2 / shape.reduce((a, b) => a * b, 1);
}

/** What the bound of a model is. */
export function kindOf({ posterior }: ModelSpec): 'bound' | 'criterion' {
  return posteriors[posterior.type].kl ? 'bound' : 'criterion';
}

export function boundFigures(model: ModelSpec, { reconstruction, kl, standardError }: Bound, samples: number): Value[] {
  const kind = kindOf(model);
  const negElbo = reconstruction + kl;
  const bits = kind === 'bound' ? bitsOf(model, negElbo) : undefined;
  return [
    { name: 'negElbo', kind, value: negElbo, standardError, samples },
    { name: 'reconstruction', kind, value: reconstruction, samples },
    { name: 'kl', kind, value: kl, samples },
    ...(bits === undefined ? [] : [{ name: 'boundBitsPerDim', kind, value: bits, samples } as const]),
  ];
}

export function nllFigures(model: ModelSpec, rows: Float64Array, samples: number): Value[] {
  const { mean, standardError } = meanAndError(rows);
  const bits = bitsOf(model, mean);
  const kind = 'estimate';
  return [
    { name: 'nll', kind, value: mean, standardError, samples },
    ...(bits === undefined ? [] : [{ name: 'bitsPerDim', kind, value: bits, samples } as const]),
  ];
}

export async function klFigures({ run: { vae }, signal }: TaskContext, data: Dataset, seed: number): Promise<Value[]> {
  signal?.throwIfAborted();
  const parts = await estimateKlParts(vae, data, seed);
  if (parts === undefined) return [];
  const kind = 'estimate';
  const { mutualInformation, marginalKl, totalCorrelation, rows } = parts;
  return [
    { name: 'mutualInformation', kind, value: mutualInformation, rows },
    ...(vae.model.spec.prior.type === 'standardNormal'
      ? [{ name: 'marginalKl', kind, value: marginalKl, rows } as const]
      : []),
    { name: 'totalCorrelation', kind, value: totalCorrelation, rows },
  ];
}

export async function mmdFigures({ run: { vae }, signal }: TaskContext, data: Dataset, seed: number): Promise<Value[]> {
  signal?.throwIfAborted();
  const estimate = await aggregatedPosteriorMmd(vae, data, seed);
  if (estimate === undefined) return [];
  const { mmd: value, standardError, rows } = estimate;
  return [{ name: 'aggregatedPosteriorMmd', kind: 'estimate', value, standardError, rows }];
}

export async function sampleFigures(context: TaskContext, data: Dataset, seed: number): Promise<Value[]> {
  if (!areImages(data.shape)) return [];
  const { vae } = context.run;
  const { sampler: spec = { type: 'prior' } } = vae.model.spec;
  const sampler = await samplerFor({ ...context, progress: undefined }, spec, 1);
  const draw = async (count: number) => sampler.draw(count, { seed, ...(await conditionsOf(vae, data, count)) });
  const quality = await sampleQuality(vae, draw, data, context);
  await sampler.dispose();
  if (quality === undefined) return [];
  const { frechetDistance, precision, recall, features, rows } = quality;
  const of = { features, sampler: spec.type, rows };
  return [
    { name: 'sampleFrechetDistance', kind: 'estimate', value: frechetDistance, ...of },
    { name: 'samplePrecision', kind: 'statistic', value: precision, ...of },
    { name: 'sampleRecall', kind: 'statistic', value: recall, ...of },
  ];
}

export async function reconstructionFigures(
  { run: { vae, config }, signal }: TaskContext,
  data: Dataset,
): Promise<Value[]> {
  if (!areImages(data.shape)) return [];
  const [ratios, similarities] = [new Float64Array(data.size), new Float64Array(data.size)];
  await eachChunk(data, { start: 0, end: data.size }, { run: { vae, config }, signal }, async (rows, first) => {
    const originals = toUnitScale(rows, config.model.input.range);
    const { mean } = await vae.run('reconstruct', rows);
    ratios.set(psnr(originals, mean!), first);
    similarities.set(ssim(originals, mean!), first);
  });
  const statistic = (name: FigureName, values: Float64Array): Value => {
    const { mean: value, standardError } = meanAndError(values);
    return { name, kind: 'statistic', value, standardError };
  };
  return [statistic('psnr', ratios), statistic('ssim', similarities)];
}

/** How often a semi-supervised model finds the class of rows that it is not told. */
export async function labelFigures(context: TaskContext, data: Dataset): Promise<Value[]> {
  const { vae } = context.run;
  if (vae.model.spec.condition?.type !== 'semiSupervised' || data.labels === undefined) return [];
  const { values } = data.labels;
  let right = 0;
  await eachChunk(data, { start: 0, end: data.size }, { ...context, progress: undefined }, async (rows, first) => {
    const { mean } = await vae.run('encoder', { ...rows, label: undefined });
    mean!.label?.data.forEach((label, i) => {
      right += label === values[first + i] ? 1 : 0;
    });
  });
  return [{ name: 'labelAccuracy', kind: 'statistic', value: right / data.size }];
}

/** Training rows that probes learn from, at most. */
const probeRows = 10_000;

export async function probeFigures(context: TaskContext, data: Dataset, source: RowsInput['data']): Promise<Value[]> {
  // Every row of a path is judged, so none is left to learn from.
  if (isPath(source)) return [];
  const whole = await datasetOf(context, { data: source, split: 'train' });
  // Drawn, as rows may lie in the order of their classes.
  const order = permutation(whole.size, { seed: 0, stream: streamOf('tasks/probe-rows'), step: 0 });
  const train = subset(whole, order.subarray(0, probeRows).sort());
  if (data.labels === undefined || train.labels === undefined) return [];
  const embedded = async (rows: Dataset, { values }: Labels): Promise<Labelled> => {
    const { latent, mean } = await encodeAll(context.run.vae, rows, context.signal);
    return { latent, codes: mean, labels: values };
  };
  const [from, to] = [await embedded(train, train.labels), await embedded(data, data.labels)];
  const kind = 'statistic';
  return [
    { name: 'knnAccuracy', kind, value: knnAccuracy(from, to) },
    { name: 'linearAccuracy', kind, value: linearAccuracy(from, to) },
  ];
}

/** Which of the scores is computed of the rows as it is defined, and which depends on draws or on a forest. */
const scoreKinds: Readonly<Record<keyof DisentanglementScores, FigureKind>> = {
  mig: 'statistic',
  sap: 'statistic',
  dciDisentanglement: 'estimate',
  dciCompleteness: 'estimate',
  dciInformativeness: 'estimate',
  factorVaeScore: 'estimate',
  betaVaeScore: 'estimate',
};

/** Of at most 10,000 rows of the split, and of nothing else: no score needs rows that were trained on. */
export async function disentanglementFigures(
  { signal }: TaskContext,
  codes: Codes,
  data: Dataset,
  seed: number,
): Promise<Value[]> {
  signal?.throwIfAborted();
  if (!hasFactors(data)) return [];
  const factored = factoredCodes(codes, data, { seed });
  if (factored.factors.length === 0) return [];
  const scores = disentanglementScores(factored, { seed });
  const names = Object.keys(scoreKinds) as (keyof DisentanglementScores)[];
  return names.map(name => ({ name, kind: scoreKinds[name], value: scores[name], rows: factored.rows }));
}

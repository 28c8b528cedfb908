// How good a model is on data, each figure with its kind: the bound, and where asked for the importance-weighted estimate of
// −log p(x), the reconstructions' quality and what the codes tell.

import { z } from 'zod';
import {
  appendToLedger,
  areImages,
  figureSchema,
  noteSentences,
  parametersHash,
  readMetrics,
  standingNotes,
} from '../artifact/index.ts';
import { arrayDataset, binarize, type Dataset, hasFactors, type Labels, readRange, subset } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import {
  activeUnits,
  aggregatedPosteriorMmd,
  type Codes,
  conditionsOf,
  type DisentanglementScores,
  disentanglementScores,
  encodeAll,
  estimateKlParts,
  type Figure,
  type FigureKind,
  type FigureMeasure,
  type FigureName,
  factoredCodes,
  klPerDimension,
  knnAccuracy,
  figures as known,
  type Labelled,
  linearAccuracy,
  meanAndError,
  psnr,
  rowBounds,
  rowNlls,
  sampleQuality,
  ssim,
} from '../evaluate/index.ts';
import { type Binarization, likelihoods, type ModelSpec, posteriors } from '../models/index.ts';
import { permutation, streamOf } from '../random/index.ts';
import { datasetOf, eachChunk, type RowsInput, rowsFields, toUnitScale } from './rows.ts';
import { samplerFor } from './sampler.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task, type TaskContext } from './task.ts';

export interface EvaluateInput extends RowsInput {
  /** Draws of z for each row; their bounds are averaged. Default 1. */
  readonly samples?: number | undefined;
  /** K of the importance-weighted estimate of −log p(x), which is made where this is given; `true` is 500. */
  readonly nll?: number | boolean | undefined;
  /** Quality of reconstructions and samples, the parts of the KL, and probes of the codes, too. */
  readonly full?: boolean | undefined;
  /** Disentanglement scores, which need data whose true factors are known. `full` makes them where these are. */
  readonly disentanglement?: boolean | undefined;
  readonly seed?: number | undefined;
}

/** Figures of a model on data. The first ones are nats a row, averaged over rows and draws: negElbo = reconstruction + kl. */
export interface Evaluation {
  readonly negElbo: number;
  readonly reconstruction: number;
  readonly kl: number;
  /** An upper bound on −log p(x), in expectation; no estimate of it. Where codes are deterministic there is no bound. */
  readonly kind: 'bound' | 'criterion';
  readonly unit: 'nats per row';
  readonly likelihood: string;
  /** What the likelihood's numbers are: log-masses, log-densities, or neither. */
  readonly measure: FigureMeasure;
  readonly binarization: Binarization;
  readonly samples: number;
  readonly rows: number;
  readonly data: string;
  readonly split: string;
  /** KL to N(0, 1) of each dimension, where that is the prior and the posterior a diagonal Gaussian. */
  readonly klPerDimension?: readonly number[] | undefined;
  /** Every figure with all that it depends on. */
  readonly figures: readonly Figure[];
  /** With `full`, what the doctor found in training and did not see resolved, in sentences. */
  readonly doctor?: readonly string[] | undefined;
  /** Whether the figures are in the run's ledger, evaluations.jsonl. */
  readonly recorded: boolean;
}

const input: z.ZodType<
  Filled<EvaluateInput, 'split' | 'samples' | 'nll' | 'full' | 'disentanglement' | 'seed'>,
  EvaluateInput
> = z.strictObject({
  ...rowsFields,
  samples: z.int().min(1).max(10_000).default(1).describe('draws of z for each row, whose bounds are averaged'),
  nll: z
    .union([z.boolean(), z.int().min(1).max(1_000_000)])
    .default(false)
    .describe('estimate −log p(x) by so many importance samples a row (500 unless told)'),
  full: z
    .boolean()
    .default(false)
    .describe('quality of reconstructions and samples, parts of the KL, and what the codes tell of the labels, too'),
  disentanglement: z
    .boolean()
    .default(false)
    .describe('disentanglement scores, where the true factors are known (part of --full)'),
  seed: z.int().min(0).default(0).describe('seed of the draws'),
});

const output: z.ZodType<Evaluation> = z.object({
  negElbo: z.number(),
  reconstruction: z.number(),
  kl: z.number(),
  kind: z.enum(['bound', 'criterion']),
  unit: z.literal('nats per row'),
  likelihood: z.string(),
  measure: z.enum(['mass', 'density', 'mixed', 'pseudo']),
  binarization: z.enum(['none', 'static', 'dynamic']),
  samples: z.int(),
  rows: z.int(),
  data: z.string(),
  split: z.string(),
  klPerDimension: z.array(z.number()).optional(),
  figures: z.array(figureSchema),
  doctor: z.array(z.string()).optional(),
  recorded: z.boolean(),
});

/** A figure before its circumstances are added. */
type Value = Pick<Figure, 'value' | 'standardError' | 'samples' | 'features' | 'sampler'> & {
  readonly rows?: number;
  readonly name: FigureName;
  readonly kind: FigureKind;
};

export const evaluate: Task<EvaluateInput, Evaluation> = defineTask({
  name: 'evaluate',
  summary: summaries.evaluate,
  example: 'evaluate runs/mnist-mlp --split test --samples 10 --nll 50',
  input,
  output,
  async run(context, { data: source, split, samples, nll, full, disentanglement, seed }) {
    const { vae, config } = context.run;
    const { model } = config;
    const importance = nll === true ? 500 : Number(nll);
    if (importance > 0) expectDensity(model);
    const data = await datasetOf(context, { data: source, split });
    if (disentanglement) expectFactors(data);
    // In units of one pass over the rows.
    const work = samples + importance + (full || disentanglement ? samples : 0);
    const seen = asSeen(data, model, seed);
    const codes = await encodeAll(vae, seen, context.signal);
    const bound = await boundOf(context, data, { samples, seed, work });
    const values: Value[] = [
      ...boundFigures(model, bound, samples),
      { name: 'activeUnits', kind: 'statistic', value: activeUnits(codes) },
    ];
    if (importance > 0) {
      const progress = (share: number): void => context.progress?.((samples + importance * share) / work);
      const rows = await rowNlls(vae, data, { ...context, samples: importance, seed, progress });
      values.push(...nllFigures(model, rows, importance));
    }
    values.push(...(await labelFigures(context, data)));
    const parts = [
      ...(full
        ? [
            () => klFigures(context, seen, seed),
            () => mmdFigures(context, data, seed),
            () => reconstructionFigures(context, data),
            () => sampleFigures(context, data, seed),
          ]
        : []),
      ...(full && split !== 'train' ? [() => probeFigures(context, data, source)] : []),
      ...(full || disentanglement ? [() => disentanglementFigures(context, codes, data, seed)] : []),
    ];
    for (const [i, part] of parts.entries()) {
      values.push(...(await part()));
      context.progress?.((samples * (1 + (i + 1) / parts.length) + importance) / work);
    }
    const circumstances = {
      likelihood: model.likelihood.type,
      measure: likelihoods[model.likelihood.type].measure(model.binarization),
      binarization: model.binarization,
      seed,
      data: data.name,
      split,
      rows: data.size,
    };
    const figures = values
      .filter(({ value }) => Number.isFinite(value))
      .map(
        (value): Figure => ({
          ...circumstances,
          unit: known[value.name].unit,
          fingerprint: data.fingerprint,
          ...value,
        }),
      );
    const dimensions = model.prior.type === 'standardNormal' ? klPerDimension(codes) : undefined;
    const { seed: _, ...shown } = circumstances;
    return {
      negElbo: bound.reconstruction + bound.kl,
      reconstruction: bound.reconstruction,
      kl: bound.kl,
      kind: kindOf(model),
      unit: 'nats per row',
      samples,
      ...shown,
      ...(dimensions && { klPerDimension: dimensions }),
      figures,
      ...(full && { doctor: await doctorWords(context) }),
      recorded: await record(context, figures),
    };
  },
});

/** The rows whose posteriors the bound is about: under dynamic binarisation, one drawing of their pixels. */
function asSeen(data: Dataset, { binarization }: ModelSpec, seed: number): Dataset {
  if (binarization !== 'dynamic') return data;
  const drawn = readRange(binarize(data, seed), 0, data.size);
  const [low, high] = data.range;
  const values = data.dtype === 'uint8' ? new Uint8Array(drawn.length) : new Float32Array(drawn.length);
  for (let i = 0; i < drawn.length; i++) values[i] = drawn[i]! > 0 ? high : low;
  const { name, shape, range, labels, attributes } = data;
  return arrayDataset({ name, data: values, shape, range, labels, attributes });
}

interface Bound {
  readonly reconstruction: number;
  readonly kl: number;
  /** Of their sum. */
  readonly standardError: number;
}

/** The bound, averaged over draws. */
async function boundOf(
  { run: { vae }, signal, progress }: TaskContext,
  data: Dataset,
  { samples, seed, work }: { readonly samples: number; readonly seed: number; readonly work: number },
): Promise<Bound> {
  const total = new Float64Array(data.size);
  const sums = { reconstruction: 0, kl: 0 };
  for (let draw = 0; draw < samples; draw++) {
    signal?.throwIfAborted();
    const rows = await rowBounds(vae, data, seed + draw, signal);
    for (const name of ['reconstruction', 'kl'] as const) {
      sums[name] += meanAndError(rows[name]).mean / samples;
      rows[name].forEach((value, i) => {
        total[i]! += value / samples;
      });
    }
    progress?.((draw + 1) / work);
  }
  return { ...sums, standardError: meanAndError(total).standardError };
}

/** Bits per dimension of nats per row, where the likelihood is a mass of discrete data. */
function bitsOf({ likelihood, binarization, input: { shape } }: ModelSpec, nats: number): number | undefined {
  if (likelihoods[likelihood.type].measure(binarization) !== 'mass') return undefined;
  return nats / Math.LN2 / shape.reduce((a, b) => a * b, 1);
}

function kindOf({ posterior }: ModelSpec): 'bound' | 'criterion' {
  return posteriors[posterior.type].kl ? 'bound' : 'criterion';
}

function boundFigures(model: ModelSpec, { reconstruction, kl, standardError }: Bound, samples: number): Value[] {
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

function nllFigures(model: ModelSpec, rows: Float64Array, samples: number): Value[] {
  const { mean, standardError } = meanAndError(rows);
  const bits = bitsOf(model, mean);
  const kind = 'estimate';
  return [
    { name: 'nll', kind, value: mean, standardError, samples },
    ...(bits === undefined ? [] : [{ name: 'bitsPerDim', kind, value: bits, samples } as const]),
  ];
}

async function klFigures({ run: { vae }, signal }: TaskContext, data: Dataset, seed: number): Promise<Value[]> {
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

async function mmdFigures({ run: { vae }, signal }: TaskContext, data: Dataset, seed: number): Promise<Value[]> {
  signal?.throwIfAborted();
  const estimate = await aggregatedPosteriorMmd(vae, data, seed);
  if (estimate === undefined) return [];
  const { mmd: value, standardError, rows } = estimate;
  return [{ name: 'aggregatedPosteriorMmd', kind: 'estimate', value, standardError, rows }];
}

async function sampleFigures(context: TaskContext, data: Dataset, seed: number): Promise<Value[]> {
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

async function reconstructionFigures({ run: { vae, config }, signal }: TaskContext, data: Dataset): Promise<Value[]> {
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
async function labelFigures(context: TaskContext, data: Dataset): Promise<Value[]> {
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

async function probeFigures(context: TaskContext, data: Dataset, source: EvaluateInput['data']): Promise<Value[]> {
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
async function disentanglementFigures(
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

function expectFactors(data: Dataset): void {
  if (hasFactors(data)) return;
  throw new LatentkitError(
    'usage',
    `evaluate: disentanglement: expected data whose true factors are known, such as sprites; ${data.name} does not say what ` +
      'made its rows. Leave it out.',
  );
}

function expectDensity({ posterior }: ModelSpec): void {
  if (posteriors[posterior.type].density) return;
  throw new LatentkitError(
    'usage',
    `evaluate: nll: the posterior "${posterior.type}" has no density, so there is no estimate of −log p(x); leave it out.`,
  );
}

/** What the doctor of training said last. */
async function doctorWords({ run: { folder } }: TaskContext): Promise<string[]> {
  const notes = folder === undefined ? [] : standingNotes(await readMetrics(folder));
  return notes.map(note => noteSentences(note).join(' '));
}

/** Adds the figures to the run's ledger; false where there is no folder, or none that can be written. */
async function record({ run: { folder } }: TaskContext, figures: readonly Figure[]): Promise<boolean> {
  if (folder === undefined) return false;
  try {
    await appendToLedger(folder, { parameters: await parametersHash(folder), figures });
    return true;
  } catch (error) {
    if (error instanceof LatentkitError && error.code === 'io') return false;
    throw error;
  }
}

// How good a model is on data, each figure with its kind: the bound, and where asked for the importance-weighted estimate of
// −log p(x), the reconstructions' quality and what the codes tell.

import { z } from 'zod';
import {
  appendToLedger,
  figureSchema,
  noteSentences,
  parametersHash,
  readMetrics,
  standingNotes,
} from '../artifact/index.ts';
import { type Dataset, hasFactors } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import {
  activeUnits,
  encodeAll,
  type Figure,
  type FigureMeasure,
  klPerDimension,
  figures as known,
  meanAndError,
  rowBounds,
  rowNlls,
} from '../evaluate/index.ts';
import { type Binarization, likelihoods, type ModelSpec, posteriors } from '../models/index.ts';
import {
  asSeen,
  type Bound,
  boundFigures,
  disentanglementFigures,
  kindOf,
  klFigures,
  labelFigures,
  mmdFigures,
  nllFigures,
  probeFigures,
  reconstructionFigures,
  sampleFigures,
  type Value,
} from './evaluation-figures.ts';
import { datasetOf, type RowsInput, rowsFields } from './rows.ts';
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

// Anomalies: rows that the model does not know the like of. How high a score has to be is set without a labelled anomaly, by
// held-out normal rows; what is flagged is taken apart, and the rows as a whole are compared with those of training.

import { z } from 'zod';
import { classCount, type Dataset, hostRowsAt, type Labels } from '../data/index.ts';
import {
  conformalPValue,
  type Drift,
  detectDrift,
  type HeldOutFacts,
  type Ranking,
  rankingOf,
  type ScoreName,
  scoreRows,
  setThreshold,
  type Threshold,
  type ThresholdRule,
  type Verdict,
  vectorsOf,
  verdictOn,
} from '../detection/index.ts';
import { LatentkitError } from '../errors.ts';
import type { TrainedVae } from '../models/index.ts';
import { float32, type HostTensor } from '../runtime/index.ts';
import { didYouMean } from '../suggest.ts';
import { detectorFor } from './detector.ts';
import { datasetOf, type RowsInput, rowsFields, toUnitScale } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor } from './tensors.ts';

/** Which scores there are; one that is missing here does not compile. */
const known: Readonly<Record<ScoreName, true>> = {
  combined: true,
  nearest: true,
  reconstructionError: true,
  reconstructionProbability: true,
  negElbo: true,
  negIwae: true,
  mahalanobis: true,
  knn: true,
  likelihoodRegret: true,
};

const scoreNames = Object.keys(known) as ScoreName[];

const methods = ['conformal', 'peaksOverThreshold', 'benjaminiHochberg', 'contamination', 'score'] as const;

/** How verdicts are reached; shared by the task and by streams of rows. */
export interface VerdictInput {
  /** What rows are judged by. Default `combined`. */
  readonly score?: ScoreName | undefined;
  /** How the threshold is set: by default as the one of the next four fields says that is given, else `conformal`. */
  readonly method?: ThresholdRule['method'] | undefined;
  /** Of `conformal` and `peaksOverThreshold`: the share of normal rows that may be called anomalies. Default 0.01. */
  readonly falseAlarmRate?: number | undefined;
  /** Of `benjaminiHochberg`: the share of normal rows among those called anomalies. Default 0.1. */
  readonly falseDiscoveryRate?: number | undefined;
  /** Of `contamination`: the share of the rows to call anomalies. */
  readonly contamination?: number | undefined;
  /** Of `score`: the threshold itself. */
  readonly threshold?: number | undefined;
  /** The p-value up to which a row that is no anomaly is called unsure. Default: none is. */
  readonly unsure?: number | undefined;
}

export interface DetectInput extends RowsInput, VerdictInput {
  /** Every score beside the one that rows are judged by. */
  readonly every?: boolean | undefined;
  /** The classes of the data that are normal, by name or number: the others are anomalies, and the ranking is measured. */
  readonly normal?: readonly (string | number)[] | undefined;
  /** Of how many rows that score highest the scores are taken apart. Default 10. */
  readonly limit?: number | undefined;
}

/** The rows that score highest, the highest first, and why. */
export interface Worst {
  /** Their places in the data. */
  readonly rows: readonly number[];
  /** [n, ...shape]: on the scale of [0, 1]; a table's on their columns' own. */
  readonly values: HostTensor<'float32'>;
  /** What the model expected instead, as the values. */
  readonly expected: HostTensor<'float32'>;
  /** What each number adds to −log p(x|z), in nats: summed, the score's reconstruction term. */
  readonly terms: HostTensor<'float32'>;
  /** The same less what it adds to that of held-out normal rows, on average. */
  readonly excess: HostTensor<'float32'>;
}

export interface Detected {
  readonly data: string;
  readonly rows: number;
  /** What rows were judged by. */
  readonly score: ScoreName;
  /** Of each row; higher is more anomalous. The one judged by, and with `every` the others. */
  readonly scores: Readonly<Partial<Record<ScoreName, Float64Array>>>;
  /** Conformal: of so many held-out normal rows as this share says, none or few score as high. */
  readonly pValues: Float64Array;
  readonly verdicts: readonly Verdict[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly threshold: Threshold;
  /** Scores of the held-out normal rows that it was set by, ascending. */
  readonly calibration: Float64Array;
  /** Where it is known which rows are anomalies: figures of the score, over all thresholds. */
  readonly ranking?: (Ranking & { readonly normal: readonly string[] }) | undefined;
  /** Whether the rows as a whole look like held-out ones; of 20 rows or more. */
  readonly drift?: Drift | undefined;
  readonly worst: Worst;
}

const share = z.number().gt(0).max(0.5);

/** The fields of {@link VerdictInput}. */
const verdictFields = {
  score: z.enum(scoreNames).default('combined').describe('what rows are judged by'),
  method: z
    .enum(methods)
    .optional()
    .describe('how the threshold is set (default: as the option says that is given, else conformal)'),
  falseAlarmRate: share.optional().describe('share of normal rows that may be called anomalies (default: 0.01)'),
  falseDiscoveryRate: share
    .optional()
    .describe('share of normal rows among those called anomalies (Benjamini–Hochberg; default: 0.1)'),
  contamination: share.optional().describe('share of the rows to call anomalies'),
  threshold: z.number().optional().describe('score above which a row is an anomaly'),
  unsure: z.number().gt(0).lt(1).optional().describe('p-value up to which a row that is no anomaly is called unsure'),
};

const input: z.ZodType<Filled<DetectInput, 'split' | 'score' | 'every' | 'limit'>, DetectInput> = z.strictObject({
  ...rowsFields,
  ...verdictFields,
  every: z.boolean().default(false).describe('give every score, not only the one that rows are judged by'),
  normal: z
    .array(z.union([z.string(), z.int()]))
    .min(1)
    .optional()
    .describe('classes that are normal, by name or number: the others are anomalies, and ROC and PR are measured'),
  limit: z.int().min(1).max(1000).default(10).describe('of how many rows that score highest to say why'),
});

const numbers = z.instanceof(Float64Array);
const score = z.number().or(z.literal([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]));
const curve = z.object({ x: numbers, y: numbers });

const output: z.ZodType<Detected> = z.object({
  data: z.string(),
  rows: z.int(),
  score: z.enum(scoreNames),
  scores: z.partialRecord(z.enum(scoreNames), numbers),
  pValues: numbers,
  verdicts: z.array(z.enum(['normal', 'unsure', 'anomaly'])),
  counts: z.object({ normal: z.int(), unsure: z.int(), anomaly: z.int() }),
  threshold: z.object({
    method: z.enum(methods),
    anomalyAbove: score,
    unsureAbove: score,
    falseAlarmRate: z.number().optional(),
    falseAlarmDeviation: z.number().optional(),
    smallestRate: z.number(),
    calibrationRows: z.int(),
    notes: z.array(z.string()),
  }),
  calibration: numbers,
  ranking: z
    .object({
      normal: z.array(z.string()),
      anomalies: z.int(),
      rows: z.int(),
      auroc: z.number(),
      aurocError: z.number(),
      averagePrecision: z.number(),
      roc: curve,
      precisionRecall: curve,
    })
    .optional(),
  drift: z
    .object({
      drifted: z.boolean(),
      level: z.number(),
      rows: z.int(),
      referenceRows: z.int(),
      tests: z.array(
        z.object({
          name: z.string(),
          of: z.enum(['scores', 'codes', 'column', 'missing']),
          test: z.enum(['Kolmogorov–Smirnov', 'energy distance', 'chi-square']),
          statistic: z.number(),
          pValue: z.number(),
          adjusted: z.number(),
        }),
      ),
    })
    .optional(),
  worst: z.object({
    rows: z.array(z.int()),
    values: float32Tensor,
    expected: float32Tensor,
    terms: float32Tensor,
    excess: float32Tensor,
  }),
});

export const detect: Task<DetectInput, Detected> = defineTask({
  name: 'detect',
  summary: summaries.detect,
  example: 'detect runs/people new.csv --false-alarm-rate 0.01 --out scores.csv --report report.html',
  input,
  output,
  async run(context, { data: source, split, every, normal, limit, ...given }) {
    const { vae } = context.run;
    const { score } = given;
    const rule = ruleOf(given);
    const data = await datasetOf(context, { data: source, split });
    const anomalous = anomaliesOf(data, normal);
    const { detector, heldOut, calibration } = await detectorFor({ ...context, progress: undefined }, score);
    try {
      const names = every ? [score, ...detector.names.filter(name => name !== score)] : [score];
      const scores = await scoreRows(detector, data, names, context);
      const own = scores[score]!;
      const threshold = setThreshold(rule, calibration, own, given.unsure);
      const verdicts = Array.from(own, value => verdictOn(value, threshold));
      const ranking = anomalous && rankingOf(own, anomalous.flags);
      return {
        data: data.name,
        rows: data.size,
        score,
        scores,
        pValues: own.map(value => conformalPValue(calibration, value)),
        verdicts,
        counts: countsOf(verdicts),
        threshold,
        calibration,
        ...(ranking && { ranking: { ...ranking, normal: anomalous.normal } }),
        ...(await driftOf(vae, data, own, calibration, heldOut)),
        worst: await worstOf(vae, data, highest(own, limit), heldOut),
      };
    } finally {
      await detector.dispose();
    }
  },
});

/** What belongs to each method, beside its name. */
const parameters = {
  conformal: 'falseAlarmRate',
  peaksOverThreshold: 'falseAlarmRate',
  benjaminiHochberg: 'falseDiscoveryRate',
  contamination: 'contamination',
  score: 'threshold',
} as const satisfies Record<ThresholdRule['method'], keyof VerdictInput>;

/** How the threshold is set. Throws a LatentkitError `usage` where fields do not go together, or one is missing. */
export function ruleOf(input: VerdictInput): ThresholdRule {
  const given = [...new Set(Object.values(parameters))].filter(name => input[name] !== undefined);
  const method = input.method ?? methods.find(name => parameters[name] === given[0]) ?? 'conformal';
  const stray = given.find(name => name !== parameters[method]);
  if (stray !== undefined) {
    throw new LatentkitError(
      'usage',
      `detect: expected no other way to set the threshold beside the method "${method}", got ${stray}. Give one of: ${given.join(', ')}.`,
    );
  }
  const { falseAlarmRate, falseDiscoveryRate = 0.1, contamination, threshold } = input;
  if (method === 'conformal' || method === 'peaksOverThreshold') return { method, falseAlarmRate };
  if (method === 'benjaminiHochberg') return { method, falseDiscoveryRate };
  if (method === 'contamination' && contamination !== undefined) return { method, contamination };
  if (method === 'score' && threshold !== undefined) return { method, score: threshold };
  throw new LatentkitError('usage', `detect: the method "${method}" needs ${parameters[method]}. Give it.`);
}

/** Which rows are anomalies, by their classes; undefined where nobody said. */
function anomaliesOf(
  { name, labels }: Dataset,
  normal: DetectInput['normal'],
): { readonly flags: Uint8Array; readonly normal: readonly string[] } | undefined {
  if (normal === undefined) return undefined;
  if (labels === undefined) {
    throw new LatentkitError(
      'data',
      `normal: expected ${name} to have classes, got none. Leave "normal" out, or give data with labels.`,
    );
  }
  const classes = new Set(normal.map(one => classOf(one, labels)));
  const named = [...classes].map(number => labels.names?.[number] ?? `${number}`);
  return { flags: Uint8Array.from(labels.values, value => Number(!classes.has(value))), normal: named };
}

function classOf(given: string | number, labels: Labels): number {
  const count = classCount(labels);
  const names = labels.names ?? Array.from({ length: count }, (_, i) => `${i}`);
  const number = names.includes(`${given}`) ? names.indexOf(`${given}`) : Number(given);
  if (Number.isInteger(number) && number >= 0 && number < count) return number;
  throw new LatentkitError(
    'usage',
    `normal: expected classes of the data: ${names.slice(0, 20).join(', ')}, or their numbers; got ${JSON.stringify(given)}.${didYouMean(`${given}`, names)}`,
  );
}

function countsOf(verdicts: readonly Verdict[]): Record<Verdict, number> {
  const counts = { normal: 0, unsure: 0, anomaly: 0 };
  for (const verdict of verdicts) counts[verdict]++;
  return counts;
}

/** The rows of the highest scores, the highest first. */
function highest(scores: Float64Array, count: number): number[] {
  const order = Uint32Array.from(scores, (_, i) => i);
  const high = (row: number): number => (Number.isNaN(scores[row]) ? Number.POSITIVE_INFINITY : scores[row]!);
  return [...order.sort((a, b) => high(b) - high(a) || a - b).subarray(0, count)];
}

const leastDrifting = 20;

async function driftOf(
  vae: TrainedVae,
  data: Dataset,
  scores: Float64Array,
  calibration: Float64Array,
  heldOut: HeldOutFacts,
): Promise<Pick<Detected, 'drift'>> {
  if (data.size < leastDrifting) return {};
  const today = { scores, ...(await vectorsOf(vae, data)) };
  return { drift: detectDrift({ scores: calibration, ...heldOut }, today, vae.model.spec.input.columns) };
}

async function worstOf(
  vae: TrainedVae,
  data: Dataset,
  rows: readonly number[],
  { usual }: HeldOutFacts,
): Promise<Worst> {
  const x = await hostRowsAt(data, rows);
  const { terms, expected } = await vae.run('attribution', x);
  const { columns, range } = vae.model.spec.input;
  const values = columns ? float32(Float32Array.from(x.data), x.shape) : toUnitScale(x, range);
  const excess = terms!.data.map((term, i) => term - usual[i % usual.length]!);
  return { rows, values, expected: expected!, terms: terms!, excess: float32(excess, x.shape) };
}

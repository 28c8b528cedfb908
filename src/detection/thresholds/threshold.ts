// From scores to verdicts: each way to set a threshold gives a score above which a row is called an anomaly, and what it
// promises. None needs an anomaly, let alone a labelled one; all are made of held-out normal scores that are kept, so they
// are changed without training again.

import { LatentkitError } from '../../errors.ts';
import {
  benjaminiHochberg,
  conformalPValue,
  conformalThreshold,
  falseAlarms,
  smallestRate,
  sortedScores,
} from './conformal.ts';
import { fitTail, tailQuantile } from './peaks-over-threshold.ts';

/** How the threshold is set. Those of a batch need all rows that are to be judged; the others judge each row for itself. */
export type ThresholdRule =
  /** Of normal rows at most this share is called anomalies. Without a rate: 1 %, or the smallest that the rows can promise. */
  | { readonly method: 'conformal'; readonly falseAlarmRate?: number | undefined }
  /** The same by a fitted tail, for rates below what the held-out rows can show; a model of the tail, not a promise. */
  | { readonly method: 'peaksOverThreshold'; readonly falseAlarmRate?: number | undefined }
  /** Of a batch: of the rows called anomalies, at most this share is normal. */
  | { readonly method: 'benjaminiHochberg'; readonly falseDiscoveryRate: number }
  /** Of a batch: the share that scores highest. */
  | { readonly method: 'contamination'; readonly contamination: number }
  /** A score that someone chose. */
  | { readonly method: 'score'; readonly score: number };

/** A threshold and what is known of it. */
export interface Threshold {
  readonly method: ThresholdRule['method'];
  /** A row that scores higher is an anomaly; infinite where none can be called one. */
  readonly anomalyAbove: number;
  /** A row that scores higher, and not so high, is called unsure; equal to `anomalyAbove` where there is no such zone. */
  readonly unsureAbove: number;
  /** The share of normal rows that is expected to be called anomalies, where the method says it. */
  readonly falseAlarmRate?: number | undefined;
  /** How much that share differs between calibration sets of this size: a standard deviation. */
  readonly falseAlarmDeviation?: number | undefined;
  /** The smallest rate that the held-out rows can promise: 1 / (rows + 1). */
  readonly smallestRate: number;
  /** Held-out rows. */
  readonly calibrationRows: number;
  /** What to know before relying on it. */
  readonly notes: readonly string[];
}

const defaultRate = 0.01;

/**
 * Sets a threshold.
 *
 * @param calibration scores of held-out normal rows, as `sortedScores` gives them.
 * @param scores those that are to be judged; a batch method needs all of them.
 * @param unsure p-values up to this one that are not called anomalies are called unsure.
 * @throws LatentkitError `usage` where the held-out rows are too few for the rate asked for, or `unsure` leaves no zone.
 */
export function setThreshold(
  rule: ThresholdRule,
  calibration: Float64Array,
  scores: ArrayLike<number>,
  unsure?: number,
): Threshold {
  const rows = calibration.length;
  const { anomalyAbove, notes = [], ...promise } = rules[rule.method](rule as never, calibration, scores);
  const unsureAbove = unsure === undefined ? anomalyAbove : conformalThreshold(calibration, unsure);
  if (unsureAbove > anomalyAbove || (unsure !== undefined && unsure <= (promise.falseAlarmRate ?? 0))) {
    throw new LatentkitError(
      'usage',
      `unsure: expected a p-value beyond that of an anomaly${promise.falseAlarmRate === undefined ? '' : `, which is ${percent(promise.falseAlarmRate)} here`}, ` +
        `got ${unsure}. Choose a larger one, or leave it out.`,
    );
  }
  const common = { calibrationRows: rows, smallestRate: smallestRate(rows) };
  return { method: rule.method, anomalyAbove, unsureAbove, ...promise, ...common, notes };
}

type Found = Pick<Threshold, 'anomalyAbove' | 'falseAlarmRate' | 'falseAlarmDeviation'> & {
  readonly notes?: readonly string[];
};

type Rules = {
  readonly [M in ThresholdRule['method']]: (
    rule: Extract<ThresholdRule, { readonly method: M }>,
    calibration: Float64Array,
    scores: ArrayLike<number>,
  ) => Found;
};

const rules: Rules = {
  conformal({ falseAlarmRate: asked }, calibration) {
    const smallest = smallestRate(calibration.length);
    const rate = asked ?? Math.max(defaultRate, smallest);
    if (rate < smallest) throw tooFewRows(calibration.length, rate);
    const { mean, deviation } = falseAlarms(calibration.length, rate);
    const note = `${calibration.length} held-out rows cannot promise fewer false alarms than ${percent(smallest)}; this is the rate taken instead of ${percent(defaultRate)}.`;
    return {
      anomalyAbove: conformalThreshold(calibration, rate),
      falseAlarmRate: mean,
      falseAlarmDeviation: deviation,
      ...(asked === undefined && smallest > defaultRate && { notes: [note] }),
    };
  },
  peaksOverThreshold({ falseAlarmRate: rate = defaultRate }, calibration) {
    const tail = fitTail(calibration);
    const within = rate >= tail.share;
    return {
      anomalyAbove: within ? conformalThreshold(calibration, rate) : tailQuantile(tail, rate),
      falseAlarmRate: rate,
      ...(within && { notes: ['The rate lies within what the held-out rows show: no tail was needed.'] }),
    };
  },
  benjaminiHochberg({ falseDiscoveryRate }, calibration, scores) {
    const pValues = Float64Array.from(scores, score => conformalPValue(calibration, score));
    const cut = benjaminiHochberg(pValues, falseDiscoveryRate);
    const smallest = smallestRate(calibration.length);
    const needed = Math.ceil((smallest * scores.length) / falseDiscoveryRate - 1e-9);
    const note = `${calibration.length} held-out rows give no p-value below ${percent(smallest)}: among ${scores.length} rows, fewer than ${needed} anomalies cannot be told at this level.`;
    return {
      anomalyAbove: cut === 0 ? Number.POSITIVE_INFINITY : conformalThreshold(calibration, cut),
      ...(needed > 1 && { notes: [note] }),
    };
  },
  contamination({ contamination }, _, scores) {
    const ascending = sortedScores(scores);
    const among = Math.round(contamination * ascending.length);
    return { anomalyAbove: ascending[ascending.length - among - 1] ?? Number.NEGATIVE_INFINITY };
  },
  score: ({ score }, calibration) => ({
    anomalyAbove: score,
    notes: [
      `Of the held-out normal rows, ${percent(calibration.filter(other => other > score).length / calibration.length)} score higher.`,
    ],
  }),
};

/** What a row is taken for. */
export type Verdict = 'normal' | 'unsure' | 'anomaly';

/** The verdict on a score; one that is no number is an anomaly's wherever there can be one. */
export function verdictOn(score: number, { anomalyAbove, unsureAbove }: Threshold): Verdict {
  const higher = Number.isNaN(score) ? Number.POSITIVE_INFINITY : score;
  if (higher > anomalyAbove) return 'anomaly';
  return higher > unsureAbove ? 'unsure' : 'normal';
}

function tooFewRows(rows: number, rate: number): LatentkitError {
  return new LatentkitError(
    'usage',
    `falseAlarmRate: ${rows} held-out rows can promise a rate of ${percent(smallestRate(rows))} or more, got ${percent(rate)}, ` +
      `which takes ${Math.ceil(1 / rate - 1e-9) - 1}. Set more rows aside for validation, allow more false alarms, or choose the ` +
      'method "peaksOverThreshold", which extrapolates.',
  );
}

/** 1 %, 0.25 % */
function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

// Verdicts on rows as they come: what `detect` says of a whole data set, opened once and asked of a few rows at a time.

import {
  conformalPValue,
  type ScoreName,
  setThreshold,
  type Threshold,
  type Verdict,
  verdictOn,
} from '../detection/index.ts';
import { LatentkitError } from '../errors.ts';
import type { RowTensor } from '../runtime/index.ts';
import { ruleOf, type VerdictInput } from './detect.ts';
import { detectorFor } from './detector.ts';
import type { OpenedRun, TaskOptions } from './task.ts';

/** What is said of some rows, in their order. */
export interface Judged {
  readonly scores: Float64Array;
  readonly pValues: Float64Array;
  readonly verdicts: readonly Verdict[];
}

/** A detector with its threshold set. */
export interface Judge {
  readonly score: ScoreName;
  readonly threshold: Threshold;
  /** Judges rows as the model takes them, [n, ...input shape]; the same row always alike. */
  judge(rows: RowTensor): Promise<Judged>;
  /** Frees what was compiled. */
  dispose(): Promise<void>;
}

/**
 * Opens a judge of single rows.
 *
 * @throws LatentkitError `usage` where the threshold is to be set by a batch of rows, `data` as the task `detect`.
 * @example
 * const judge = await openJudge(await load('runs/people'), { falseAlarmRate: 0.001 });
 * const { verdicts } = await judge.judge(await hostRows(data, 0, 100));
 */
export async function openJudge(run: OpenedRun, input: VerdictInput = {}, options: TaskOptions = {}): Promise<Judge> {
  const rule = ruleOf(input);
  if (rule.method === 'benjaminiHochberg' || rule.method === 'contamination') {
    throw new LatentkitError(
      'usage',
      `detect: the method "${rule.method}" judges a batch of rows as a whole, which a stream is not. Choose conformal, ` +
        'peaksOverThreshold or score.',
    );
  }
  const { score = 'combined' } = input;
  const { detector, calibration } = await detectorFor({ ...options, run }, score);
  const threshold = setThreshold(rule, calibration, [], input.unsure);
  return {
    score,
    threshold,
    async judge(rows) {
      const { [score]: found } = await detector.score(rows, [score]);
      const scores = found!.map(Math.fround);
      return {
        scores,
        pValues: scores.map(value => conformalPValue(calibration, value)),
        verdicts: Array.from(scores, value => verdictOn(value, threshold)),
      };
    },
    dispose: () => detector.dispose(),
  };
}

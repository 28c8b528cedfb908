// Deviations that are as large as errors turn out to be: rows that the model was not trained on are hidden in the same
// manner, completed, and compared with what they are.

import { LatentkitError } from '../errors.ts';
import type { TrainedVae } from '../models/index.ts';
import { float32, type RowTensor } from '../runtime/index.ts';
import { type CompleteOptions, type Completions, completeRows } from './complete.ts';
import { type ErrorCurve, expectedSquaredError, fitErrorCurve } from './error-curve.ts';

/** Whether the numbers of a row share a scale, so that one curve can hold the errors of all of them. */
export function canBeCalibrated({ model }: TrainedVae): boolean {
  return model.spec.input.columns === undefined;
}

/**
 * Measures the errors of completions on held-out rows, to `calibrate` others by.
 *
 * @param y [rows, ...shape]: hidden, or through noise, as the rows will be that are to be calibrated. Some 64 rows do.
 * @param whole the same rows, clean and whole.
 * @param options those of the completions to be calibrated.
 * @throws LatentkitError `usage` of a table, or where nothing is uncertain.
 */
export async function measureErrors(
  vae: TrainedVae,
  y: RowTensor<'float32'>,
  whole: RowTensor<'float32'>,
  options: Omit<CompleteOptions, 'truth'> = {},
): Promise<ErrorCurve> {
  const refuse = (got: string): LatentkitError =>
    new LatentkitError(
      'usage',
      `errors of completions: expected rows that are hidden in part, and the same whole, got ${got}.`,
    );
  if (!canBeCalibrated(vae)) throw refuse('those of a table, whose columns have scales of their own');
  if (whole.shape.join() !== y.shape.join()) throw refuse(`[${y.shape.join(', ')}] and [${whole.shape.join(', ')}]`);
  const { mean, deviation } = await completeRows(vae, y, options);
  const uncertain = [...y.data.keys()].filter(i => isUncertain(y.data[i]!, deviation.data[i]!));
  if (uncertain.length === 0) throw refuse(`[${y.shape.join(', ')}] of which nothing is hidden`);
  return fitErrorCurve(
    Float64Array.from(uncertain, i => deviation.data[i]! ** 2),
    Float64Array.from(uncertain, i => (mean.data[i]! - whole.data[i]!) ** 2),
  );
}

/** The deviations that errors on held-out rows say, in the place of the model's own. */
export function calibrate(
  { deviation }: Pick<Completions, 'deviation'>,
  y: RowTensor<'float32'>,
  errors: ErrorCurve,
): Completions['deviation'] {
  return float32(
    deviation.data.map((own, i) =>
      isUncertain(y.data[i]!, own) ? Math.sqrt(expectedSquaredError(errors, own ** 2)) : 0,
    ),
    deviation.shape,
  );
}

/** A hidden number's own deviation may be 0 by rounding. */
function isUncertain(y: number, deviation: number): boolean {
  return Number.isNaN(y) || deviation > 0;
}

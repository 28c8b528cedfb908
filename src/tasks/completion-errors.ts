// How large the errors of completions are where so much uncertainty is predicted: measured on held-out rows of which the
// same is hidden, and kept with the run by what was hidden and how it was completed.

import { type Dataset, hostRowsAt } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import {
  type CompleteOptions,
  canBeCalibrated,
  type ErrorCurve,
  measureErrors,
  readErrorCurve,
  writeErrorCurve,
} from '../inference/index.ts';
import { float32, type HostTensor, type RowTensor } from '../runtime/index.ts';
import { sha256Hex } from '../sha256.ts';
import { prepareRows } from '../train/index.ts';
import { splitsOf, toUnitScale } from './rows.ts';
import { keep } from './sampler.ts';
import type { TaskContext } from './task.ts';

/** What was done to the rows whose errors are to be known. */
interface Manner extends Pick<CompleteOptions, 'method' | 'chains' | 'draws' | 'classes'> {
  /** Of each number of the held-out rows, 1 where it is hidden. */
  readonly hidden: Uint8Array;
  /** How many rows of the validation split at most. */
  readonly rows: number;
}

/**
 * The errors of completions of the run's validation rows, spread evenly over that split. Undefined of a table, where
 * nothing is hidden, and where neither the curve was kept nor the data are to be had.
 */
export async function errorsOfCompletions(context: TaskContext, manner: Manner): Promise<ErrorCurve | undefined> {
  const { vae, folder } = context.run;
  const { hidden, rows, ...options } = manner;
  if (!canBeCalibrated(vae) || !hidden.includes(1)) return undefined;
  const name = sha256Hex(`${JSON.stringify({ rows, ...options })} ${sha256Hex(hidden)}`).slice(0, 16);
  const known = folder && (await readErrorCurve(folder, name));
  if (known !== undefined) return known;
  const data = await heldOutRows(context);
  if (data === undefined) return undefined;
  const count = Math.min(rows, data.size);
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * data.size) / count));
  const held = await hostRowsAt(data, chosen);
  const whole = toUnitScale(held, context.run.config.model.input.range);
  const { signal, progress } = context;
  const errors = await measureErrors(vae, hide(held, whole, hidden), whole, { ...options, signal, progress });
  if (folder !== undefined) await keep(() => writeErrorCurve(folder, name, errors));
  return errors;
}

/** Rows with what they are told of, and of their numbers on the scale of [0, 1] those that are seen. */
export function hide(
  rows: RowTensor,
  { data, shape }: HostTensor<'float32'>,
  hidden: Uint8Array,
): RowTensor<'float32'> {
  return {
    ...rows,
    ...float32(
      data.map((value, i) => (hidden[i] === 1 ? Number.NaN : value)),
      shape,
    ),
  };
}

async function heldOutRows(context: TaskContext): Promise<Dataset | undefined> {
  try {
    const { validation } = context.data ?? (await splitsOf(context.run));
    return prepareRows(validation, context.run.vae.model.spec);
  } catch (error) {
    // The model completes rows without its data as well, and then says of its uncertainty that it is not calibrated.
    if (error instanceof LatentkitError && (error.code === 'data' || error.code === 'io')) return undefined;
    throw error;
  }
}

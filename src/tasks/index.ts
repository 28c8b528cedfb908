// Tasks: what a trained model is used for. Each is a function of a run, and carries its own description.

import { embed } from './embed.ts';
import { evaluate } from './evaluate.ts';
import { exportModel } from './export.ts';
import { generate } from './generate.ts';
import { inspect } from './inspect.ts';
import { interpolate } from './interpolate.ts';
import { reconstruct } from './reconstruct.ts';
import { verify } from './verify.ts';

export {
  type ComparedColumn,
  type CompareInput,
  type Comparison,
  type Contender,
  compare,
  compareInput,
  type Unlike,
} from './compare.ts';
export { type Embedded, type EmbedInput, embed } from './embed.ts';
export { type EvaluateInput, type Evaluation, evaluate } from './evaluate.ts';
export { type Exported, exportModel } from './export.ts';
export { type Generated, type GenerateInput, generate } from './generate.ts';
export { type Inspection, inspect } from './inspect.ts';
export { type Interpolated, type InterpolateInput, interpolate } from './interpolate.ts';
export { type LoadOptions, load } from './open.ts';
export { type Reconstructed, type ReconstructInput, reconstruct } from './reconstruct.ts';
export type { RowsInput } from './rows.ts';
export type { TaskName } from './summaries.ts';
export {
  defineTask,
  type NoInput,
  type OpenedRun,
  type Task,
  type TaskContext,
  type TaskDefinition,
  type TaskOptions,
} from './task.ts';
export { verify } from './verify.ts';

/** All tasks by name: what faces such as the command line are made of. */
export const tasks: {
  readonly evaluate: typeof evaluate;
  readonly generate: typeof generate;
  readonly reconstruct: typeof reconstruct;
  readonly interpolate: typeof interpolate;
  readonly embed: typeof embed;
  readonly export: typeof exportModel;
  readonly verify: typeof verify;
  readonly inspect: typeof inspect;
} = { evaluate, generate, reconstruct, interpolate, embed, export: exportModel, verify, inspect };

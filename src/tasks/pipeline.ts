// A task bound to a run: the habit of those who come from transformers.js or Python's transformers.

import type { Folder } from '../artifact/index.ts';
import { LatentkitError } from '../errors.ts';
import { didYouMean } from '../suggest.ts';
import { type LoadOptions, load } from './open.ts';
import { tasks } from './table.ts';
import type { OpenedRun, Task, TaskOptions } from './task.ts';

type Tasks = typeof tasks;

/** Other names of tasks, as they are called elsewhere. */
const aliases: {
  readonly 'anomaly-detection': 'detect';
  readonly 'feature-extraction': 'embed';
  readonly 'image-generation': 'generate';
  readonly inpainting: 'complete';
} = {
  'anomaly-detection': 'detect',
  'feature-extraction': 'embed',
  'image-generation': 'generate',
  inpainting: 'complete',
};

type Aliases = typeof aliases;

/** What a pipeline may be asked for. */
export type PipelineName = keyof Tasks | keyof Aliases;

type TaskOf<N extends PipelineName> = N extends keyof Aliases
  ? Tasks[Aliases[N]]
  : N extends keyof Tasks
    ? Tasks[N]
    : never;

/** A task of one run. A text as input is short for `{ data: text }`: a path, or the name of a data set. */
export interface Pipeline<Given, Output> {
  (input?: Given | string, options?: TaskOptions): Promise<Output>;
  readonly run: OpenedRun;
  /** Frees the model. */
  dispose(): Promise<void>;
}

type PipelineOf<T> = T extends Task<infer Given, infer Output> ? Pipeline<Given, Output> : never;

/**
 * Opens a run for one task.
 *
 * @throws LatentkitError `usage` where there is no such task, and whatever `load` throws.
 * @example
 * const detect = await pipeline('anomaly-detection', 'runs/machines');
 * const { verdicts } = await detect('today.csv');
 */
export async function pipeline<N extends PipelineName>(
  name: N,
  run: string | Folder | OpenedRun,
  options?: LoadOptions,
): Promise<PipelineOf<TaskOf<N>>> {
  const task = taskOf(name);
  const opened = typeof run === 'object' && 'vae' in run ? run : await load(run, options);
  const call = (input?: object | string, given?: TaskOptions): Promise<object> =>
    task(opened, typeof input === 'string' ? { data: input } : input, given);
  return Object.assign(call, { run: opened, dispose: () => opened.vae.dispose() }) as PipelineOf<TaskOf<N>>;
}

/** A task with the types of its input and output forgotten. */
function taskOf(name: string): Task<object, object> {
  const known = Object.hasOwn(aliases, name) ? aliases[name as keyof Aliases] : name;
  if (Object.hasOwn(tasks, known)) return tasks[known as keyof Tasks] as unknown as Task<object, object>;
  const names = [...Object.keys(tasks), ...Object.keys(aliases)];
  throw new LatentkitError(
    'usage',
    `pipeline: expected one of: ${names.join(', ')}; got "${name}".${didYouMean(name, names)}`,
  );
}

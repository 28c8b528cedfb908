// What a trained model is used for. A task is defined once, as data and one function; the library function, the command,
// and whatever other face there is come from that definition, so they take the same options and give the same numbers.

import { z } from 'zod';
import type { Folder, RunConfig } from '../artifact/index.ts';
import type { DataSplits, Dataset } from '../data/index.ts';
import type { TrainedVae } from '../models/index.ts';
import { parseSpec } from '../schema.ts';
import type { TaskName } from './summaries.ts';

/** A trained model with its history: what `load` opens, and what `fit` and `resume` return. */
export interface OpenedRun {
  readonly config: RunConfig;
  readonly vae: TrainedVae;
  readonly folder?: Folder | undefined;
}

/** What a call may be told beside the task's input, without changing its result. */
export interface TaskOptions {
  /** The run's data, where the program has them already; otherwise they are loaded from where the run says. */
  readonly data?: DataSplits | undefined;
  /** The rows to work on, instead of those of a split. */
  readonly rows?: Dataset | undefined;
  /** Aborting ends the task between two batches with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told the share that is done, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
  /** Told, a sentence each, what was left out of data that are read for the task, or taken as missing. */
  readonly note?: ((sentence: string) => void) | undefined;
}

/** What a task works on. */
export interface TaskContext extends TaskOptions {
  readonly run: OpenedRun;
}

/** A task as it is written. */
export interface TaskDefinition<Input, Given, Output> {
  readonly name: TaskName;
  /** One line: what it does. */
  readonly summary: string;
  /** A command line, without the `latentkit` in front. */
  readonly example: string;
  /** An object whose fields have descriptions and defaults: help, forms and API descriptions are made of it. */
  readonly input: z.ZodType<Input, Given>;
  /** Plain data: numbers, texts, host tensors, bytes. */
  readonly output: z.ZodType<Output>;
  run(context: TaskContext, input: Input): Promise<Output>;
}

/** A task as it is used: a function of a run, which carries its own description. */
export interface Task<Given, Output> {
  /** @throws LatentkitError `spec` where a field of the input is wrong. */
  (run: OpenedRun, input?: Given, options?: TaskOptions): Promise<Output>;
  readonly name: TaskName;
  readonly summary: string;
  readonly example: string;
  readonly input: z.ZodType<unknown, Given>;
  readonly output: z.ZodType<Output>;
}

/** Makes a task of its definition. */
export function defineTask<Input, Given, Output>(
  definition: TaskDefinition<Input, Given, Output>,
): Task<Given, Output> {
  const { run, ...description } = definition;
  const call = async (opened: OpenedRun, given?: Given, options: TaskOptions = {}): Promise<Output> =>
    run({ ...options, run: opened }, parseSpec(definition.input, given ?? {}, definition.name));
  // A function's own name is read-only, so the description cannot simply be assigned.
  return Object.defineProperties(call, Object.getOwnPropertyDescriptors(description)) as Task<Given, Output>;
}

/** The input of a task that takes none. */
export type NoInput = Readonly<Record<string, never>>;

export const noInput: z.ZodType<NoInput, NoInput> = z.strictObject({});

/** An input with those of its fields that have a default. */
export type Filled<Given, Defaulted extends keyof Given> = Given & {
  readonly [K in Defaulted]-?: Exclude<Given[K], undefined>;
};

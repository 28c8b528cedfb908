// A command made of a task: its options, help and defaults come from the task; a face adds only how results are shown.

import type { Command } from 'commander';
import { load, type OpenedRun, type Task } from '../tasks/index.ts';
import {
  type Answer,
  addCommonOptions,
  addExamples,
  answer,
  type CommonOptions,
  type DefineCommand,
} from './command.ts';
import type { Io } from './io.ts';
import { addOptions, givenOptions } from './options.ts';
import { deviceOf } from './runtime.ts';
import { taskProgress } from './task-progress.ts';

/** The options of a face: whatever `Face.options` adds. */
type FaceValues = CommonOptions & { readonly out?: string; readonly preview?: boolean };

/** Where a result came from and where it goes. */
export interface Showing {
  readonly run: OpenedRun;
  /** The run's folder as the user named it. */
  readonly path: string;
  readonly values: FaceValues;
  readonly io: Io;
}

/** How a task's result is shown at a terminal and kept in files. */
export interface Face<Output> {
  /** What may stand behind the run without a flag, for a field of the task's input; `[data]`, say. */
  readonly argument?: { readonly field: string; readonly description: string };
  /** What may stand behind that: where to write, short for `--out`. */
  readonly outArgument?: string;
  /** Adds options of the command line's own, such as where to write. */
  readonly options?: (command: Command) => void;
  /** Does something else with the run, where options say so; whether it did. */
  readonly instead?: (given: Readonly<Record<string, unknown>>, showing: Omit<Showing, 'run'>) => Promise<boolean>;
  /** Writes files and says what there is to say. */
  readonly show: (result: Output, showing: Showing) => Promise<Answer> | Answer;
  /** The exit code; 0 unless told. */
  readonly exitCode?: (result: Output) => number;
}

/** The command of a task. */
export function taskCommand<Given, Output>(task: Task<Given, Output>, face: Face<Output>): DefineCommand {
  return (command, io, setExitCode) => {
    command.argument('<run>', 'run folder, as `latentkit train` printed it');
    const { argument, outArgument } = face;
    if (argument) command.argument(`[${argument.field}]`, argument.description);
    if (outArgument) command.argument('[out]', outArgument);
    addOptions(command, task.input);
    face.options?.(command);
    addCommonOptions(command);
    addExamples(command, task.example);
    command.action(async (path: string, ...rest: readonly unknown[]) => {
      const positional = {
        ...(argument && rest[0] !== undefined && { [argument.field]: rest[0] }),
        ...(outArgument && typeof rest[1] === 'string' && { out: rest[1] }),
      };
      const values = { ...command.opts<FaceValues>(), ...positional };
      const given = givenOptions(task.input, values);
      if (await face.instead?.(given, { path, values, io })) return;
      const run = await load(path, { device: deviceOf(values.device) });
      const view = taskProgress(io, { name: task.name, quiet: values.quiet });
      const result = await task(run, given as Given, { progress: view.tell, note: view.note }).finally(view.close);
      const shown = await face.show(result, { run, path, values, io });
      setExitCode(face.exitCode?.(result) ?? 0);
      answer(io, values, { text: shown.text, json: { run: path, ...shown.json } });
    });
  };
}

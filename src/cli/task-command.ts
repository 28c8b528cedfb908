// A command made of a task: its options, help and defaults come from the task; a face adds only how results are shown.

import type { Command } from 'commander';
import type { DataSource } from '../data/index.ts';
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
import { sourceOf } from './source.ts';
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
  /** Adds options of the command line's own, such as where to write. */
  readonly options?: (command: Command) => void;
  /** Writes files and says what there is to say. */
  readonly show: (result: Output, showing: Showing) => Promise<Answer> | Answer;
  /** The exit code; 0 unless told. */
  readonly exitCode?: (result: Output) => number;
}

/** The command of a task. */
export function taskCommand<Given, Output>(task: Task<Given, Output>, face: Face<Output>): DefineCommand {
  return (command, io, setExitCode) => {
    command.argument('<run>', 'run folder, as `latentkit train` printed it');
    addOptions(command, task.input);
    face.options?.(command);
    addCommonOptions(command);
    addExamples(command, task.example);
    command.action(async (path: string, values: FaceValues & Readonly<Record<string, unknown>>) => {
      const given = givenOptions(task.input, values);
      if (typeof given.data === 'string') given.data = everyRow(await sourceOf(given.data));
      const run = await load(path, { device: deviceOf(values.device) });
      const view = taskProgress(io, { name: task.name, quiet: values.quiet });
      const result = await task(run, given as Given, { progress: view.tell }).finally(view.close);
      const shown = await face.show(result, { run, path, values, io });
      setExitCode(face.exitCode?.(result) ?? 0);
      answer(io, values, { text: shown.text, json: { run: path, ...shown.json } });
    });
  };
}

/** Of an IDX file that no run was trained on every row is a test row; nothing needs to be set aside. */
function everyRow(source: DataSource): DataSource {
  if (typeof source === 'string' || source.test !== undefined) return source;
  const { images, labels } = source;
  return { ...source, validation: 1, test: { images, labels } };
}

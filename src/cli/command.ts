// What every command has in common: how it is defined, the options that all of them take, and how it answers.

import { type Command, Option } from 'commander';
import type { Io } from './io.ts';

/** Gives a command its arguments, options, help and action. The action may set an exit code other than 0. */
export type DefineCommand = (command: Command, io: Io, setExitCode: (code: number) => void) => void;

/** The options of every command that works on a model. */
export interface CommonOptions {
  readonly device?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds the options that all commands share; `device` only where something is executed. */
export function addCommonOptions(command: Command, { device = true }: { device?: boolean } = {}): void {
  if (device) command.addOption(new Option('--device <name>', 'where to execute: cpu, webgpu or cuda (default: cpu)'));
  command
    .addOption(new Option('--json', 'print one JSON object, as the last line of standard output'))
    .addOption(new Option('--quiet', 'print nothing but results and errors'))
    .addOption(new Option('--debug', 'print the stack trace of an error'));
}

/** Adds examples to the end of a command's help. */
export function addExamples(command: Command, ...examples: readonly string[]): void {
  const lines = examples.map(example => `  $ latentkit ${example}\n`).join('');
  command.addHelpText('after', `\n${examples.length > 1 ? 'Examples' : 'Example'}:\n${lines.trimEnd()}`);
}

/** Prints a command's result: for scripts with `--json`, for people otherwise. */
export function answer(io: Io, options: CommonOptions, { text, json }: Answer): void {
  if (options.json) io.stdout.write(`${JSON.stringify(json)}\n`);
  else if (!options.quiet) io.stdout.write(`${text.trimEnd()}\n`);
}

/** A result as text and as data. */
export interface Answer {
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

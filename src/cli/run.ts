// From arguments to an exit code. Only the command that is asked for is loaded: help comes at once.

import { Command, CommanderError } from 'commander';
import { LatentkitError } from '../errors.ts';
import { summaries } from '../tasks/summaries.ts';
import { version } from '../version.ts';
import type { DefineCommand } from './command.ts';
import { colorsOf, type Io } from './io.ts';

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: DefineCommand }>;
}

const commands: Readonly<Record<string, Entry>> = {
  train: { summary: 'train a model and keep it in a run folder', load: () => import('./train.ts') },
  data: { summary: 'look at data before training on them', load: () => import('./data.ts') },
  resume: { summary: 'go on with a run that was stopped', load: () => import('./resume.ts') },
  evaluate: { summary: summaries.evaluate, load: () => import('./faces/evaluate.ts') },
  generate: { summary: summaries.generate, load: () => import('./faces/generate.ts') },
  reconstruct: { summary: summaries.reconstruct, load: () => import('./faces/reconstruct.ts') },
  interpolate: { summary: summaries.interpolate, load: () => import('./faces/interpolate.ts') },
  walk: { summary: summaries.walk, load: () => import('./faces/walk.ts') },
  traverse: { summary: summaries.traverse, load: () => import('./faces/traverse.ts') },
  transfer: { summary: summaries.transfer, load: () => import('./faces/transfer.ts') },
  complete: { summary: summaries.complete, load: () => import('./faces/complete.ts') },
  detect: { summary: summaries.detect, load: () => import('./faces/detect.ts') },
  embed: { summary: summaries.embed, load: () => import('./faces/embed.ts') },
  neighbours: { summary: summaries.neighbours, load: () => import('./faces/neighbours.ts') },
  duplicates: { summary: summaries.duplicates, load: () => import('./faces/duplicates.ts') },
  map: { summary: summaries.map, load: () => import('./faces/map.ts') },
  impute: { summary: summaries.impute, load: () => import('./faces/impute.ts') },
  fidelity: { summary: summaries.fidelity, load: () => import('./faces/fidelity.ts') },
  denoise: { summary: summaries.denoise, load: () => import('./faces/denoise.ts') },
  compress: { summary: summaries.compress, load: () => import('./faces/compress.ts') },
  decompress: { summary: summaries.decompress, load: () => import('./faces/decompress.ts') },
  export: { summary: summaries.export, load: () => import('./faces/export.ts') },
  verify: { summary: summaries.verify, load: () => import('./faces/verify.ts') },
  inspect: { summary: summaries.inspect, load: () => import('./faces/inspect.ts') },
  compare: { summary: 'put the figures of runs beside each other, like by like', load: () => import('./compare.ts') },
  models: { summary: 'list the named models, with their papers and parts', load: () => import('./models.ts') },
  schema: { summary: 'print the JSON Schema of config files, for editors', load: () => import('./schema.ts') },
};

const examples = `
Examples:
  $ latentkit train mnist --model mlp --epochs 20 --seed 1
  $ latentkit generate runs/mnist-mlp --preview
  $ latentkit evaluate runs/mnist-mlp --json

\`latentkit COMMAND --help\` says what a command takes.`;

/** Runs one command line and returns its exit code. Whatever goes wrong is told on `io.stderr`; nothing is thrown. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  try {
    const program = await build(args, io, code => {
      exitCode = code;
    });
    if (args.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    io.stderr.write(`${colorsOf(io).red('error:')} ${explain(error, args.includes('--debug'))}\n`);
    return 1;
  }
}

async function build(args: readonly string[], io: Io, setExitCode: (code: number) => void): Promise<Command> {
  const program = new Command('latentkit')
    .description('Variational autoencoders: train them natively, and use them for what they are for.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ subcommandTerm: command => command.name() })
    .exitOverride()
    .configureOutput({
      writeOut: text => io.stdout.write(text),
      writeErr: text => io.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .addHelpText('after', examples);
  const asked = args.find(argument => !argument.startsWith('-'));
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const command = program.command(name).summary(summary).description(capitalised(summary));
    if (name !== asked) continue;
    const { define } = await load();
    define(command, io, setExitCode);
  }
  return program;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** An error as one paragraph; with its stack, and those of its causes, for debugging. */
function explain(error: unknown, debug: boolean): string {
  if (debug && error instanceof Error && !(error instanceof CommanderError)) return traceOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const text = message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  if (error instanceof LatentkitError || error instanceof CommanderError) return text;
  return `${text}. This was not foreseen and may be a fault of Latentkit; --debug shows where it happened.`;
}

function traceOf(error: Error): string {
  const { cause } = error;
  return `${error.stack ?? error.message}${cause instanceof Error ? `\ncaused by: ${traceOf(cause)}` : ''}`;
}

// latentkit compare

import { LatentkitError } from '../errors.ts';
import type { Figure } from '../evaluate/index.ts';
import { type ComparedColumn, type Comparison, compare, compareInput, load, type Unlike } from '../tasks/index.ts';
import { addCommonOptions, addExamples, answer, type CommonOptions, type DefineCommand } from './command.ts';
import { circumstances, figureText, titleOf } from './figures.ts';
import { columns, count } from './format.ts';
import { addOptions, givenOptions } from './options.ts';
import { deviceRuntime } from './runtime.ts';

export const define: DefineCommand = (command, io) => {
  command.argument('<runs...>', 'run folders, as `latentkit train` printed them');
  addOptions(command, compareInput);
  addCommonOptions(command);
  addExamples(command, 'compare runs/mnist-mlp runs/mnist-conv', 'compare runs/mnist-mlp runs/mnist-conv --nll 50');
  command.action(async (paths: readonly string[], values: CommonOptions & Readonly<Record<string, unknown>>) => {
    const given = givenOptions(compareInput, values);
    const names = [...new Set(paths)];
    if (names.length < 2) {
      throw new LatentkitError('usage', `compare: expected two runs or more, got ${names.join(', ')}.`);
    }
    const runtime = await deviceRuntime(values.device);
    const runs = [];
    for (const name of names) runs.push({ name, run: await load(name, { runtime }) });
    const result = await compare(runs, given);
    answer(io, values, { text: textOf(result), json: { ...result } });
  });
};

function textOf({ columns: compared, unlike }: Comparison): string {
  const refused = unlike.length === 0 ? [] : [`Not ranked:\n${unlike.map(reasonOf).join('\n')}`];
  return [...compared.map(tableOf), ...refused].join('\n\n');
}

function drawsOf({ kind, samples }: Figure): string {
  if (samples === undefined) return '';
  if (kind === 'estimate') return `, K = ${count(samples)}`;
  return samples === 1 ? '' : `, ${count(samples)} draws`;
}

/** One figure: what it is of, and the runs below. */
function tableOf({ of, entries }: ComparedColumn): string {
  const lines = entries.map(({ run, value, standardError, rank }) => [
    `  ${rank ?? '-'}`,
    run,
    figureText({ ...of, value, standardError }),
  ]);
  return `${titleOf(of)} (${of.kind}${drawsOf(of)}) of ${count(of.rows)} ${circumstances(of)}\n${columns(lines).trimEnd()}`;
}

function reasonOf({ name, runs, differences }: Unlike): string {
  const reasons = differences.map(({ condition, values }) => `${condition} ${values.map(short).join(' and ')}`);
  return `  ${titleOf({ name })} of ${runs.join(' and ')}: ${reasons.join('; ')}`;
}

/** Hashes by their beginning. */
function short(value: string): string {
  return value.length > 40 ? `${value.slice(0, 12)}…` : value;
}

// Runs beside each other: what can be compared in one column, what cannot with the reason, and never a rank across columns.

import { z } from 'zod';
import { parametersHash, readLedger } from '../artifact/index.ts';
import { type Condition, type Figure, type FigureKind, type FigureName, figures, unlike } from '../evaluate/index.ts';
import { parseSpec } from '../schema.ts';
import { type EvaluateInput, evaluate } from './evaluate.ts';
import { rowsFields } from './rows.ts';
import type { OpenedRun, TaskOptions } from './task.ts';

/** A run and what the table calls it. */
export interface Contender {
  readonly name: string;
  readonly run: OpenedRun;
}

export interface CompareInput {
  /** Default `test`. */
  readonly split?: EvaluateInput['split'];
  /** K of the estimate of −log p(x), which is made of the runs that lack it; `true` is 500. */
  readonly nll?: number | boolean | undefined;
}

/** Values of one figure that agree in all that it depends on. */
export interface ComparedColumn {
  readonly name: FigureName;
  readonly unit: string;
  /** What the values are of, as their first says it. */
  readonly of: Figure;
  /** Best first where they are ranked. */
  readonly entries: readonly {
    readonly run: string;
    readonly value: number;
    readonly standardError?: number | undefined;
    /** From 1; none where one way is not better than the other, or where there is nothing to rank it with. */
    readonly rank?: number | undefined;
  }[];
}

/** Two runs whose values of a figure cannot be ranked, and why. */
export interface Unlike {
  readonly name: FigureName;
  readonly runs: readonly [string, string];
  readonly differences: readonly { readonly condition: Condition; readonly values: readonly [string, string] }[];
}

export interface Comparison {
  readonly columns: readonly ComparedColumn[];
  readonly unlike: readonly Unlike[];
}

export const compareInput: z.ZodType<{ split: 'train' | 'validation' | 'test'; nll: number | boolean }, CompareInput> =
  z.strictObject({
    split: rowsFields.split,
    nll: z
      .union([z.boolean(), z.int().min(1).max(1_000_000)])
      .default(false)
      .describe('estimate −log p(x) of runs that lack it, by so many samples a row (500 unless told)'),
  });

/**
 * Compares runs by the figures in their ledgers; the bound is computed, and kept, where it is not there.
 *
 * @example compare([{ name: 'vae', run: await load('runs/vae') }, { name: 'iwae', run: await load('runs/iwae') }])
 */
export async function compare(
  runs: readonly Contender[],
  given: CompareInput = {},
  options: TaskOptions = {},
): Promise<Comparison> {
  const input = parseSpec(compareInput, given, 'compare');
  const known: Known[] = [];
  for (const [i, { name, run }] of runs.entries()) {
    known.push({ name, figures: await figuresOf(run, input, options) });
    options.progress?.((i + 1) / runs.length);
  }
  const names = Object.keys(figures) as FigureName[];
  return { columns: names.flatMap(name => columnsOf(known, name)), unlike: names.flatMap(name => apart(known, name)) };
}

interface Known {
  readonly name: string;
  readonly figures: readonly Figure[];
}

/** A run's figures on a split, each in its last version. */
async function figuresOf(
  run: OpenedRun,
  { split, nll }: { readonly split: 'train' | 'validation' | 'test'; readonly nll: number | boolean },
  options: TaskOptions,
): Promise<Figure[]> {
  const found = await recorded(run, split);
  const samples = nll === true ? 500 : Number(nll);
  // Of one draw, as training reports it: so there is a bound that all runs have.
  const lacksBound = !found.some(figure => figure.name === 'negElbo' && figure.samples === 1);
  const lacksEstimate = samples > 0 && !found.some(figure => figure.name === 'nll' && figure.samples === samples);
  if (lacksBound || lacksEstimate) {
    const { signal, data } = options;
    const evaluated = await evaluate(run, { split, nll: samples > 0 && samples }, { signal, data });
    found.push(...evaluated.figures);
  }
  return found.filter((figure, i) => {
    const later = found.slice(i + 1);
    return !later.some(other => other.name === figure.name && unlike(figure, other).length === 0);
  });
}

/** What the ledger has of the run's present parameters on a split. */
async function recorded({ folder }: OpenedRun, split: string): Promise<Figure[]> {
  if (folder === undefined) return [];
  const parameters = await parametersHash(folder);
  const records = (await readLedger(folder)).filter(record => record.parameters === parameters);
  return records.flatMap(record => record.figures.filter(figure => figure.split === split));
}

function columnsOf(runs: readonly Known[], name: FigureName): ComparedColumn[] {
  const columns: { of: Figure; entries: { run: string; figure: Figure }[] }[] = [];
  for (const { name: run, figures } of runs) {
    for (const figure of figures.filter(figure => figure.name === name)) {
      const column = columns.find(({ of }) => unlike(of, figure).length === 0);
      if (column === undefined) columns.push({ of: figure, entries: [{ run, figure }] });
      else column.entries.push({ run, figure });
    }
  }
  return columns.map(({ of, entries }) => {
    const ranked = canRank(name, of.kind) && entries.length > 1;
    const sign = figures[name].better === 'higher' ? -1 : 1;
    const sorted = ranked ? entries.toSorted((a, b) => sign * (a.figure.value - b.figure.value)) : entries;
    return {
      name,
      unit: figures[name].unit,
      of,
      entries: sorted.map(({ run, figure: { value, standardError } }) => ({
        run,
        value,
        ...(standardError !== undefined && { standardError }),
        // Equal values share a rank.
        ...(ranked && { rank: 1 + sorted.findIndex(({ figure }) => figure.value === value) }),
      })),
    };
  });
}

function canRank(name: FigureName, kind: FigureKind): boolean {
  return figures[name].better !== undefined && kind !== 'criterion';
}

/** The pairs of runs that have a figure, but in no column together. */
function apart(runs: readonly Known[], name: FigureName): Unlike[] {
  if (figures[name].better === undefined) return [];
  const having = runs.map(run => ({ ...run, figures: run.figures.filter(figure => figure.name === name) }));
  return having.flatMap((a, i) =>
    having.slice(i + 1).flatMap(b => {
      const [first, second] = [a.figures[0], b.figures[0]];
      if (first === undefined || second === undefined) return [];
      if (a.figures.some(x => b.figures.some(y => unlike(x, y).length === 0))) return [];
      const differences = unlike(first, second).map(condition => ({
        condition,
        values: [String(first[condition]), String(second[condition])] as const,
      }));
      return [{ name, runs: [a.name, b.name] as const, differences }];
    }),
  );
}

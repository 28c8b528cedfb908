// Tables made whole: what is missing of a row is drawn from p(missing | given), by codes inferred upon what is given alone
// (Mattei and Frellsen 2019, "MIWAE"; multiple imputation after Rubin 1987).

import { z } from 'zod';
import { type Column, toPossible } from '../columns.ts';
import { hostRows } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { inferCodes } from '../inference/index.ts';
import { streamOf, wordsOf } from '../random/index.ts';
import { float32, type HostTensor, type RowTensor } from '../runtime/index.ts';
import { datasetOf, type RowsInput, rowsFields } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task, type TaskContext } from './task.ts';
import { float32Tensor } from './tensors.ts';

export interface ImputeInput extends RowsInput {
  /** Whole tables to draw, beside the one of expected values: what differs between them is what is not known. Default 0. */
  readonly multiple?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

export interface Imputed {
  readonly columns: readonly Column[];
  /**
   * [rows, columns]: each missing number by its expected value (a whole one rounded), each missing category by the most
   * probable; what was given is as it was.
   */
  readonly rows: HostTensor<'float32'>;
  /** [multiple, rows, columns]: what is missing drawn, all of a row together. */
  readonly drawn: HostTensor<'float32'>;
  /** How many values were missing of each column, by its name. */
  readonly missing: Readonly<Record<string, number>>;
}

const input: z.ZodType<Filled<ImputeInput, 'split' | 'multiple' | 'seed'>, ImputeInput> = z.strictObject({
  ...rowsFields,
  multiple: z.int().min(0).max(100).default(0).describe('whole tables to draw beside the one of expected values'),
  seed: z.int().min(0).default(0).describe('seed of the draws'),
});

export const impute: Task<ImputeInput, Imputed> = defineTask({
  name: 'impute',
  summary: summaries.impute,
  example: 'impute runs/people incomplete.csv --out whole.csv',
  input,
  output: z.object({
    columns: z.custom<readonly Column[]>(Array.isArray),
    rows: float32Tensor,
    drawn: float32Tensor,
    missing: z.record(z.string(), z.int()),
  }),
  async run(context, { data: source, split, multiple, seed }) {
    const { columns } = context.run.config.model.input;
    if (columns === undefined) {
      throw new LatentkitError(
        'usage',
        'impute: expected a model of a table; what is hidden of images is found by `latentkit complete`.',
      );
    }
    const data = await datasetOf(context, { data: source, split });
    const given = (await hostRows(data, 0, data.size)) as RowTensor<'float32'>;
    const whole = given.data.slice();
    const drawn = Array.from({ length: multiple }, () => given.data.slice());
    const width = columns.length;
    const gaps = Array.from({ length: data.size }, (_, row) => row).filter(row =>
      given.data.subarray(row * width, (row + 1) * width).some(Number.isNaN),
    );
    for (let first = 0; first < gaps.length; first += chunk) {
      context.signal?.throwIfAborted();
      const rows = gaps.slice(first, first + chunk);
      const answers = await answersOf(context, rowsAt(given, rows), { columns, seed: seed + first, multiple });
      rows.forEach((row, i) => {
        for (let place = 0; place < width; place++) {
          const at = row * width + place;
          if (!Number.isNaN(given.data[at]!)) continue;
          whole[at] = answers.expected[i * width + place]!;
          drawn.forEach((table, m) => {
            table[at] = answers.drawn[m]![i * width + place]!;
          });
        }
      });
      context.progress?.((first + rows.length) / gaps.length);
    }
    context.progress?.(1);
    const all = new Float32Array(multiple * whole.length);
    for (const [m, table] of drawn.entries()) all.set(table, m * whole.length);
    return {
      columns,
      rows: float32(whole, given.shape),
      drawn: float32(all, [multiple, ...given.shape]),
      missing: Object.fromEntries(columns.map(({ name }, place) => [name, missingIn(given.data, place, width)])),
    };
  },
});

/** Rows whose codes are inferred at once. */
const chunk = 256;
/** Codes of a row that expected values are averaged over. */
const most = 50;

interface Asked {
  readonly columns: readonly Column[];
  readonly seed: number;
  readonly multiple: number;
}

/** What is expected of rows [n, columns], and so many drawings of them. */
async function answersOf(
  { run: { vae }, signal }: TaskContext,
  rows: RowTensor<'float32'>,
  { columns, seed, multiple }: Asked,
): Promise<{ readonly expected: Float32Array; readonly drawn: readonly Float32Array[] }> {
  const [count = 0, width = 0] = rows.shape;
  const { codes, chains, draws, weights } = await inferCodes(vae, rows, { seed, signal });
  const { latent } = vae.model.spec;
  const wanted = Math.max(most, multiple);
  // Codes by the weights of their chains: of each row `wanted`, side by side.
  const next = wordsOf({ seed, stream: streamOf('impute'), step: 0 });
  const picked = new Float32Array(count * wanted * latent);
  for (let i = 0; i < count * wanted; i++) {
    const row = Math.floor(i / wanted);
    const chain = choice(weights.data.subarray(row * chains, (row + 1) * chains), (next() + 0.5) / 2 ** 32);
    const from = (row * chains + chain) * draws + (next() % draws);
    picked.set(codes.data.subarray(from * latent, (from + 1) * latent), i * latent);
  }
  const z = float32(picked, [count * wanted, latent]);
  const mean = (await vae.run('decoder', z)).mean!.data;
  const x = (await vae.run('observation', z, { seed, step: 0 })).x!.data;
  toPossible(x, columns);
  const expected = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    columns.forEach(({ type }, place) => {
      const of = (values: Float32Array): number[] =>
        Array.from({ length: wanted }, (_, i) => values[(row * wanted + i) * width + place]!);
      expected[row * width + place] = type === 'numeric' ? meanOf(of(mean)) : modeOf(of(x));
    });
  }
  toPossible(expected, columns);
  const drawn = Array.from({ length: multiple }, (_, m) => {
    const table = new Float32Array(count * width);
    for (let row = 0; row < count; row++) {
      const from = (row * wanted + m) * width;
      table.set(x.subarray(from, from + width), row * width);
    }
    return table;
  });
  return { expected, drawn };
}

function rowsAt({ data, shape: [, width = 0] }: RowTensor<'float32'>, rows: readonly number[]): RowTensor<'float32'> {
  const values = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) values.set(data.subarray(row * width, (row + 1) * width), i * width);
  return float32(values, [rows.length, width]);
}

/** Which of some shares of 1 a uniform number falls on. */
function choice(shares: Float32Array, uniform: number): number {
  let left = uniform;
  for (let i = 0; i < shares.length - 1; i++) {
    left -= shares[i]!;
    if (left < 0) return i;
  }
  return shares.length - 1;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The most frequent value; of several the one that came first. */
function modeOf(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

function missingIn(values: Float32Array, place: number, width: number): number {
  let count = 0;
  for (let i = place; i < values.length; i += width) if (Number.isNaN(values[i]!)) count += 1;
  return count;
}

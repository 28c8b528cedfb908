// How like the real rows of a table those are that a model makes up, or that a file holds.

import { z } from 'zod';
import type { Column } from '../columns.ts';
import { type Dataset, hostRowsAt } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { type Fidelity, fidelity as measure, type TableRows } from '../fidelity/index.ts';
import { rowsOfCodes } from './drawn-rows.ts';
import { datasetOf, type RowsInput, rowsFields, splitsOf } from './rows.ts';
import { type SamplerInput, samplerAsked, samplerFields, samplerFor } from './sampler.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';

export interface FidelityInput extends SamplerInput, Pick<RowsInput, 'data'> {
  /** Rows of each kind that are compared, at most. Default 2000. */
  readonly rows?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

const input: z.ZodType<Filled<FidelityInput, 'rows' | 'seed'>, FidelityInput> = z.strictObject({
  data: rowsFields.data.describe('synthetic rows to judge: a file (default: rows that the model makes up now)'),
  rows: z.int().min(20).max(20_000).default(2000).describe('rows of each kind to compare, at most'),
  seed: z.int().min(0).default(0).describe('seed of the draws'),
  ...samplerFields,
});

const output: z.ZodType<Fidelity> = z.object({
  rows: z.object({ synthetic: z.int(), train: z.int(), test: z.int() }),
  marginals: z.array(
    z.object({ column: z.string(), distance: z.number().nullable(), yardstick: z.number().nullable() }),
  ),
  dependence: z.object({
    difference: z.number(),
    yardstick: z.number(),
    worst: z.array(z.object({ columns: z.tuple([z.string(), z.string()]), synthetic: z.number(), real: z.number() })),
  }),
  utility: z.object({
    predictions: z.array(
      z.object({
        column: z.string(),
        measure: z.enum(['r2', 'accuracy']),
        synthetic: z.number(),
        real: z.number(),
      }),
    ),
    ratio: z.number().nullable(),
  }),
  nearest: z.object({
    medianOfSynthetic: z.number(),
    medianOfTest: z.number(),
    shareTooNear: z.number(),
    copies: z.int(),
  }),
});

export const fidelity: Task<FidelityInput, Fidelity> = defineTask({
  name: 'fidelity',
  summary: summaries.fidelity,
  example: 'fidelity runs/people --rows 2000',
  input,
  output,
  async run(context, { data: source, rows, seed, ...asked }) {
    const { vae, config } = context.run;
    const { columns } = config.model.input;
    if (columns === undefined) {
      throw new LatentkitError(
        'usage',
        'fidelity: expected a model of a table; `latentkit evaluate --full` compares images.',
      );
    }
    const real = context.data ?? (await splitsOf(context.run));
    const [train, test] = [await tableOf(real.train, columns, rows), await tableOf(real.test, columns, rows)];
    context.progress?.(0.2);
    if (source !== undefined) {
      return measure(await tableOf(await datasetOf(context, { data: source }), columns, rows), { train, test });
    }
    const sampler = await samplerFor(context, samplerAsked(context.run, asked, 'fidelity'), 1);
    const codes = await sampler.draw(Math.min(rows, real.train.size), { seed });
    await sampler.dispose();
    const made = await rowsOfCodes(vae, codes, seed);
    context.progress?.(0.5);
    return measure({ columns, values: made.data }, { train, test });
  },
});

/** Some rows of a data set, spread evenly over it. */
async function tableOf(data: Dataset, columns: readonly Column[], most: number): Promise<TableRows> {
  const count = Math.min(most, data.size);
  const rows = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * data.size) / count));
  return { columns, values: Float32Array.from((await hostRowsAt(data, rows)).data) };
}

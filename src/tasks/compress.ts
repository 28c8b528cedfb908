// Data in fewer bits, without loss: as many as the bound says (compression/).

import { z } from 'zod';
import { encodeRows } from '../compression/index.ts';
import type { Dataset } from '../data/index.ts';
import { evaluateBound } from '../evaluate/index.ts';
import { datasetOf, type RowsInput, rowsFields } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task, type TaskContext } from './task.ts';

export interface CompressInput extends RowsInput {
  /** Decode the file once before it is given, to be sure that it can be. Default true. */
  readonly verify?: boolean | undefined;
}

export interface Compressed {
  /** The compressed file, for `decompress`. */
  readonly file: Uint8Array;
  readonly rows: number;
  /** Numbers in a row. */
  readonly dimensions: number;
  /** Bits of the file for each number of the data. */
  readonly bitsPerDimension: number;
  /** The model's negative bound on these rows, which the file cannot be expected to be shorter than, in the same unit. */
  readonly boundPerDimension: number;
}

const input: z.ZodType<Filled<CompressInput, 'split' | 'verify'>, CompressInput> = z.strictObject({
  ...rowsFields,
  verify: z.boolean().default(true).describe('decode the file once before it is given, to be sure that it can be'),
});

export const compress: Task<CompressInput, Compressed> = defineTask({
  name: 'compress',
  summary: summaries.compress,
  example: 'compress runs/mnist-mlp digits digits.lkz',
  input,
  output: z.object({
    file: z.instanceof(Uint8Array),
    rows: z.int(),
    dimensions: z.int(),
    bitsPerDimension: z.number(),
    boundPerDimension: z.number(),
  }),
  async run(context, { data: source, split, verify }) {
    const { run, signal, progress } = context;
    const data = await rowsOf(context, { data: source, split });
    const { rowName } = data;
    const file = await encodeRows(run.vae, data, {
      names: rowName && Array.from({ length: data.size }, (_, row) => rowName(row)),
      verify,
      signal,
      progress,
    });
    const dimensions = data.shape.reduce((a, b) => a * b, 1);
    const { negElbo } = await evaluateBound(run.vae, data);
    return {
      file,
      rows: data.size,
      dimensions,
      bitsPerDimension: (8 * file.length) / (data.size * dimensions),
      boundPerDimension: negElbo / (Math.LN2 * dimensions),
    };
  },
});

/** The run's own data are what the model was trained on, binarised perhaps; other data are taken as they are. */
function rowsOf(context: TaskContext, input: RowsInput): Promise<Dataset> {
  if (input.data === undefined) return datasetOf(context, input);
  const { run } = context;
  const model = { ...run.config.model, binarization: 'none' } as const;
  return datasetOf({ ...context, run: { ...run, config: { ...run.config, model } } }, input);
}

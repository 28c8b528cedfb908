// Data through the bottleneck and back: at the posterior's mean, so that nothing is drawn and scores are repeatable.

import { z } from 'zod';
import { hostRows } from '../data/index.ts';
import type { HostTensor } from '../runtime/index.ts';
import { datasetOf, type RowsInput, rangeOf, rowsFields, toUnitScale } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor } from './tensors.ts';

export interface ReconstructInput extends RowsInput {
  /** The first row. Default 0. */
  readonly start?: number | undefined;
  /** How many rows at most. Default 32. */
  readonly count?: number | undefined;
}

/** Rows and what became of them; scores in nats, summed over dimensions: score = reconstruction + kl. */
export interface Reconstructed {
  /** The first row's place in the split. */
  readonly start: number;
  /** [n, ...shape of the data], on the scale of [0, 1]. */
  readonly originals: HostTensor<'float32'>;
  /** As the originals. */
  readonly reconstructions: HostTensor<'float32'>;
  /** [n]: high where the model does not know the like. */
  readonly score: HostTensor<'float32'>;
  /** [n]: −log p(x|z) at the posterior's mean. */
  readonly reconstruction: HostTensor<'float32'>;
  /** [n]. */
  readonly kl: HostTensor<'float32'>;
}

const input: z.ZodType<Filled<ReconstructInput, 'split' | 'start' | 'count'>, ReconstructInput> = z.strictObject({
  ...rowsFields,
  start: z.int().min(0).default(0).describe('the first row'),
  count: z.int().min(1).max(100_000).default(32).describe('how many rows, at most'),
});

export const reconstruct: Task<ReconstructInput, Reconstructed> = defineTask({
  name: 'reconstruct',
  summary: summaries.reconstruct,
  example: 'reconstruct runs/mnist-mlp --start 100 --count 24 --out reconstructions.png',
  input,
  output: z.object({
    start: z.int(),
    originals: float32Tensor,
    reconstructions: float32Tensor,
    score: float32Tensor,
    reconstruction: float32Tensor,
    kl: float32Tensor,
  }),
  async run(context, { data: source, split, start: first, count }) {
    const { vae, config } = context.run;
    const data = await datasetOf(context, { data: source, split });
    const { start, end } = rangeOf(data, first, count);
    const rows = await hostRows(data, start, end);
    const { mean } = await vae.run('reconstruct', rows);
    context.signal?.throwIfAborted();
    const { score, reconstruction, kl } = await vae.run('score', rows);
    context.progress?.(1);
    return {
      start,
      originals: toUnitScale(rows, config.model.input.range),
      reconstructions: mean!,
      score: score!,
      reconstruction: reconstruction!,
      kl: kl!,
    };
  },
});

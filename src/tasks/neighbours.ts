// The rows whose codes are nearest to those of others: search by likeness.

import { z } from 'zod';
import { hostRowsAt } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { encodeAll } from '../evaluate/index.ts';
import { nearestNeighbours, pointsOf, streamOf } from '../latents/index.ts';
import { float32, type HostTensor, int32 } from '../runtime/index.ts';
import { datasetOf, firstRows, type RowsInput, rowsFields, toUnitScale } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor, int32Tensor } from './tensors.ts';

export interface NeighboursInput extends RowsInput {
  /** What is searched for: rows of the part that is searched, or a path, every row of which is meant. Default: the first 8. */
  readonly query?: readonly number[] | string | undefined;
  /** Neighbours of each. Default 8. */
  readonly count?: number | undefined;
}

export interface FoundNeighbours {
  /** [queries, ...shape of the data], on the scale of [0, 1]. */
  readonly queries: HostTensor<'float32'>;
  /** Rows of what was searched, the nearest first: [queries, count]. A row is no neighbour of itself. */
  readonly rows: HostTensor<'int32'>;
  /** Euclidean distances between the means of the posteriors, [queries, count]. */
  readonly distances: HostTensor<'float32'>;
  /** Those rows, [queries · count, ...shape of the data]. */
  readonly images: HostTensor<'float32'>;
  /** How many rows were searched. */
  readonly searched: number;
}

const input: z.ZodType<Filled<NeighboursInput, 'split' | 'count'>, NeighboursInput> = z.strictObject({
  ...rowsFields,
  query: z
    .union([z.array(z.int().min(0)).min(1).max(10_000), z.string().min(1)])
    .optional()
    .describe(
      'what is searched for: rows of the part that is searched, or a path of others (default: the first 8 rows)',
    ),
  count: z.int().min(1).max(1000).default(8).describe('neighbours of each'),
});

const output: z.ZodType<FoundNeighbours> = z.object({
  queries: float32Tensor,
  rows: int32Tensor,
  distances: float32Tensor,
  images: float32Tensor,
  searched: z.int(),
});

export const neighbours: Task<NeighboursInput, FoundNeighbours> = defineTask({
  name: 'neighbours',
  summary: summaries.neighbours,
  example: 'neighbours runs/mnist-mlp --query 3,14 --count 6 --out neighbours.png',
  input,
  output,
  async run(context, { data: source, split, query, count }) {
    const { vae, config } = context.run;
    const { range } = config.model.input;
    const data = await datasetOf(context, { data: source, split });
    const k = Math.min(count, data.size - (typeof query === 'string' ? 0 : 1));
    if (k === 0) throw new LatentkitError('usage', `neighbours: expected at least two rows, ${data.name} has one.`);
    const codes = await encodeAll(vae, data, context.signal);
    context.progress?.(0.7);
    const own = typeof query === 'string' ? undefined : (query ?? firstRows(data, 8));
    const asked =
      typeof query === 'string' ? await datasetOf({ run: context.run, note: context.note }, { data: query }) : data;
    const wanted = own ?? Array.from({ length: asked.size }, (_, row) => row);
    const rows = await hostRowsAt(asked, wanted);
    const { mean } = await vae.run('encoder', rows);
    const found = await nearestNeighbours({ width: codes.latent, values: mean!.data }, streamOf(pointsOf(codes)), {
      k,
      apart: (i, row) => own?.[i] === row,
      runtime: vae.runtime,
      signal: context.signal,
    });
    context.progress?.(1);
    const shape = [wanted.length, k];
    return {
      queries: toUnitScale(rows, range),
      rows: int32(found.rows, shape),
      distances: float32(Float32Array.from(found.distances), shape),
      images: toUnitScale(await hostRowsAt(data, [...found.rows]), range),
      searched: data.size,
    };
  },
});

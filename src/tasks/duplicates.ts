// Rows that are nearly the same: pairs whose codes lie nearer than codes of rows do that are known to be others. How near
// that is, rows say that the training set does not hold.

import { z } from 'zod';
import { hostRowsAt, subset } from '../data/index.ts';
import { encodeAll } from '../evaluate/index.ts';
import { nearestNeighbours, nearPairs, pointsOf, streamOf } from '../latents/index.ts';
import { float32, type HostTensor, int32 } from '../runtime/index.ts';
import { quantile } from './memorisation.ts';
import { datasetOf, type RowsInput, rowsFields, splitsOf, toUnitScale } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task, type TaskContext } from './task.ts';
import { float32Tensor, int32Tensor } from './tensors.ts';

export interface DuplicatesInput extends RowsInput {
  /** Pairs that are given, the nearest ones, at most. Default 24. */
  readonly count?: number | undefined;
  /** The share of rows that may be taken for a duplicate though they are none: says the threshold. Default 0.001. */
  readonly falseAlarmRate?: number | undefined;
  /** The distance itself, instead. */
  readonly threshold?: number | undefined;
}

export interface Duplicates {
  /** Pairs of rows, the nearest first: [pairs, 2]. */
  readonly pairs: HostTensor<'int32'>;
  /** Euclidean distances between the means of their posteriors, [pairs]. */
  readonly distances: HostTensor<'float32'>;
  /** The first row of each pair, [pairs, ...shape of the data], on the scale of [0, 1]. */
  readonly first: HostTensor<'float32'>;
  /** The second. */
  readonly second: HostTensor<'float32'>;
  /** How many pairs are nearer than the threshold. */
  readonly found: number;
  readonly threshold: number;
  /** Of how many rows that the model did not learn from the threshold comes; none where it was given. */
  readonly heldOut?: number | undefined;
  /** How many rows were searched. */
  readonly searched: number;
}

const input: z.ZodType<Filled<DuplicatesInput, 'split' | 'count' | 'falseAlarmRate'>, DuplicatesInput> = z.strictObject(
  {
    ...rowsFields,
    count: z.int().min(1).max(100_000).default(24).describe('pairs that are given, the nearest ones, at most'),
    falseAlarmRate: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.001)
      .describe('share of rows that may be taken for a duplicate though they are none: says the threshold'),
    threshold: z.number().gt(0).optional().describe('the greatest distance of two codes, instead'),
  },
);

const output: z.ZodType<Duplicates> = z.object({
  pairs: int32Tensor,
  distances: float32Tensor,
  first: float32Tensor,
  second: float32Tensor,
  found: z.int(),
  threshold: z.number(),
  heldOut: z.int().optional(),
  searched: z.int(),
});

export const duplicates: Task<DuplicatesInput, Duplicates> = defineTask({
  name: 'duplicates',
  summary: summaries.duplicates,
  example: 'duplicates runs/mnist-mlp --split test --count 12 --out duplicates.png',
  input,
  output,
  async run(context, { data: source, split, count, falseAlarmRate, threshold: given }) {
    const { vae, config } = context.run;
    const data = await datasetOf(context, { data: source, split });
    const reach = given === undefined ? await reachOf(context, falseAlarmRate) : { threshold: given };
    context.progress?.(0.5);
    const codes = await encodeAll(vae, data, context.signal);
    const { pairs, found } = await nearPairs(pointsOf(codes), {
      threshold: reach.threshold,
      most: count,
      runtime: vae.runtime,
      signal: context.signal,
      progress: share => context.progress?.(0.5 + share / 2),
    });
    const unit = async (rows: number[]): Promise<HostTensor<'float32'>> =>
      toUnitScale(await hostRowsAt(data, rows), config.model.input.range);
    return {
      pairs: int32(Int32Array.from(pairs.flatMap(({ a, b }) => [a, b])), [pairs.length, 2]),
      distances: float32(
        Float32Array.from(pairs, ({ distance }) => distance),
        [pairs.length],
      ),
      first: await unit(pairs.map(({ a }) => a)),
      second: await unit(pairs.map(({ b }) => b)),
      found,
      ...reach,
      searched: data.size,
    };
  },
});

/** The threshold where every validation row is a copy of a training row: only copies count. */
const exact = 1e-6;
/** Rows of either kind that the threshold is taken from, at most. */
const mostRows = 20_000;

/** The distance from a validation row to the nearest training row that only this share of validation rows is below. */
async function reachOf(
  context: TaskContext,
  falseAlarmRate: number,
): Promise<{ readonly threshold: number; readonly heldOut: number }> {
  const { run, signal } = context;
  const data = context.data ?? (await splitsOf(run));
  const codes = async (split: 'train' | 'validation') => {
    const rows = await datasetOf({ run, data }, { split });
    return pointsOf(await encodeAll(run.vae, subset(rows, 0, Math.min(mostRows, rows.size)), signal));
  };
  const held = await codes('validation');
  const near = await nearestNeighbours(held, streamOf(await codes('train')), {
    k: 1,
    runtime: run.vae.runtime,
    signal,
  });
  // A validation row with the very code of a training row is a duplicate itself and says nothing of others.
  const others = near.distances.filter(distance => distance > 0);
  const threshold = others.length > 0 ? quantile(others, falseAlarmRate) : exact;
  return { threshold, heldOut: others.length };
}

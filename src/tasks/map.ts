// Latent space in the plane: every row a point, rows of like codes beside each other.

import { z } from 'zod';
import { hostRowsAt } from '../data/index.ts';
import { project, projections } from '../latents/index.ts';
import { permutation, streamOf } from '../random/index.ts';
import { float32, type HostTensor, int32 } from '../runtime/index.ts';
import { datasetOf, type RowsInput, rowsFields, toUnitScale } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor, int32Tensor } from './tensors.ts';

export interface MapInput extends RowsInput {
  /** `pca`, `umap` (the default) or `tsne`. */
  readonly method?: (typeof projections)[number] | undefined;
  /** How many rows are shown; of more, so many are chosen by the seed. Default 2000. */
  readonly count?: number | undefined;
  /** About how many neighbours of each point UMAP and t-SNE keep near it. Default 15. */
  readonly neighbours?: number | undefined;
  /** Seed of the choice and of UMAP. Default 0. */
  readonly seed?: number | undefined;
}

export interface LatentMap {
  readonly method: (typeof projections)[number];
  /** [rows, 2]. */
  readonly points: HostTensor<'float32'>;
  /** Of principal components, the share of the variance along each of the two. */
  readonly shares?: readonly number[] | undefined;
  /** The rows shown, [rows], in order. */
  readonly rows: HostTensor<'int32'>;
  /** Those rows, [rows, ...shape of the data], on the scale of [0, 1]. */
  readonly images: HostTensor<'float32'>;
  /** Class numbers [rows], where the data have labels. */
  readonly labels?: HostTensor<'int32'> | undefined;
  readonly labelNames?: readonly string[] | undefined;
  /** How many rows there are. */
  readonly of: number;
}

const input: z.ZodType<
  Filled<MapInput, 'split' | 'method' | 'count' | 'neighbours' | 'seed'>,
  MapInput
> = z.strictObject({
  ...rowsFields,
  method: z.enum(projections).default('umap').describe('how the plane is found'),
  count: z.int().min(4).max(20_000).default(2000).describe('rows that are shown, at most'),
  neighbours: z.int().min(2).max(200).default(15).describe('about how many of each point umap and tsne keep near it'),
  seed: z.int().min(0).default(0).describe('seed of the choice of rows, and of umap'),
});

const output: z.ZodType<LatentMap> = z.object({
  method: z.enum(projections),
  points: float32Tensor,
  shares: z.array(z.number()).optional(),
  rows: int32Tensor,
  images: float32Tensor,
  labels: int32Tensor.optional(),
  labelNames: z.array(z.string()).optional(),
  of: z.int(),
});

export const map: Task<MapInput, LatentMap> = defineTask({
  name: 'map',
  summary: summaries.map,
  example: 'map runs/mnist-mlp --method pca --count 500 --out map.html',
  input,
  output,
  async run(context, { data: source, split, method, count, neighbours, seed }) {
    const { vae, config } = context.run;
    const data = await datasetOf(context, { data: source, split });
    const order = permutation(data.size, { seed, stream: streamOf('tasks/map'), step: 0 });
    const rows = order.subarray(0, Math.min(count, data.size)).slice().sort();
    const shown = await hostRowsAt(data, rows);
    const { mean } = await vae.run('encoder', shown);
    const { signal, progress } = context;
    signal?.throwIfAborted();
    const { points, shares } = await project(mean!.data, vae.model.spec.latent, method, {
      seed,
      neighbours,
      signal,
      progress,
    });
    progress?.(1);
    const { names } = data.labels ?? {};
    return {
      method,
      points: float32(points, [rows.length, 2]),
      ...(shares && { shares }),
      rows: int32(Int32Array.from(rows), [rows.length]),
      images: toUnitScale(shown, config.model.input.range),
      ...(shown.label && { labels: shown.label }),
      ...(names && { labelNames: names }),
      of: data.size,
    };
  },
});

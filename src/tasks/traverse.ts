// What each direction of latent space does: a row of pictures for each, in which nothing else changes (Higgins et al. 2017,
// figure 2). The directions are the dimensions, the most used first, or the principal axes of the codes.

import { z } from 'zod';
import { hostRowsAt, subset } from '../data/index.ts';
import { encodeAll } from '../evaluate/index.ts';
import { centreOf, dimensionAxes, heldOn, numbersOf, principalAxes } from '../latents/index.ts';
import { drawnConditions } from '../models/companions.ts';
import { companionsAt, type TrainedVae } from '../models/index.ts';
import { type Companions, float32, type HostTensor } from '../runtime/index.ts';
import { datasetOf, type RowsInput, rowsFields } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor } from './tensors.ts';

const kinds = ['dimensions', 'principal'] as const;

export interface TraverseInput extends RowsInput {
  /** `dimensions` (the default) or `principal`: the axes of the codes' variance. */
  readonly axes?: (typeof kinds)[number] | undefined;
  /** How many axes, the most used ones. Default 10. */
  readonly count?: number | undefined;
  /** The row whose code all start from. Default: none, but the mean of the codes. */
  readonly row?: number | undefined;
  /** The class that the model is told. Default: that of the row, or 0. */
  readonly label?: number | undefined;
  /** How far to go to either side, in standard deviations of the aggregated posterior. Default 3. */
  readonly range?: number | undefined;
  /** Points of each axis. Default 9. */
  readonly steps?: number | undefined;
}

export interface Traversal {
  readonly axes: readonly {
    /** The dimension, or the number of the principal axis. */
    readonly index: number;
    /** Nats of KL of a dimension (variance of its mean where the posterior is no Gaussian); of a principal axis its share of the variance. */
    readonly use: number;
    /** Of the aggregated posterior along the axis. */
    readonly deviation: number;
  }[];
  /** Where the points of each axis lie, in deviations from the mean of the codes. */
  readonly positions: readonly number[];
  /** [axes · positions, ...shape of the data], on the scale of [0, 1]; one axis after another. */
  readonly images: HostTensor<'float32'>;
  /** [axes · positions, latent]. */
  readonly codes: HostTensor<'float32'>;
}

type Defaulted = 'split' | 'axes' | 'count' | 'range' | 'steps';

const input: z.ZodType<Filled<TraverseInput, Defaulted>, TraverseInput> = z.strictObject({
  ...rowsFields,
  axes: z.enum(kinds).default('dimensions').describe('dimensions of the code, or principal axes of all codes'),
  count: z.int().min(1).max(1000).default(10).describe('how many axes, the most used ones'),
  row: z.int().min(0).optional().describe('the row whose code all start from (default: the mean of the codes)'),
  label: z.int().min(0).optional().describe('class that a conditional model is told (default: that of the row, or 0)'),
  range: z.number().gt(0).max(100).default(3).describe('how far to go to either side, in standard deviations'),
  steps: z.int().min(2).max(1000).default(9).describe('points of each axis'),
});

const output: z.ZodType<Traversal> = z.object({
  axes: z.array(z.object({ index: z.int(), use: z.number(), deviation: z.number() })),
  positions: z.array(z.number()),
  images: float32Tensor,
  codes: float32Tensor,
});

/** Rows whose codes say where and how wide the axes are, at most. */
const mostRows = 10_000;

export const traverse: Task<TraverseInput, Traversal> = defineTask({
  name: 'traverse',
  summary: summaries.traverse,
  example: 'traverse runs/mnist-mlp --count 8 --range 2.5 --out traversal.png',
  input,
  output,
  async run(context, { data: source, split, axes: kind, count, row, label, range, steps }) {
    const { vae } = context.run;
    const { latent } = vae.model.spec;
    const data = await datasetOf(context, { data: source, split });
    const codes = await encodeAll(vae, subset(data, 0, Math.min(mostRows, data.size)), context.signal);
    context.progress?.(0.5);
    const axes =
      kind === 'principal'
        ? (await principalAxes(codes, count)).map((axis, index) => ({ ...axis, index }))
        : dimensionAxes(codes)
            .filter(({ dimension }) => dimension < numbersOf(vae.model.spec))
            .slice(0, count)
            .map(axis => ({ ...axis, index: axis.dimension }));
    const centre = centreOf(codes);
    const start = row === undefined ? undefined : (await vae.run('encoder', await hostRowsAt(data, [row]))).mean!;
    const positions = Array.from({ length: steps }, (_, i) => range * ((2 * i) / (steps - 1) - 1));
    const points = axes.flatMap(({ direction, deviation }) => {
      // What the axis changes is where the code lies along it, not by how much it moves: the picture's middle is the mean's.
      const from = start?.data ?? centre;
      const along = direction.reduce((sum, d, j) => sum + d * (from[j]! - centre[j]!), 0);
      return positions.map(position => direction.map((d, j) => from[j]! + (position * deviation - along) * d));
    });
    const flat = new Float32Array(points.length * latent);
    points.forEach((point, i) => {
      flat.set(point, i * latent);
    });
    const z = float32(heldOn(vae.model.spec, flat), [points.length, latent]);
    const told = start ? companionsAt(start, new Array<number>(points.length).fill(0)) : {};
    const { mean } = await vae.run('decoder', {
      ...z,
      ...told,
      ...asked(vae, points.length, label, start !== undefined),
    });
    context.progress?.(1);
    return {
      axes: axes.map(({ index, use, deviation }) => ({ index, use, deviation })),
      positions,
      images: mean!,
      codes: z,
    };
  },
});

/** The class that was asked for; where neither it nor a row was given, a conditional model is told the first. */
function asked({ model: { spec } }: TrainedVae, count: number, label: number | undefined, known: boolean): Companions {
  if (label === undefined && known) return {};
  const isTold = spec.condition !== undefined && spec.condition.type !== 'attributes';
  return drawnConditions(spec, count, { label: label ?? (isTold ? 0 : undefined) });
}

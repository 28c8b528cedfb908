// A walk through latent space that ends where it began, to be seen as a film: through codes that are drawn, or those of rows.

import { z } from 'zod';
import { hostRowsAt } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { closedWalk, heldOn, numbersOf, onSphere } from '../latents/index.ts';
import { companionsAt } from '../models/index.ts';
import { float32, type HostTensor, type RowTensor } from '../runtime/index.ts';
import { datasetOf, type RowsInput, rowsFields } from './rows.ts';
import { type SamplerInput, samplerAsked, samplerFields, samplerFor } from './sampler.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task, type TaskContext } from './task.ts';
import { float32Tensor } from './tensors.ts';

export interface WalkInput extends RowsInput, SamplerInput {
  /** Rows to pass, in this order. Default: none; the codes are drawn. */
  readonly rows?: readonly number[] | undefined;
  /** How many codes are drawn, where no rows are given. Default 8. */
  readonly points?: number | undefined;
  /** Seed of the draws. Default 0. */
  readonly seed?: number | undefined;
  /** What the normal noise of the draws is multiplied by. Default 1. */
  readonly temperature?: number | undefined;
  /** The class that the model is told all the way. Default: that of the nearer of the two codes. */
  readonly label?: number | undefined;
  /** Pictures from one code to the next. Default 16. */
  readonly steps?: number | undefined;
  /** Pictures a second that it is meant to be seen at. Default 20. */
  readonly frameRate?: number | undefined;
}

export interface Walk {
  /** [points · steps, ...shape of the data], on the scale of [0, 1]; the one after the last is the first. */
  readonly images: HostTensor<'float32'>;
  /** [points · steps, latent]. */
  readonly codes: HostTensor<'float32'>;
  readonly points: number;
  readonly steps: number;
  readonly frameRate: number;
}

type Defaulted = 'split' | 'points' | 'seed' | 'temperature' | 'steps' | 'frameRate';

const input: z.ZodType<Filled<WalkInput, Defaulted>, WalkInput> = z.strictObject({
  ...rowsFields,
  rows: z
    .array(z.int().min(0))
    .min(2)
    .max(1000)
    .optional()
    .describe('rows to pass, in this order (default: codes are drawn)'),
  points: z.int().min(2).max(1000).default(8).describe('how many codes are drawn'),
  seed: z.int().min(0).default(0).describe('seed of the draws'),
  temperature: z.number().min(0).default(1).describe('below 1, likelier and less varied'),
  ...samplerFields,
  label: z
    .int()
    .min(0)
    .optional()
    .describe('class that a conditional model is told (default: that of the nearer code)'),
  steps: z.int().min(1).max(1000).default(16).describe('pictures from one code to the next'),
  frameRate: z.number().min(1).max(50).default(20).describe('pictures a second'),
});

const output: z.ZodType<Walk> = z.object({
  images: float32Tensor,
  codes: float32Tensor,
  points: z.int(),
  steps: z.int(),
  frameRate: z.number(),
});

export const walk: Task<WalkInput, Walk> = defineTask({
  name: 'walk',
  summary: summaries.walk,
  example: 'walk runs/mnist-mlp --points 4 --steps 12 --out walk.gif',
  input,
  output,
  async run(context, { steps, frameRate, ...which }) {
    const { vae } = context.run;
    const { spec } = vae.model;
    context.signal?.throwIfAborted();
    const ends = await endsOf(context, which);
    const [points = 0] = ends.shape;
    const space = { latent: spec.latent, numbers: numbersOf(spec), sphere: onSphere(spec) };
    const codes = heldOn(spec, closedWalk(ends.data, space, steps));
    const z = float32(codes, [points * steps, spec.latent]);
    const nearer = Uint32Array.from(
      { length: points * steps },
      (_, i) => (Math.floor(i / steps) + (2 * (i % steps) < steps ? 0 : 1)) % points,
    );
    const { mean } = await vae.run('decoder', { ...z, ...companionsAt(ends, nearer) });
    context.progress?.(1);
    return { images: mean!, codes: z, points, steps, frameRate };
  },
});

type Which = Omit<Filled<WalkInput, 'split' | 'points' | 'seed' | 'temperature'>, 'steps' | 'frameRate'>;

/** The codes to pass, with what belongs to them. */
async function endsOf(context: TaskContext, which: Which): Promise<RowTensor<'float32'>> {
  const { data: source, split, rows, points, seed, temperature, label, sampler: name, components } = which;
  const { vae } = context.run;
  if (rows !== undefined) {
    if (name !== undefined) {
      throw new LatentkitError('usage', 'walk: expected rows to pass or a sampler to draw codes by, got both.');
    }
    const known = await hostRowsAt(await datasetOf(context, { data: source, split }), rows);
    const codes = (await vae.run('encoder', known)).mean!;
    if (label === undefined || codes.label === undefined) return codes;
    return { ...codes, label: { ...codes.label, data: new Int32Array(rows.length).fill(label) } };
  }
  const sampler = await samplerFor(
    context,
    samplerAsked(context.run, { sampler: name, components }, 'walk'),
    temperature,
  );
  try {
    return await sampler.draw(points, { seed, temperature, label });
  } finally {
    await sampler.dispose();
  }
}

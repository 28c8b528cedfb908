// Walks in latent space from one row to another, along the arc between the means of their posteriors.

import { z } from 'zod';
import { hostRowsAt } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { numbersOf, slerpFirst } from '../latents/index.ts';
import { companionsAt, rowRange } from '../models/index.ts';
import { float32, type HostTensor } from '../runtime/index.ts';
import { datasetOf, firstRows, type RowsInput, rowsFields } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor } from './tensors.ts';

export interface InterpolateInput extends RowsInput {
  /** Rows to begin at. Default: as many of the first rows as there are others to end at, 5 at most. */
  readonly from?: readonly number[] | undefined;
  /** Rows to end at, as many. Default: those that follow. */
  readonly to?: readonly number[] | undefined;
  /** Points of each walk, its two ends among them. Default 10. */
  readonly steps?: number | undefined;
}

export interface Interpolated {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly steps: number;
  /** [walks · steps, ...shape of the data], on the scale of [0, 1]; one walk after another. */
  readonly images: HostTensor<'float32'>;
  /** [walks · steps, latent]. */
  readonly codes: HostTensor<'float32'>;
}

const rows = z.array(z.int().min(0)).min(1).max(1000);

const input: z.ZodType<Filled<InterpolateInput, 'split' | 'steps'>, InterpolateInput> = z.strictObject({
  ...rowsFields,
  from: rows.optional().describe('rows to begin at (default: the first 5)'),
  to: rows.optional().describe('rows to end at, as many (default: the next 5)'),
  steps: z.int().min(2).max(1000).default(10).describe('points of each walk, its two ends among them'),
});

const output: z.ZodType<Interpolated> = z.object({
  from: z.array(z.int()),
  to: z.array(z.int()),
  steps: z.int(),
  images: float32Tensor,
  codes: float32Tensor,
});

export const interpolate: Task<InterpolateInput, Interpolated> = defineTask({
  name: 'interpolate',
  summary: summaries.interpolate,
  example: 'interpolate runs/mnist-mlp --from 0,1 --to 2,3 --steps 12 --out walk.png',
  input,
  output,
  async run(context, { data: source, split, steps, ...given }) {
    const { vae } = context.run;
    const data = await datasetOf(context, { data: source, split });
    const from = given.from ?? firstRows(data, Math.max(1, Math.min(given.to?.length ?? 5, data.size >> 1)));
    const to = given.to ?? from.map(row => Math.min(row + from.length, data.size - 1));
    if (from.length !== to.length) {
      throw new LatentkitError(
        'spec',
        `interpolate: expected as many rows in "to" as in "from", got ${to.length} and ${from.length}.`,
      );
    }
    const { mean } = await vae.run('encoder', await hostRowsAt(data, [...from, ...to]));
    context.signal?.throwIfAborted();
    const { latent } = vae.model.spec;
    const numbers = numbersOf(vae.model.spec);
    const codeOf = (i: number): Float32Array => rowRange(mean!, i, i + 1).data;
    const codes = new Float32Array(from.length * steps * latent);
    for (let walk = 0; walk < from.length; walk++) {
      for (let step = 0; step < steps; step++) {
        const code = slerpFirst(numbers, codeOf(walk), codeOf(from.length + walk), step / (steps - 1));
        codes.set(code, (walk * steps + step) * latent);
      }
    }
    const z = float32(codes, [from.length * steps, latent]);
    // What belongs to a row stays that of the nearer end.
    const nearer = Uint32Array.from({ length: z.shape[0]! }, (_, i) => {
      const walk = Math.floor(i / steps);
      return 2 * (i % steps) < steps ? walk : from.length + walk;
    });
    const decoded = await vae.run('decoder', { ...z, ...companionsAt(mean!, nearer) });
    context.progress?.(1);
    return { from, to, steps, images: decoded.mean!, codes: z };
  },
});

// New data: codes drawn from the prior, decoded to the expected data.

import { z } from 'zod';
import type { HostTensor } from '../runtime/index.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor } from './tensors.ts';

export interface GenerateInput {
  /** Default 64. */
  readonly count?: number | undefined;
  /** The same seed gives the same samples, and the first of them whatever the count. Default 0. */
  readonly seed?: number | undefined;
  /** What the prior's standard deviation is multiplied by. Default 1. */
  readonly temperature?: number | undefined;
}

export interface Generated {
  /** [count, ...shape of the data], on the scale of [0, 1]. */
  readonly samples: HostTensor<'float32'>;
  /** [count, latent]. */
  readonly codes: HostTensor<'float32'>;
}

const input: z.ZodType<Filled<GenerateInput, keyof GenerateInput>, GenerateInput> = z.strictObject({
  count: z.int().min(1).max(100_000).default(64).describe('how many'),
  seed: z.int().min(0).default(0).describe('seed of the draws'),
  temperature: z.number().min(0).default(1).describe('below 1, likelier and less varied'),
});

export const generate: Task<GenerateInput, Generated> = defineTask({
  name: 'generate',
  summary: summaries.generate,
  example: 'generate runs/mnist-mlp --count 64 --seed 7 --out samples.png --preview',
  input,
  output: z.object({ samples: float32Tensor, codes: float32Tensor }),
  async run({ run: { vae }, signal, progress }, { count, seed, temperature }) {
    signal?.throwIfAborted();
    const codes = await vae.drawLatents(count, { seed, temperature });
    const { mean } = await vae.run('decoder', codes);
    progress?.(1);
    return { samples: mean!, codes };
  },
});

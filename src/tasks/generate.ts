// New data: codes drawn from the prior, or by a sampler fitted to the model's codes, decoded to the expected data; of a table
// to rows drawn from what the decoder says of them.

import { z } from 'zod';
import { type Sampler, samplerTypes } from '../models/index.ts';
import { float32, type HostTensor } from '../runtime/index.ts';
import { rowsOfCodes } from './drawn-rows.ts';
import { type Memorisation, memorisationOf } from './memorisation.ts';
import { splitsOf } from './rows.ts';
import { type SamplerInput, samplerAsked, samplerFields, samplerFor } from './sampler.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor, int32Tensor } from './tensors.ts';

export interface GenerateInput extends SamplerInput {
  /** Default 64. */
  readonly count?: number | undefined;
  /** The same seed gives the same samples, and the first of them whatever the count. Default 0. */
  readonly seed?: number | undefined;
  /** What the prior's standard deviation, or a sampler's, is multiplied by. Default 1. */
  readonly temperature?: number | undefined;
  /** Of a model that is told classes, the number of the class of all samples. Default: each class in turn. */
  readonly label?: number | undefined;
  /** Of a model that is told attributes, those of all samples. */
  readonly attributes?: readonly number[] | undefined;
  /** Find the training row that is nearest to each sample, and compare the distances with those of test rows. */
  readonly checkMemorisation?: boolean | undefined;
}

export interface Generated {
  /** [count, ...shape of the data], on the scale of [0, 1]; of a table drawn from p(x|z), on its columns' own. */
  readonly samples: HostTensor<'float32'>;
  /** [count, latent]. */
  readonly codes: HostTensor<'float32'>;
  readonly sampler: Sampler['type'];
  /** Where it was asked for. */
  readonly memorisation?: Memorisation | undefined;
}

type Defaulted = 'count' | 'seed' | 'temperature' | 'checkMemorisation';

const input: z.ZodType<Filled<GenerateInput, Defaulted>, GenerateInput> = z.strictObject({
  count: z.int().min(1).max(100_000).default(64).describe('how many'),
  seed: z.int().min(0).default(0).describe('seed of the draws'),
  temperature: z.number().min(0).default(1).describe('below 1, likelier and less varied'),
  label: z
    .int()
    .min(0)
    .optional()
    .describe('class of all samples, for a model that is told classes (default: in turn)'),
  attributes: z.array(z.number()).optional().describe('those of all samples, for a model that is told attributes'),
  ...samplerFields,
  checkMemorisation: z
    .boolean()
    .default(false)
    .describe('find the training row nearest to each sample, and compare the distances with those of test rows'),
});

const output: z.ZodType<Generated> = z.object({
  samples: float32Tensor,
  codes: float32Tensor,
  sampler: z.enum(samplerTypes),
  memorisation: z
    .object({
      nearest: int32Tensor,
      rows: float32Tensor,
      distance: float32Tensor,
      medianDistance: z.number(),
      medianTestDistance: z.number(),
      testRows: z.int(),
      suspects: z.number(),
      z: z.number(),
    })
    .optional(),
});

export const generate: Task<GenerateInput, Generated> = defineTask({
  name: 'generate',
  summary: summaries.generate,
  example: 'generate runs/mnist-mlp --count 64 --seed 7 --out samples.png --preview',
  input,
  output,
  async run(context, { count, attributes, sampler: name, components, checkMemorisation, ...draw }) {
    const { vae } = context.run;
    const asked = { sampler: name, components };
    context.signal?.throwIfAborted();
    const sampler = await samplerFor(context, samplerAsked(context.run, asked, 'generate'), draw.temperature);
    const told =
      attributes &&
      float32(Float32Array.from(Array.from({ length: count }, () => attributes).flat()), [count, attributes.length]);
    const codes = await sampler.draw(count, { ...draw, attributes: told });
    await sampler.dispose();
    const samples = await rowsOfCodes(vae, codes, draw.seed);
    const memorisation = checkMemorisation
      ? await memorisationOf(context, samples, context.data ?? (await splitsOf(context.run)))
      : undefined;
    context.progress?.(1);
    return { samples, codes, sampler: sampler.spec.type, ...(memorisation && { memorisation }) };
  },
});

// New data: codes drawn from the prior, or by a sampler fitted to the model's codes, decoded to the expected data.

import { z } from 'zod';
import { type ModelSpec, type Sampler, samplerSchema, samplerTypes } from '../models/index.ts';
import { float32, type HostTensor } from '../runtime/index.ts';
import { parseSpec } from '../schema.ts';
import { samplerFor } from './sampler.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor } from './tensors.ts';

export interface GenerateInput {
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
  /** What draws the codes, fitted where it never was. Default: the model's own choice, which is the prior as a rule. */
  readonly sampler?: Sampler['type'] | undefined;
  /** Of the sampler gmm. */
  readonly components?: number | undefined;
}

export interface Generated {
  /** [count, ...shape of the data], on the scale of [0, 1]. */
  readonly samples: HostTensor<'float32'>;
  /** [count, latent]. */
  readonly codes: HostTensor<'float32'>;
  readonly sampler: Sampler['type'];
}

const input: z.ZodType<Filled<GenerateInput, 'count' | 'seed' | 'temperature'>, GenerateInput> = z.strictObject({
  count: z.int().min(1).max(100_000).default(64).describe('how many'),
  seed: z.int().min(0).default(0).describe('seed of the draws'),
  temperature: z.number().min(0).default(1).describe('below 1, likelier and less varied'),
  label: z
    .int()
    .min(0)
    .optional()
    .describe('class of all samples, for a model that is told classes (default: in turn)'),
  attributes: z.array(z.number()).optional().describe('those of all samples, for a model that is told attributes'),
  sampler: z
    .enum(samplerTypes)
    .optional()
    .describe("what draws the codes, fitted to those of the training rows at its first use (default: the model's own)"),
  components: z.int().min(1).max(10_000).optional().describe('Gaussians of the sampler gmm (default: 10)'),
});

export const generate: Task<GenerateInput, Generated> = defineTask({
  name: 'generate',
  summary: summaries.generate,
  example: 'generate runs/mnist-mlp --count 64 --seed 7 --out samples.png --preview',
  input,
  output: z.object({ samples: float32Tensor, codes: float32Tensor, sampler: z.enum(samplerTypes) }),
  async run(context, { count, attributes, sampler: name, components, ...draw }) {
    const { vae } = context.run;
    context.signal?.throwIfAborted();
    const sampler = await samplerFor(context, chosen(vae.model.spec, { name, components }), draw.temperature);
    const told =
      attributes &&
      float32(Float32Array.from(Array.from({ length: count }, () => attributes).flat()), [count, attributes.length]);
    const codes = await sampler.draw(count, { ...draw, attributes: told });
    await sampler.dispose();
    const { mean } = await vae.run('decoder', codes);
    context.progress?.(1);
    return { samples: mean!, codes, sampler: sampler.spec.type };
  },
});

interface Choice {
  readonly name: Sampler['type'] | undefined;
  readonly components: number | undefined;
}

/** The sampler of a name, in full. Of the model's own the fields are those that its spec says. */
function chosen({ sampler: own = { type: 'prior' } }: ModelSpec, { name = own.type, components }: Choice): Sampler {
  const asked = { ...(name === own.type ? own : { type: name }), ...(components !== undefined && { components }) };
  return parseSpec(samplerSchema, asked, `generate: sampler ${name}`);
}

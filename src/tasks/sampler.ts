// The sampler that a task draws codes by: the one that is kept with the run, or one fitted now and kept from here on.

import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import { type Sampler, samplerSchema, samplerTypes } from '../models/index.ts';
import {
  checkDraw,
  type FittedSampler,
  fitSampler,
  openSampler,
  readSampler,
  writeSampler,
} from '../samplers/index.ts';
import { parseSpec } from '../schema.ts';
import { splitsOf } from './rows.ts';
import type { TaskContext } from './task.ts';

/** Which sampler, as tasks ask for it. */
export interface SamplerInput {
  /** What draws the codes, fitted where it never was. Default: the model's own choice, which is the prior as a rule. */
  readonly sampler?: Sampler['type'] | undefined;
  /** Of the sampler gmm. */
  readonly components?: number | undefined;
}

/** The fields of {@link SamplerInput}. */
export const samplerFields: {
  readonly sampler: z.ZodOptional<z.ZodEnum<{ readonly [T in Sampler['type']]: T }>>;
  readonly components: z.ZodOptional<z.ZodInt>;
} = {
  sampler: z
    .enum(samplerTypes)
    .optional()
    .describe("what draws the codes, fitted to those of the training rows at its first use (default: the model's own)"),
  components: z.int().min(1).max(10_000).optional().describe('Gaussians of the sampler gmm (default: 10)'),
};

/**
 * The sampler that was asked for, in full. Of the model's own the fields are those that its spec says.
 * @param task the task that errors name
 */
export function samplerAsked(
  { vae }: TaskContext['run'],
  { sampler: name, components }: SamplerInput,
  task: string,
): Sampler {
  const { sampler: own = { type: 'prior' } } = vae.model.spec;
  const type = name ?? own.type;
  const asked = { ...(type === own.type ? own : { type }), ...(components !== undefined && { components }) };
  return parseSpec(samplerSchema, asked, `${task}: sampler ${type}`);
}

/**
 * Opens a sampler of a run.
 *
 * @param temperature what the codes are to be drawn at, which is refused before anything is fitted.
 * @throws LatentkitError `data` where a sampler has to be fitted and the run cannot load its data.
 */
export async function samplerFor(context: TaskContext, spec: Sampler, temperature: number): Promise<FittedSampler> {
  const { vae, folder } = context.run;
  checkDraw(vae, spec, temperature);
  if (spec.type === 'prior') return openSampler(vae, spec, {});
  const known = folder && (await readSampler(folder, vae, spec));
  if (known !== undefined) return known;
  const fitted = await fitSampler(vae, context.data ?? (await splitsOf(context.run)), spec, context);
  if (folder !== undefined) await keep(() => writeSampler(folder, fitted));
  return fitted;
}

/** A folder that cannot be written does not keep anyone from drawing. */
export async function keep(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof LatentkitError && error.code === 'io')) throw error;
  }
}

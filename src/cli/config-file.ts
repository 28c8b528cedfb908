// The config file of `train`: what the flags say, and what is too long for them. Flags win over it.

import { z } from 'zod';
import { trainingSchema } from '../artifact/index.ts';
import { type DataSource, dataSchema } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { codeOf, explained } from '../io-error.ts';
import { modelJsonSchema, type PresetName, presets } from '../models/index.ts';
import { parseSpec } from '../schema.ts';
import { type ModelFlags, modelFlags } from './train-flags.ts';

/** A config file's contents. */
export interface ConfigFile {
  readonly data?: DataSource | undefined;
  readonly preset?: PresetName | undefined;
  readonly presetOptions?: ModelFlags | undefined;
  readonly model?: Readonly<Record<string, unknown>> | undefined;
  readonly training?: Readonly<Record<string, unknown>> | undefined;
  readonly out?: string | undefined;
}

const record = z.record(z.string(), z.unknown());

const configSchema: z.ZodType<ConfigFile> = z
  .strictObject({
    data: dataSchema.optional().describe('a data set by name, the path of data, or how to read them'),
    preset: z
      .enum(Object.keys(presets) as PresetName[])
      .optional()
      .describe('a model of the literature by name'),
    presetOptions: modelFlags.optional().describe('what to choose of the preset; the same as the flags of `train`'),
    model: record.optional().describe('a model of your own, instead of a preset'),
    training: record.optional().describe('how to train'),
    out: z.string().min(1).optional().describe('the run folder'),
  })
  .refine(({ preset, model }) => preset === undefined || model === undefined, {
    error: '"preset" and "model" exclude each other; leave one out',
  })
  .refine(({ presetOptions, model }) => presetOptions === undefined || model === undefined, {
    error: '"presetOptions" are those of a preset, and there is a "model"; leave one out',
  });

/** Reads and checks a config file. What is in `model` and `training` is checked where it is used. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const config = parseSpec(configSchema, (await readStructured(path)) ?? {}, path);
  if (config.training !== undefined) parseSpec(trainingSchema, config.training, `${path}: training`);
  return config;
}

/**
 * Reads a YAML or JSON file.
 * @throws LatentkitError `io` where it cannot be read, `spec` where it is neither.
 */
export async function readStructured(path: string): Promise<unknown> {
  const { readFile } = await import('node:fs/promises');
  const { parse } = await import('yaml');
  const text = await explained(path, 'read', () => readFile(path, 'utf8'));
  try {
    return parse(text);
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new LatentkitError('spec', `${path}: expected YAML or JSON, but: ${reason?.replace(/:$/, '')}.`, { cause });
  }
}

/** Whether something is a file. */
export async function isFile(path: string): Promise<boolean> {
  const { stat } = await import('node:fs/promises');
  return stat(path).then(
    found => found.isFile(),
    cause => {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(cause) ?? '')) return false;
      return explained(path, 'read', () => Promise.reject(cause));
    },
  );
}

/** The JSON Schema of a config file, with those of the model and the training in their places. */
export function configJsonSchema(): Record<string, unknown> {
  const { properties, ...schema } = z.toJSONSchema(configSchema, { io: 'input' });
  const { title: _, $schema: __, ...model } = modelJsonSchema();
  // A config file may leave the input to the data.
  const required = (model.required as string[]).filter(field => field !== 'input');
  const places = { ...properties, model: { ...model, required }, training: trainingJsonSchema() };
  return { title: 'Latentkit config', ...schema, properties: places };
}

/** The JSON Schema of `training`. */
export function trainingJsonSchema(): Record<string, unknown> {
  return { title: 'Latentkit training', ...z.toJSONSchema(trainingSchema, { io: 'input' }) };
}

// config.json of a run folder: everything that decides the run, so that it can be resumed, repeated and understood.

import { z } from 'zod';
import { type DataSource, type DataSplits, dataSchema } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { type ModelSpec, parseModel } from '../models/index.ts';
import { parseSpec } from '../schema.ts';
import { version } from '../version.ts';
import type { Folder } from './folder.ts';
import { parseJson } from './json.ts';
import { type TrainingConfig, trainingSchema } from './training-config.ts';

/** What the run was trained, chosen and tested on. */
export interface DataRecord {
  readonly name: string;
  /** Where the data came from, if it can be loaded again from there. */
  readonly source?: DataSource | undefined;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  /** SHA-256 of each split. */
  readonly fingerprints: { readonly train: string; readonly validation: string; readonly test: string };
}

/** The contents of config.json. */
export interface RunConfig {
  readonly format: 1;
  /** The version of Latentkit that wrote it. */
  readonly latentkit: string;
  readonly model: ModelSpec;
  readonly training: TrainingConfig;
  readonly data: DataRecord;
  readonly device: string;
}

const path = 'config.json';

const split = <T extends z.ZodType>(value: T): z.ZodObject<{ train: T; validation: T; test: T }> =>
  z.object({ train: value, validation: value, test: value });

const envelope: z.ZodType<Omit<RunConfig, 'model'> & { readonly model: unknown }> = z.object({
  format: z.literal(1),
  latentkit: z.string(),
  model: z.unknown(),
  training: trainingSchema,
  data: z.object({
    name: z.string(),
    source: dataSchema.optional(),
    rows: split(z.int()),
    fingerprints: split(z.string()),
  }),
  device: z.string(),
});

/** What config.json says of the data. */
export function describeData(data: DataSplits, source: DataSource | undefined): DataRecord {
  const { train, validation, test } = data;
  return {
    name: train.name,
    ...(source === undefined ? {} : { source }),
    rows: { train: train.size, validation: validation.size, test: test.size },
    fingerprints: { train: train.fingerprint, validation: validation.fingerprint, test: test.fingerprint },
  };
}

/** The config of a new run. */
export function runConfig(parts: Omit<RunConfig, 'format' | 'latentkit'>): RunConfig {
  return { format: 1, latentkit: version, ...parts };
}

/** Writes config.json. */
export async function writeRunConfig(folder: Folder, config: RunConfig): Promise<void> {
  await folder.write(path, `${JSON.stringify(config, null, 2)}\n`);
}

/** Whether the folder holds a run. */
export async function isRun(folder: Folder): Promise<boolean> {
  return folder.has(path);
}

/**
 * Reads config.json.
 * @throws LatentkitError `artifact` where there is none or it is of another version, `spec` where a field is wrong.
 */
export async function readRunConfig(folder: Folder): Promise<RunConfig> {
  const where = folder.describe(path);
  if (!(await folder.has(path))) {
    throw new LatentkitError(
      'artifact',
      `${where}: expected a run folder with a config.json, got none. Name the folder that \`latentkit train\` printed.`,
    );
  }
  const json = parseJson(await folder.read(path), where);
  const config = parseSpec(envelope, json, where);
  return { ...config, model: parseModel(config.model) };
}

/** Data of another content than the run was trained on is refused: a resumed run would be neither one nor the other. */
export function checkData(config: RunConfig, data: DataSplits): void {
  for (const name of ['train', 'validation', 'test'] as const) {
    if (data[name].fingerprint !== config.data.fingerprints[name]) {
      throw new LatentkitError(
        'data',
        `the ${name} rows are not those that the run was started on (${config.data.name}, SHA-256 ` +
          `${config.data.fingerprints[name].slice(0, 12)}…, got ${data[name].fingerprint.slice(0, 12)}…). ` +
          'Give the same data, or train a new run.',
      );
    }
  }
}

// What `train` is asked to do: the config file with the flags laid over it, as the data, the model and the training.

import { basename, extname } from 'node:path';
import type { TrainingInput } from '../artifact/index.ts';
import { classCount, type DataSource, type Dataset, dataNames, loaderSummaries, tableInput } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import {
  type Condition,
  type ModelOptions,
  type ModelSpec,
  type PresetName,
  parseModel,
  presetNamed,
  presets,
} from '../models/index.ts';
import { type ConfigFile, isFile, readConfigFile, readStructured } from './config-file.ts';
import { flagOf, givenOptions } from './options.ts';
import { sourceOf } from './source.ts';
import {
  type ModelFlags,
  modelFlags,
  objectiveOf,
  presetOptionsOf,
  trainingFlags,
  withTrainingFlags,
} from './train-flags.ts';

/** What the command line gave, as commander parsed it. */
export interface TrainValues extends Readonly<Record<string, unknown>> {
  readonly preset?: string;
  readonly model?: string;
  readonly config?: string;
  readonly labels?: string;
  readonly strict?: boolean;
  readonly out?: string;
}

/** A training run to be. */
export interface TrainingRequest {
  readonly source: DataSource;
  /** The model for such data, and what it is called: the preset, with the network where one was chosen, or the file. */
  readonly model: (data: Dataset) => { readonly name: string; readonly spec: ModelSpec };
  readonly training: TrainingInput;
  readonly out?: string | undefined;
}

/**
 * Puts config file and flags together.
 * @throws LatentkitError `spec` or `usage` that names the wrong field or flag, `io` where a file cannot be read.
 */
export async function trainingRequest(data: string | undefined, values: TrainValues): Promise<TrainingRequest> {
  const config: ConfigFile = values.config === undefined ? {} : await readConfigFile(values.config);
  const given: ModelFlags = givenOptions(modelFlags, values);
  const named = data ?? config.data;
  if (named === undefined) {
    throw new LatentkitError(
      'usage',
      `expected the data to train on: ${dataNames.join(', ')}, or the path of data (${loaderSummaries.join('; ')}). ` +
        'For example: latentkit train mnist.',
    );
  }
  return {
    source: await sourceOf(named, values),
    model: await modelOf(config, values, given),
    training: withTrainingFlags((config.training ?? {}) as TrainingInput, givenOptions(trainingFlags, values)),
    out: values.out ?? config.out,
  };
}

/** What was chosen for data of this size, in words: `batches of 16, 150 epochs, ...`; undefined where nothing was. */
export function trainingNote(asked: TrainingInput, { batchSize, epochs, patience }: TrainingInput): string | undefined {
  const chosen = [
    ...(batchSize === asked.batchSize ? [] : [`batches of ${batchSize}`]),
    ...(epochs === asked.epochs ? [] : [`${epochs} epochs`]),
    ...(patience === asked.patience ? [] : [`fewer after ${patience} without a better validation bound`]),
  ];
  return chosen.length === 0 ? undefined : `For so many rows: ${chosen.join(', ')}.`;
}

async function modelOf(config: ConfigFile, values: TrainValues, flags: ModelFlags): Promise<TrainingRequest['model']> {
  if (values.model !== undefined && values.preset !== undefined) {
    throw new LatentkitError('usage', '--preset is the same as --model; leave one out.');
  }
  const named = values.preset ?? values.model;
  if (values.model !== undefined && (await isModelFile(values.model))) {
    const name = basename(values.model, extname(values.model));
    const spec = ownModel(await readStructured(values.model), flags);
    return data => ({ name, spec: spec(data) });
  }
  if (config.model !== undefined && named === undefined) {
    const spec = ownModel(config.model, flags);
    return data => ({ name: 'model', spec: spec(data) });
  }
  const chosen = named ?? config.preset;
  const asked = chosen === undefined ? undefined : presetNamed(chosen);
  const options = presetOptionsOf({ ...config.presetOptions, ...flags });
  return data => {
    const preset = asked ?? presets[defaultFor(data)];
    const condition = conditionOn(flags.condition ?? config.presetOptions?.condition ?? preset.condition, data);
    return {
      name: options.network === undefined ? preset.name : `${preset.name}-${options.network}`,
      spec: preset.build({ ...options, ...(condition && { condition }), input: inputOf(data) }),
    };
  };
}

/** The model where none is asked for: samples of sound are no shares of black and white. */
function defaultFor({ columns, range: [low] }: Dataset): PresetName {
  if (columns) return 'table';
  return low < 0 ? 'sigma-vae' : 'mlp';
}

/** Whether `--model` means a file: it is no preset's name, and there is such a file or it can only be a path. */
async function isModelFile(model: string): Promise<boolean> {
  if (Object.hasOwn(presets, model)) return false;
  return /[./\\]/.test(model) || isFile(model);
}

/** A model from a file, with the flags laid over it; where it says nothing of its input, that is the data's. */
function ownModel(model: unknown, { hidden, network, ...flags }: ModelFlags): (data: Dataset) => ModelSpec {
  if (hidden !== undefined || network !== undefined) {
    throw new LatentkitError(
      'usage',
      `${flagOf(hidden === undefined ? 'network' : 'hidden')} is an option of presets; change the layers of the model instead.`,
    );
  }
  if (typeof model !== 'object' || model === null) return () => parseModel(model);
  const { objective, ...parts } = presetOptionsOf(flags);
  const { condition: type } = flags;
  const own = 'objective' in model && typeof model.objective === 'object' ? model.objective : undefined;
  const merged = objective === undefined ? {} : { objective: { ...own, ...objectiveOf(flags) } };
  return data => {
    const condition = conditionOn(type, data);
    return parseModel({ input: inputOf(data), ...model, ...parts, ...merged, ...(condition && { condition }) });
  };
}

/** The condition of a type, as wide as the data have it. */
function conditionOn(type: Condition['type'] | undefined, { name, labels, attributes }: Dataset) {
  if (type === undefined) return undefined;
  if (type === 'attributes') {
    if (attributes) return { type, width: attributes.names.length };
    throw new LatentkitError(
      'data',
      `${name}: expected attributes of each row, which the model is to be told, got none.`,
    );
  }
  if (labels) return { type, classes: classCount(labels) };
  throw new LatentkitError(
    'data',
    `${name}: expected the class of each row, which the model is to be told, got none. Give data with labels (--labels), ` +
      'or another model.',
  );
}

function inputOf(data: Dataset): ModelOptions['input'] {
  const { shape, dtype, range } = data;
  return data.columns ? tableInput(data) : { shape, dtype, range };
}

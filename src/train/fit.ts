// Training from end to end: the loop, and around it the run folder that it is kept in.

import {
  type Checkpoint,
  checkData,
  describeData,
  type EpochRecord,
  type Folder,
  isRun,
  nodeFolder,
  type RunConfig,
  readCheckpoint,
  readMetrics,
  readParameters,
  readRunConfig,
  runConfig,
  type TrainingConfig,
  type TrainingInput,
  trainingSchema,
  writeCheckpoint,
  writeMetrics,
  writeParameters,
  writeRunConfig,
} from '../artifact/index.ts';
import {
  binarize,
  checkColumns,
  classCount,
  type DataSource,
  type DataSplits,
  type Dataset,
  hideLabels,
  type LoadedData,
  loadData,
} from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { type BoundEstimate, evaluateBound } from '../evaluate/index.ts';
import { buildModel, type Model, type ModelSpec, TrainedVae } from '../models/index.ts';
import { layoutOf, nodeRuntime, type Runtime, viewsOf } from '../runtime/index.ts';
import { parseSpec } from '../schema.ts';
import type { TrainingCallbacks } from './events.ts';
import { finishRun } from './finish.ts';
import { type LoopOptions, type LoopResult, type TrainingStore, trainLoop } from './loop.ts';

/** What `fit` takes beside the model and the data: the training config, and where and how to run. */
export interface FitOptions extends TrainingInput, SessionOptions {
  /** Where to keep the run: a path or a folder, which must not hold a run yet. Without it nothing is written. */
  readonly folder?: string | Folder | undefined;
  /** Where `data` come from, if they do not say so themselves: by it the run is resumed and evaluated from its folder alone. */
  readonly source?: DataSource | undefined;
}

/** How to run, which leaves no trace in the result. */
export interface SessionOptions extends TrainingCallbacks {
  /** Where to execute; the CPU unless told. */
  readonly runtime?: Runtime | undefined;
  /** Aborting finishes the step, writes a checkpoint and returns with status `interrupted`. */
  readonly signal?: AbortSignal | undefined;
}

/** A finished (or interrupted) training run. */
export interface Run {
  readonly status: 'finished' | 'interrupted';
  readonly config: RunConfig;
  /** The best model by validation. */
  readonly vae: TrainedVae;
  readonly records: readonly EpochRecord[];
  /** The bound on the test rows, which nothing was trained or chosen on; only of a finished run. */
  readonly test?: BoundEstimate;
  /** Training speed over the whole run, without evaluation and checkpoints. */
  readonly imagesPerSecond: number;
  readonly folder?: Folder;
}

/**
 * Trains a model.
 *
 * @throws LatentkitError `data` where the rows are not what the model takes, `artifact` where the folder holds a run
 * already, `training` where the loss stays infinite or NaN.
 * @example
 * const data = await loadData('mnist');
 * const run = await fit(presets.mlp.build({ input: [28, 28, 1] }), data, { epochs: 5, folder: 'runs/mine' });
 */
export async function fit(spec: ModelSpec, data: DataSplits | LoadedData, options: FitOptions = {}): Promise<Run> {
  const {
    folder: where,
    source,
    runtime,
    signal,
    onStep,
    onEpoch,
    onDiagnosis,
    onRollback,
    onCheckpoint,
    ...training
  } = options;
  const config = parseSpec(trainingSchema, training, 'training config');
  checkShapes(spec, data, config);
  checkCondition(spec, data, config.labelled);
  const model = buildModel(spec);
  const engine = runtime ?? (await nodeRuntime());
  const folder = typeof where === 'string' ? await nodeFolder(where, { create: true }) : where;
  if (folder !== undefined && (await isRun(folder))) {
    throw new LatentkitError(
      'artifact',
      `${folder.describe('')}: this folder holds a run already. Name another folder, go on with the run by ` +
        '`latentkit resume`, or delete it.',
    );
  }
  const record = runConfig({
    model: spec,
    training: config,
    data: describeData(data, source ?? ('source' in data ? data.source : undefined)),
    device: engine.device,
  });
  if (folder !== undefined) await writeRunConfig(folder, record);
  return train({ model, data, config: record, runtime: engine, folder, session: options });
}

/** What `resume` may be told beside the folder. */
export interface ResumeOptions extends SessionOptions {
  /** The data, where the run does not say where they came from. */
  readonly data?: DataSplits | undefined;
  /** Train up to so many epochs in all; as configured unless told. */
  readonly epochs?: number | undefined;
}

/**
 * Goes on with a run from its last checkpoint, or from its start where there is none. The result has the same bits as
 * if training had never stopped.
 *
 * @throws LatentkitError `artifact` where there is no run or a file of it is damaged, `data` where the data are not those
 * that it was started on.
 */
export async function resume(where: string | Folder, options: ResumeOptions = {}): Promise<Run> {
  const folder = typeof where === 'string' ? await nodeFolder(where) : where;
  let config = await readRunConfig(folder);
  if (options.epochs !== undefined && options.epochs !== config.training.epochs) {
    const training = parseSpec(trainingSchema, { ...config.training, epochs: options.epochs }, 'training config');
    config = { ...config, training };
    await writeRunConfig(folder, config);
  }
  const data = options.data ?? (await dataOf(config));
  checkData(config, data);
  const model = buildModel(config.model);
  const runtime = options.runtime ?? (await nodeRuntime());
  return train({ model, data, config, runtime, folder, session: options });
}

/** Loads the data that a run was trained on. */
export async function dataOf(config: RunConfig): Promise<DataSplits> {
  if (config.data.source === undefined) {
    throw new LatentkitError(
      'data',
      `the run was trained on data given by a program (${config.data.name}); give the same data again, from the library.`,
    );
  }
  return loadData(config.data.source);
}

interface Training {
  readonly model: Model;
  readonly data: DataSplits;
  readonly config: RunConfig;
  readonly runtime: Runtime;
  readonly folder: Folder | undefined;
  readonly session: SessionOptions;
}

async function train({ model, data: given, config, runtime, folder, session }: Training): Promise<Run> {
  const layout = layoutOf(model.parameters);
  const data = withKnownLabels(prepareData(given, config.model), config.training);
  const from = folder && (await lastState(folder, model));
  const loop: LoopOptions = {
    ...session,
    model,
    data,
    config: config.training,
    runtime,
    store: folder && storeIn(folder, model),
    ...(from === undefined ? {} : { from }),
  };
  const result = await trainLoop(loop);
  const vae = new TrainedVae(model, viewsOf(layout, result.best), runtime);
  const base = {
    config,
    vae,
    records: result.records,
    imagesPerSecond: imagesPerSecond(result),
    ...(folder && { folder }),
  };
  if (result.status === 'interrupted') return { ...base, status: 'interrupted' };
  const test = await evaluateBound(vae, data.test);
  const run = { ...base, status: 'finished', test } as const;
  if (folder !== undefined) await finishRun(folder, { ...run, data });
  return run;
}

function imagesPerSecond({ counters }: LoopResult): number {
  return counters.seconds === 0 ? 0 : counters.rows / counters.seconds;
}

/** Rows as the model sees them: binarised once where the spec says so. */
export function prepareRows(rows: Dataset, { binarization }: ModelSpec): Dataset {
  // One seed for all: static binarisation is part of the data, so that figures of different runs can be compared.
  return binarization === 'static' ? binarize(rows, 0) : rows;
}

/** The same of all splits. */
export function prepareData({ train, validation, test }: DataSplits, spec: ModelSpec): DataSplits {
  return { train: prepareRows(train, spec), validation: prepareRows(validation, spec), test: prepareRows(test, spec) };
}

function storeIn(folder: Folder, model: Model): TrainingStore {
  const layout = layoutOf(model.parameters);
  return {
    saveBest: parameters => writeParameters(folder, viewsOf(layout, parameters)),
    saveMetrics: records => writeMetrics(folder, records),
    saveCheckpoint: checkpoint => writeCheckpoint(folder, checkpoint),
  };
}

async function lastState(folder: Folder, model: Model): Promise<LoopOptions['from'] | undefined> {
  const checkpoint: Checkpoint | undefined = await readCheckpoint(folder);
  if (checkpoint === undefined) return undefined;
  const layout = layoutOf(model.parameters);
  const best = new Float32Array(layout.length);
  if (checkpoint.current.counters.best !== null) {
    const saved = await readParameters(folder, model);
    for (const { name, offset } of layout.entries) best.set(saved[name]!.data, offset);
  }
  return { checkpoint, records: await readMetrics(folder), best };
}

/** The data of which so many training rows keep their class. */
function withKnownLabels(data: DataSplits, { labelled, seed }: TrainingConfig): DataSplits {
  return labelled === undefined ? data : { ...data, train: hideLabels(data.train, labelled, seed) };
}

function checkCondition({ condition }: ModelSpec, { train, test, validation }: DataSplits, labelled?: number): void {
  if (labelled !== undefined && condition?.type !== 'semiSupervised') {
    throw new LatentkitError(
      'spec',
      'training config: labelled: only a model that infers classes can do without some; choose the condition ' +
        '"semiSupervised" (the preset "m2"), or leave it out.',
    );
  }
  if (condition === undefined) return;
  for (const { name, labels, attributes } of [train, validation, test]) {
    if (condition.type === 'attributes') {
      if (attributes?.names.length === condition.width) continue;
      throw new LatentkitError(
        'data',
        `${name}: the model is told ${condition.width} attributes of each row, the data have ` +
          `${attributes?.names.length ?? 'none'}. Give data that have them, or leave the condition out.`,
      );
    }
    const classes = labels ? classCount(labels) : 0;
    if (classes > 0 && classes <= condition.classes) continue;
    throw new LatentkitError(
      'data',
      `${name}: the model is told the class of each row, from 0 to ${condition.classes - 1}, the data have ` +
        `${labels === undefined ? 'no labels' : `${classes} classes`}. Give data with such labels, or leave the condition out.`,
    );
  }
}

function checkShapes({ input }: ModelSpec, data: DataSplits, { batchSize }: TrainingConfig): void {
  for (const split of [data.train, data.validation, data.test]) {
    if (split.shape.join() !== input.shape.join() || split.dtype !== input.dtype) {
      throw new LatentkitError(
        'data',
        `${split.name}: the model takes rows of ${input.dtype} [${input.shape.join(', ')}], the data have ` +
          `${split.dtype} [${split.shape.join(', ')}]. Change the model's input, or convert the data.`,
      );
    }
    checkColumns(input.columns, split);
  }
  if (data.train.size < batchSize) {
    throw new LatentkitError(
      'data',
      `${data.train.name}: expected at least one batch of ${batchSize} training rows, got ${data.train.size}. ` +
        'Lower batchSize, or give more data.',
    );
  }
}

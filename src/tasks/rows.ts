// The rows that a task works on: fields that tasks share, and how they are read.

import { z } from 'zod';
import { checkData, type RunConfig } from '../artifact/index.ts';
import {
  checkColumns,
  type DataSource,
  type DataSplits,
  type Dataset,
  dataNames,
  dataSchema,
  hostRows,
  loadData,
  readRows,
} from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { float32, type HostTensor, type RowTensor } from '../runtime/index.ts';
import { dataOf, prepareRows } from '../train/index.ts';
import type { OpenedRun, TaskContext } from './task.ts';

const splits = ['train', 'validation', 'test'] as const;

/** Which rows: those of the run's own data unless told. */
export interface RowsInput {
  readonly data?: DataSource | undefined;
  /** Default `test`; of a path that is read for the task, every row. */
  readonly split?: (typeof splits)[number] | undefined;
}

/** The fields of {@link RowsInput}. */
export const rowsFields: {
  readonly data: z.ZodOptional<z.ZodType<DataSource, DataSource>>;
  readonly split: z.ZodDefault<z.ZodEnum<{ train: 'train'; validation: 'validation'; test: 'test' }>>;
} = {
  data: (dataSchema as z.ZodType<DataSource, DataSource>)
    .optional()
    .describe('other data than the run was trained on: a name, a file or a folder'),
  split: z.enum(splits).default('test').describe('which part of the data'),
};

/**
 * The data set that a task is asked to work on, binarised as the model's training data were. A path is read as the run's
 * own data were, every row; of a data set by name or by a config the split counts.
 */
export async function datasetOf(context: TaskContext, { data: source, split = 'test' }: RowsInput): Promise<Dataset> {
  const { model, data: trained } = context.run.config;
  const data = await rowsOf();
  checkColumns(model.input.columns, data);
  checkRows(model.input, data);
  return prepareRows(data, model);

  async function rowsOf(): Promise<Dataset> {
    if (context.rows) return context.rows;
    if (source === undefined) return (context.data ?? (await splitsOf(context.run)))[split];
    const isPath = typeof source === 'string' && !dataNames.includes(source);
    const other = await (isPath ? readRows(source, model.input, trained.source) : (await loadData(source))[split]);
    for (const sentence of other.notes ?? []) context.note?.(sentence);
    return other;
  }
}

/** Data of another kind than the model's, sound for a model of images, say, are refused under their own name. */
function checkRows(input: RunConfig['model']['input'], { name, shape, dtype }: Dataset): void {
  if (shape.join() === input.shape.join() && dtype === input.dtype) return;
  throw new LatentkitError(
    'data',
    `${name}: the model takes rows of ${input.dtype} [${input.shape.join(', ')}], got ${dtype} [${shape.join(', ')}]. ` +
      'Name data of the kind that it was trained on, or train a model on these.',
  );
}

/** Whether data are named by a path, of which every row is read. */
export function isPath(source: DataSource | undefined): source is string {
  return typeof source === 'string' && !dataNames.includes(source);
}

/** The data that a run was trained on, as loaded. Throws a LatentkitError `data` where they cannot be had any more. */
export async function splitsOf({ config }: OpenedRun): Promise<DataSplits> {
  const data = await dataOf(config);
  checkData(config, data);
  return data;
}

/**
 * At most `count` rows from `start` on.
 * @throws LatentkitError `usage` where there is none.
 */
export function rangeOf(data: Dataset, start: number, count: number): { readonly start: number; readonly end: number } {
  if (start >= data.size) {
    throw new LatentkitError(
      'usage',
      `start: expected a row below ${data.size}, the size of ${data.name}, got ${start}.`,
    );
  }
  return { start, end: Math.min(start + count, data.size) };
}

/** The first rows of a data set, as many as are asked for and as there are. */
export function firstRows({ size }: Dataset, count: number): number[] {
  return Array.from({ length: Math.min(count, size) }, (_, row) => row);
}

const chunk = 1000;

/** Goes through rows in order, some at a time, telling the progress and minding the signal. */
export async function eachChunk(
  data: Dataset,
  { start, end }: { readonly start: number; readonly end: number },
  { signal, progress }: TaskContext,
  visit: (rows: RowTensor, first: number) => Promise<void>,
): Promise<void> {
  for (let first = start; first < end; first += chunk) {
    signal?.throwIfAborted();
    const last = Math.min(first + chunk, end);
    await visit(await hostRows(data, first, last), first - start);
    progress?.((last - start) / (end - start));
  }
}

/** Rows on the scale of [0, 1], as decoders give them. */
export function toUnitScale(rows: HostTensor, [low, high]: readonly [number, number]): HostTensor<'float32'> {
  return float32(
    Float32Array.from(rows.data, value => (value - low) / (high - low)),
    rows.shape,
  );
}

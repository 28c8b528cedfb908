// Style transfer: what a row is changes, and how it is done stays. A model that is told the class keeps the code and is told
// another class (Kingma et al. 2014, section 4.2: analogies). Of any other model the code moves as far as the mean code of
// the one class lies from that of the other, or along a direction that examples give, times a strength (Larsen et al. 2016,
// section 4.2).

import { z } from 'zod';
import { classCount, type Dataset, hostRowsAt, subset } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { type Codes, encodeAll } from '../evaluate/index.ts';
import { attributeDirection, centreOf, heldOn } from '../latents/index.ts';
import { companionsAt } from '../models/index.ts';
import { type Companions, float32, type HostTensor, int32, type RowTensor } from '../runtime/index.ts';
import { datasetOf, firstRows, type RowsInput, rowsFields, toUnitScale } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task, type TaskContext } from './task.ts';
import { float32Tensor } from './tensors.ts';

export interface TransferInput extends RowsInput {
  /** The rows whose style is kept. Default: the first 10. */
  readonly rows?: readonly number[] | undefined;
  /** The class to become. Default: each of them. */
  readonly label?: number | undefined;
  /** Where a direction begins: a class of the data by number, or a path of examples. Default: all rows. */
  readonly from?: number | string | undefined;
  /** Where it leads to. Default: none; the class changes. */
  readonly to?: number | string | undefined;
  /** How many times the direction is added to each code. Default −1, −0.5, 0, 0.5, 1, 1.5. */
  readonly strengths?: readonly number[] | undefined;
}

/** Rows and what becomes of them, a few variants of each. */
export interface Transferred {
  /** [rows, ...shape of the data], on the scale of [0, 1]. */
  readonly originals: HostTensor<'float32'>;
  /** [rows · variants, ...shape of the data]; those of one row after another. */
  readonly images: HostTensor<'float32'>;
  /** [rows · variants, latent]. */
  readonly codes: HostTensor<'float32'>;
  /** The class of each variant, where that changed. */
  readonly labels?: readonly number[] | undefined;
  /** The strength of each variant, where a direction was added. */
  readonly strengths?: readonly number[] | undefined;
  /** That direction, [latent]. */
  readonly direction?: HostTensor<'float32'> | undefined;
}

const end = z.union([z.int().min(0), z.string().min(1)]).optional();

const input: z.ZodType<Filled<TransferInput, 'split' | 'strengths'>, TransferInput> = z.strictObject({
  ...rowsFields,
  rows: z
    .array(z.int().min(0))
    .min(1)
    .max(10_000)
    .optional()
    .describe('rows whose style is kept (default: the first 10)'),
  label: z.int().min(0).optional().describe('class to become (default: each)'),
  from: end.describe('where a direction begins: a class by number, or a path of examples (default: all rows)'),
  to: end.describe('where it leads to; without it, the class changes'),
  strengths: z
    .array(z.number())
    .min(1)
    .max(100)
    .default([-1, -0.5, 0, 0.5, 1, 1.5])
    .describe('how many times the direction is added to each code'),
});

const output: z.ZodType<Transferred> = z.object({
  originals: float32Tensor,
  images: float32Tensor,
  codes: float32Tensor,
  labels: z.array(z.int()).optional(),
  strengths: z.array(z.number()).optional(),
  direction: float32Tensor.optional(),
});

export const transfer: Task<TransferInput, Transferred> = defineTask({
  name: 'transfer',
  summary: summaries.transfer,
  example: 'transfer runs/mnist-mlp --rows 0,1,2 --from 3 --to 7 --out transfer.png',
  input,
  output,
  async run(context, { data: source, split, rows: wanted, label, from, to, strengths }) {
    const { vae, config } = context.run;
    const { latent, condition } = vae.model.spec;
    if (to === undefined && from !== undefined) {
      throw new LatentkitError('usage', 'transfer: expected "to" beside "from": a direction leads to something.');
    }
    const data = await datasetOf(context, { data: source, split });
    const rows = wanted ?? firstRows(data, 10);
    const known = await hostRowsAt(data, rows);
    const { mean } = await vae.run('encoder', known);
    context.progress?.(0.3);
    const change =
      to !== undefined
        ? await alongDirection(context, data, { from, to, strengths })
        : condition?.type === 'label' || condition?.type === 'semiSupervised'
          ? relabelled(condition.classes, label)
          : await betweenMeans(context, data, known, label);
    const { variants, shift, labels } = change;
    const each = Uint32Array.from({ length: rows.length * variants }, (_, i) => Math.floor(i / variants));
    const codes = new Float32Array(each.length * latent);
    each.forEach((row, i) => {
      const moved = shift(row, i % variants);
      for (let j = 0; j < latent; j++) codes[i * latent + j] = mean!.data[row * latent + j]! + (moved?.[j] ?? 0);
    });
    const z = float32(heldOn(vae.model.spec, codes), [each.length, latent]);
    const decoded = await vae.run('decoder', { ...z, ...companionsAt(mean!, each), ...labels?.(each) });
    context.progress?.(1);
    return {
      originals: toUnitScale(known, config.model.input.range),
      images: decoded.mean!,
      codes: z,
      ...change.said,
    };
  },
});

/** How each row is varied. */
interface Change {
  readonly variants: number;
  /** What is added to the code of a row for a variant, [latent]; nothing where it stays. */
  readonly shift: (row: number, variant: number) => Float32Array | undefined;
  /** What the model is told of the rows' variants, where that changes. */
  readonly labels?: (each: Uint32Array) => Companions;
  readonly said: Pick<Transferred, 'labels' | 'strengths' | 'direction'>;
}

/** The code stays, the label changes. */
function relabelled(classes: number, label: number | undefined): Change {
  const wanted = classesOf(classes, label);
  const told = (each: Uint32Array): Int32Array => Int32Array.from(each, (_, i) => wanted[i % wanted.length]!);
  return {
    variants: wanted.length,
    shift: () => undefined,
    labels: each => ({ label: int32(told(each), [each.length]) }),
    said: { labels: wanted },
  };
}

/** The code keeps its place beside the mean of its class, and that mean becomes another class's. */
async function betweenMeans(
  { run: { vae }, signal }: TaskContext,
  data: Dataset,
  rows: RowTensor,
  label: number | undefined,
): Promise<Change> {
  const { labels } = data;
  if (labels === undefined) {
    throw new LatentkitError(
      'usage',
      'transfer: expected a model that is told the class of each row (train with --model cvae), data with labels, or "to": ' +
        'a path of examples towards which the codes of any model are moved.',
    );
  }
  const counted = subset(data, 0, Math.min(mostRows, data.size));
  const codes = await encodeAll(vae, counted, signal);
  const of = (wanted: number | undefined): Float32Array => {
    const rows = Array.from({ length: codes.rows }, (_, row) => row).filter(
      row => wanted === undefined || labels.values[row] === wanted,
    );
    const mean = Float32Array.from(
      rows.flatMap(row => [...codes.mean.subarray(row * codes.latent, (row + 1) * codes.latent)]),
    );
    return centreOf({ rows: rows.length, latent: codes.latent, mean });
  };
  const wanted = classesOf(classCount(labels), label).filter(value => labels.values.includes(value));
  const means = new Map(wanted.map(value => [value, of(value)]));
  const own = new Map(Array.from(new Set(rows.label!.data), value => [value, value < 0 ? of(undefined) : of(value)]));
  return {
    variants: wanted.length,
    shift: (row, variant) => {
      const start = own.get(rows.label!.data[row]!)!;
      return means.get(wanted[variant]!)!.map((value, j) => value - start[j]!);
    },
    said: { labels: wanted },
  };
}

/** The class that was asked for, or all of them. */
function classesOf(classes: number, label: number | undefined): number[] {
  if (label === undefined) return Array.from({ length: classes }, (_, i) => i);
  if (label < classes) return [label];
  throw new LatentkitError('usage', `label: expected a class from 0 to ${classes - 1}, got ${label}.`);
}

/** Rows that a mean is taken of, at most. */
const mostRows = 10_000;

/** The code moves from some examples towards others. */
async function alongDirection(
  context: TaskContext,
  data: Dataset,
  { from, to, strengths }: { readonly strengths: readonly number[] } & Pick<TransferInput, 'from' | 'to'>,
): Promise<Change> {
  const codes = async (name: string, where: number | string | undefined): Promise<Codes> => {
    const examples = await examplesOf(context, data, name, where);
    return encodeAll(context.run.vae, subset(examples, 0, Math.min(mostRows, examples.size)), context.signal);
  };
  const direction = attributeDirection(await codes('from', from), await codes('to', to));
  return {
    variants: strengths.length,
    shift: (_, variant) => direction.map(value => strengths[variant]! * value),
    said: { strengths, direction: float32(direction, [direction.length]) },
  };
}

async function examplesOf(
  context: TaskContext,
  data: Dataset,
  name: string,
  where: number | string | undefined,
): Promise<Dataset> {
  if (where === undefined) return data;
  if (typeof where === 'string') return datasetOf({ run: context.run, note: context.note }, { data: where });
  const { values } = data.labels ?? {};
  const rows = values ? Array.from(values, (value, row) => (value === where ? row : -1)).filter(row => row >= 0) : [];
  if (rows.length > 0) return subset(data, rows);
  throw new LatentkitError(
    'usage',
    `${name}: expected a class of ${data.name}, got ${where}, of which there is no row${values ? '' : ', as the data have no labels'}. ` +
      'Give the number of another class, or a path of examples.',
  );
}

// Arrays in files as a data source: npy, npz and safetensors. The first axis counts the rows.

import { z } from 'zod';
import { decodeNpy, decodeNpz, decodeSafetensors } from '../arrays/index.ts';
import { type Column, columnsSchema } from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import type { HostTensor } from '../runtime/host.ts';
import { didYouMean } from '../suggest.ts';
import { arrayDataset, type Dataset, type Labels } from './dataset.ts';
import { absolutePath, kindOf, readFileBytes } from './files.ts';
import { defineLoader, type LoaderDefinition } from './loader.ts';
import { rowsOf, type Share, setAside, shareSchema, split } from './split.ts';
import { summarize } from './summary.ts';
import { tableInput } from './table.ts';

/** Arrays of rows: bytes stay bytes and booleans bytes from 0 to 1; all else becomes float32. */
export interface ArraysConfig {
  readonly type: 'arrays';
  /** An npy, npz or safetensors file. */
  readonly path: string;
  /** Which of several arrays has the rows, [rows, width], [rows, height, width] or [rows, height, width, channels]. */
  readonly array?: string | undefined;
  /** The class numbers, one a row: the name of an array of the same file, or the path of an npy file. */
  readonly labels?: string | undefined;
  /** The values that count as 0 and 1: [0, 255] of bytes, [0, 1] of booleans, else the least and greatest by default. */
  readonly range?: readonly [low: number, high: number] | undefined;
  /**
   * Floats [rows, width] are a table of numeric columns, NaN being what is missing, unless all of them lie from 0 to 1.
   * False: they are not; once settled, the columns.
   */
  readonly columns?: readonly Column[] | false | undefined;
  readonly validation?: Share | undefined;
  /** What to set aside for the test; an array of the same file, or another file, that holds it. */
  readonly test?: Share | string | undefined;
}

/** What arrays of rows, and of their classes, are usually called; taken in this order where no name is given. */
const rowNames = ['x_train', 'train_images', 'x', 'data', 'images', 'features', 'train'];
const labelNames: Readonly<Record<string, readonly string[]>> = {
  x_train: ['y_train'],
  train_images: ['train_labels'],
  x_test: ['y_test'],
  test_images: ['test_labels'],
};
const plainLabels = ['y', 'labels', 'label', 'targets', 'target'];
const testNames: Readonly<Record<string, string>> = { x_train: 'x_test', train_images: 'test_images', train: 'test' };

const path = z.string().min(1);

export const arraysLoader: LoaderDefinition<ArraysConfig> = defineLoader<ArraysConfig>({
  type: 'arrays',
  summary: 'an array of rows (.npy, .npz, .safetensors)',
  schema: z.strictObject({
    type: z.literal('arrays'),
    path: path.describe('an .npy, .npz or .safetensors file'),
    array: path.optional().describe('which of several arrays has the rows'),
    labels: path.optional().describe('the array, or the npy file, with the class numbers'),
    range: z.tuple([z.number(), z.number()]).optional().describe('the values that count as 0 and 1'),
    columns: z
      .union([columnsSchema, z.literal(false)])
      .optional()
      .describe('the columns that floats [rows, width] have; false where they are plain vectors'),
    validation: shareSchema.optional().describe('fraction or number of rows for validation; 0.1 by default'),
    test: z
      .union([shareSchema, path])
      .optional()
      .describe('fraction or number of rows for the test, or an array or a file that holds it; 0.1 by default'),
  }),
  async recognise(path, kind) {
    return kind === 'file' && /\.(npy|npz|safetensors)$/i.test(path) ? { type: 'arrays', path } : undefined;
  },
  async load(config) {
    const { path, validation = 0.1 } = config;
    const file = await openArrays(path);
    const array = nameOfRows(file, config.array);
    const test = config.test ?? testOf(file, array) ?? 0.1;
    const named = { ...config, array, validation, test };
    const plain = await rowsFrom(file, named);
    // A table's columns are measured on the rows that are trained on.
    const columns = plain.columns && tableInput(cut(plain, named).kept).columns;
    const whole = columns === undefined ? plain : await rowsFrom(file, { ...named, columns });
    const { kept: train, aside: validationRows, test: own } = cut(whole, named);
    const source: ArraysConfig = {
      type: 'arrays',
      path: await absolutePath(path),
      ...(file.single ? {} : { array }),
      ...(config.labels !== undefined && { labels: await absolute(config.labels, file) }),
      ...(columns === undefined && { range: whole.range }),
      columns: columns ?? false,
      validation,
      test: typeof test === 'number' ? test : await absolute(test, file),
    };
    return { train, validation: validationRows, test: own ?? (await testRows(whole, file, named)), source };
  },
  async read(settled, path) {
    const file = await openArrays(path);
    const { array, labels: _, ...preprocessing } = settled;
    const own = array !== undefined && Object.hasOwn(file.arrays, array) ? array : undefined;
    return rowsFrom(file, { ...preprocessing, array: nameOfRows(file, own) });
  },
  adapt: (config, { range, columns }) => ({ ...config, range, columns: columns ?? false }),
  async inspect(config) {
    const file = await openArrays(config.path);
    const array = nameOfRows(file, config.array);
    const held = Object.entries(file.arrays).map(
      ([name, { dtype, shape }]) => `${name} ${dtype} [${shape.join(', ')}]`,
    );
    const dataset = await rowsFrom(file, { ...config, array });
    const facts: [string, string][] = file.single ? [] : [['arrays', held.join(', ')]];
    const summary = await summarize(dataset, { kind: 'arrays', facts });
    if (dataset.columns === undefined) return summary;
    // A table has no range of its own.
    const columns = tableInput(dataset).columns.map(column => ({
      column: column.name,
      ...(column.type === 'numeric' && {
        mean: column.mean!.toPrecision(4),
        deviation: column.deviation!.toPrecision(4),
      }),
    }));
    return { ...summary, facts: summary.facts.filter(([name]) => name !== 'values'), columns };
  },
});

/** A file of arrays. */
interface ArrayFile {
  readonly path: string;
  readonly arrays: Readonly<Record<string, HostTensor>>;
  /** Whether the format holds one array, which has no name. */
  readonly single: boolean;
}

async function openArrays(path: string): Promise<ArrayFile> {
  const bytes = await readFileBytes(path);
  if (/\.npz$/i.test(path)) return { path, arrays: decodeNpz(bytes, path), single: false };
  if (/\.safetensors$/i.test(path)) return { path, arrays: decodeSafetensors(bytes, path).tensors, single: false };
  return { path, arrays: { array: decodeNpy(bytes, path) }, single: true };
}

/** The name of the array of rows: the one that is asked for, the only one, or the one with a usual name. */
function nameOfRows({ path, arrays }: ArrayFile, asked: string | undefined): string {
  const names = Object.keys(arrays);
  if (asked !== undefined) {
    if (Object.hasOwn(arrays, asked)) return asked;
    throw new LatentkitError(
      'data',
      `${path}: expected an array "${asked}", got ${names.join(', ') || 'none'}.${didYouMean(asked, names)}`,
    );
  }
  const candidates = names.filter(name => arrays[name]!.shape.length >= 2);
  const usual = rowNames.map(name => candidates.find(candidate => candidate.toLowerCase() === name));
  const found = usual.find(name => name !== undefined) ?? (candidates.length === 1 ? candidates[0] : undefined);
  if (found !== undefined) return found;
  throw new LatentkitError(
    'data',
    `${path}: expected one array of rows, or one called ${rowNames.join(', ')}, got ${candidates.join(', ') || 'none of two axes or more'}. ` +
      'Name it by "array" in a config.',
  );
}

/** The array beside the rows that holds the test's, by its usual name. */
function testOf({ arrays }: ArrayFile, array: string): string | undefined {
  const wanted = testNames[array.toLowerCase()];
  return Object.keys(arrays).find(name => name.toLowerCase() === wanted);
}

type Named = Omit<ArraysConfig, 'type' | 'path'> & { readonly array: string };

/** The rows of an array with their classes, where they are known. */
async function rowsFrom(file: ArrayFile, { array, labels, range, columns }: Named): Promise<Dataset> {
  const name = file.single ? file.path : `${file.path}/${array}`;
  const { dtype, shape, data } = file.arrays[array]!;
  const [size = 0, ...row] = shape;
  if (row.length === 0 || row.length > 3 || shape.some(dim => dim === 0)) {
    throw new LatentkitError(
      'data',
      `${name}: expected [rows, width], [rows, height, width] or [rows, height, width, channels], got [${shape.join(', ')}]. Reshape the array.`,
    );
  }
  const classes = await labelsOf(file, { array, labels, size });
  if (data instanceof Uint8Array) {
    const values = range ?? (dtype === 'bool' ? [0, 1] : [0, 255]);
    return arrayDataset({ name, data, shape: imageShape(row), range: values, labels: classes });
  }
  const values = data instanceof Float32Array ? data : Float32Array.from(data);
  if (row.length === 1 && columns !== false && (columns !== undefined || !isShare(values))) {
    return asTable({ name, values, width: row[0]!, labels: classes, columns });
  }
  return arrayDataset({
    name,
    data: values,
    shape: imageShape(row),
    range: range ?? extent(values, { name, width: values.length / size }),
    labels: classes,
  });
}

/** Images of one channel say so. */
function imageShape(row: readonly number[]): readonly number[] {
  return row.length === 2 ? [...row, 1] : row;
}

/** Whether every number is there and lies from 0 to 1. */
function isShare(values: Float32Array): boolean {
  return values.every(value => value >= 0 && value <= 1);
}

interface TableOfArray {
  readonly name: string;
  readonly values: Float32Array;
  readonly width: number;
  readonly labels: Labels | undefined;
  readonly columns: readonly Column[] | undefined;
}

function asTable({ name, values, width, labels, columns }: TableOfArray): Dataset {
  const own = columns ?? Array.from({ length: width }, (_, i): Column => ({ name: `x${i}`, type: 'numeric' }));
  if (own.length !== width) {
    throw new LatentkitError(
      'data',
      `${name}: expected the ${own.length} columns that were trained on, got rows of ${width} numbers. Give the same columns.`,
    );
  }
  return arrayDataset({ name, data: values, shape: [width], columns: own, labels });
}

/** The classes of the rows: those that are named, else those with a usual name and a number for each row. */
async function labelsOf(
  file: ArrayFile,
  { array, labels, size }: { array: string; labels: string | undefined; size: number },
): Promise<Labels | undefined> {
  const usual = labelNames[array.toLowerCase()] ?? plainLabels;
  const found =
    labels ??
    Object.keys(file.arrays).find(name => usual.includes(name.toLowerCase()) && isClasses(file.arrays[name]!, size));
  if (found === undefined) return undefined;
  const own = file.arrays[found];
  const name = own ? `${file.path}/${found}` : found;
  const { shape, data } = own ?? decodeNpy(await readFileBytes(found), found);
  if (data.length !== size) {
    throw new LatentkitError(
      'data',
      `${name}: expected ${size} labels, one for each row of ${array}, got [${shape.join(', ')}]. Use the labels of these rows.`,
    );
  }
  const wrong = data.findIndex(value => !Number.isInteger(value) || value < 0);
  if (wrong >= 0) {
    throw new LatentkitError(
      'data',
      `${name}: expected whole class numbers from 0, got ${data[wrong]} in row ${wrong}. Write the labels as such.`,
    );
  }
  return { values: data instanceof Uint8Array ? data : Int32Array.from(data) };
}

/** Whether an array can be classes: a whole number from 0 for each row. */
function isClasses({ data }: HostTensor, size: number): boolean {
  return data.length === size && data.every(value => Number.isInteger(value) && value >= 0);
}

function extent(values: Float32Array, { name, width }: { name: string; width: number }): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [i, value] of values.entries()) {
    if (!Number.isFinite(value)) {
      throw new LatentkitError(
        'data',
        `${name}: expected finite numbers, got ${value} in row ${Math.floor(i / width)}. Replace what is missing before training.`,
      );
    }
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low >= 0 && high <= 1) return [0, 1];
  return low < high ? [low, high] : [low, low + 1];
}

interface SplitOptions extends Named {
  readonly validation: Share;
  readonly test: Share | string;
}

/** The rows cut in two, or in three where the test's are among them. */
function cut(whole: Dataset, { validation, test }: SplitOptions): { kept: Dataset; aside: Dataset; test?: Dataset } {
  if (typeof test !== 'number') return setAside(whole, rowsOf(validation, whole.size));
  const parts = split(whole, { validation, test });
  return { kept: parts.train, aside: parts.validation, test: parts.test };
}

/** The test's rows out of an array or a file of their own, read as the others are. */
async function testRows(whole: Dataset, file: ArrayFile, { test, ...named }: SplitOptions): Promise<Dataset> {
  const other = Object.hasOwn(file.arrays, test) ? file : await openArrays(`${test}`);
  const array = other === file ? `${test}` : nameOfRows(other, undefined);
  const { columns = false, range } = whole;
  const held = await rowsFrom(other, { ...named, array, range, columns, labels: undefined });
  if (held.shape.join() !== whole.shape.join() || held.dtype !== whole.dtype) {
    throw new LatentkitError(
      'data',
      `${held.name}: expected rows of ${whole.dtype} [${whole.shape.join(', ')}] as in ${whole.name}, got ${held.dtype} [${held.shape.join(', ')}]. Use arrays of one data set.`,
    );
  }
  return held;
}

/** A path that stays the same from any folder; the name of an array as it is. */
async function absolute(text: string, { arrays }: ArrayFile): Promise<string> {
  return Object.hasOwn(arrays, text) || (await kindOf(text)) === undefined ? text : absolutePath(text);
}

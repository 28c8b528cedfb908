// A data set as everything else sees it: rows by index, gathered into a buffer that the caller owns. Training reads
// through this one method, so it allocates next to nothing; what a row means (shape, range, labels) lies beside it.

import { LatentkitError } from '../errors.ts';
import { createSha256 } from '../sha256.ts';

/** Class numbers, one a row, and what the classes are called. */
export interface Labels {
  readonly values: Uint8Array | Int32Array;
  readonly names?: readonly string[];
}

/** One thing that differs between the rows of a data set. */
export interface Factor {
  readonly name: string;
  /** What it may be, in order; a row says which by number. */
  readonly values: readonly (number | string)[];
}

/** Rows of one shape with random access. */
export interface Dataset {
  readonly name: string;
  /** The number of rows. */
  readonly size: number;
  /** One row's shape; an image is [height, width, channels]. */
  readonly shape: readonly number[];
  readonly dtype: 'uint8' | 'float32';
  /** The values that a model sees as 0 and as 1: [0, 255] for 8-bit images. */
  readonly range: readonly [low: number, high: number];
  readonly labels?: Labels | undefined;
  /** What differs between the rows: see {@link FactorDataset}. */
  readonly factors?: FactorDataset['factors'] | undefined;
  readonly readFactors?: FactorDataset['readFactors'] | undefined;
  /** SHA-256 of shape, dtype, range, values and labels; computed when first asked for (about 0.1 s for MNIST). */
  readonly fingerprint: string;
  /** Where a row stands in the source it came from. A split keeps it, so noise keyed by it does not change. */
  position(row: number): number;
  /**
   * Copies rows one after another to the start of `into`, which has the data set's dtype.
   * @throws LatentkitError `data` where a row does not exist or `into` is too short or of another type.
   */
  read(rows: Uint32Array | readonly number[], into: Uint8Array | Float32Array): void;
}

/** A data set that knows what made each of its rows. */
export interface FactorDataset extends Dataset {
  readonly factors: readonly Factor[];
  /**
   * Copies which value each factor takes, [rows, factors], to the start of `into`: numbers of `factors[i].values`.
   * @throws LatentkitError `data` where a row does not exist or `into` is too short.
   */
  readonly readFactors: (rows: Uint32Array | readonly number[], into: Uint8Array) => void;
}

/** Whether it is known what made each row. */
export function hasFactors(dataset: Dataset): dataset is FactorDataset {
  return dataset.factors !== undefined && dataset.readFactors !== undefined;
}

/** What training works on: fitted on `train`, chosen on `validation`, reported on `test`. */
export interface DataSplits {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
}

/** What `arrayDataset` makes a data set of. */
export interface ArraySource {
  readonly name: string;
  /** All rows, one after another. */
  readonly data: Uint8Array | Float32Array;
  /** One row's shape. */
  readonly shape: readonly number[];
  /** By default [0, 255] for bytes and [0, 1] for floats. */
  readonly range?: readonly [low: number, high: number];
  readonly labels?: Labels | undefined;
  /** Where each row stands in the source it came from; its number here by default. */
  readonly position?: (row: number) => number;
  readonly factors?: Dataset['factors'];
  readonly readFactors?: Dataset['readFactors'];
}

/** The number of values in one row. */
export function rowSize(dataset: Pick<Dataset, 'shape'>): number {
  return dataset.shape.reduce((product, dim) => product * dim, 1);
}

/**
 * A data set over an array in memory, which it does not copy.
 * @throws LatentkitError `data` where the array is not a whole number of rows, or the labels are not one a row.
 */
export function arrayDataset(source: ArraySource): Dataset {
  const { name, data, shape, labels, position = row => row, factors, readFactors } = source;
  const width = rowSize(source);
  const size = data.length / width;
  if (!Number.isInteger(size) || size === 0) {
    throw new LatentkitError(
      'data',
      `${name}: expected a whole number of rows of ${width} values (shape [${shape.join(', ')}]), got ${data.length} values. Give every row in full, and at least one.`,
    );
  }
  if (labels !== undefined && labels.values.length !== size) {
    throw new LatentkitError(
      'data',
      `${name}: expected one label for each of the ${size} rows, got ${labels.values.length} labels. Use the labels that belong to these rows.`,
    );
  }
  const dtype = data instanceof Uint8Array ? 'uint8' : 'float32';
  const range = source.range ?? (dtype === 'uint8' ? [0, 255] : [0, 1]);
  const dataset = defineDataset({
    name,
    size,
    shape,
    dtype,
    range,
    labels,
    factors,
    readFactors,
    position,
    read(rows, into) {
      checkTarget(dataset, rows.length, into);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        if (!(row >= 0 && row < size && Number.isInteger(row))) throw noSuchRow(dataset, row);
        into.set(data.subarray(row * width, (row + 1) * width), i * width);
      }
    },
  });
  return dataset;
}

/**
 * Some rows of a data set, in the order given, without copying them.
 * @example subset(mnist, 0, 1000); subset(mnist, [7, 3, 3])
 */
export function subset(dataset: Dataset, start: number, end?: number): Dataset;
export function subset(dataset: Dataset, rows: Uint32Array | readonly number[]): Dataset;
export function subset(dataset: Dataset, of: number | Uint32Array | readonly number[], end = dataset.size): Dataset {
  const kept = typeof of === 'number' ? rangeOf(dataset, of, end) : Uint32Array.from(of);
  for (const row of typeof of === 'number' ? [] : of) {
    if (!(row >= 0 && row < dataset.size && Number.isInteger(row))) throw noSuchRow(dataset, row);
  }
  const { name, shape, dtype, range, labels, factors, readFactors } = dataset;
  let asked = new Uint32Array(0);
  const rowsOfWhole = (rows: Uint32Array | readonly number[]): Uint32Array => {
    if (asked.length !== rows.length) asked = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const row = kept[rows[i]!];
      if (row === undefined) throw noSuchRow(part, rows[i]!);
      asked[i] = row;
    }
    return asked;
  };
  const part = defineDataset({
    name,
    size: kept.length,
    shape,
    dtype,
    range,
    labels: labels && { ...labels, values: gatherLabels(labels.values, kept) },
    position: row => dataset.position(kept[row]!),
    read: (rows, into) => dataset.read(rowsOfWhole(rows), into),
    factors,
    readFactors: readFactors && ((rows, into) => readFactors(rowsOfWhole(rows), into)),
  });
  return part;
}

/** Rows `start` (included) to `end` (excluded) as a new array of values, [end − start, ...shape] laid flat. */
export function readRange(dataset: Dataset, start: number, end: number): Uint8Array | Float32Array {
  const rows = rangeOf(dataset, start, end);
  const length = rows.length * rowSize(dataset);
  const into = dataset.dtype === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
  dataset.read(rows, into);
  return into;
}

/** A data set of its parts: adds the fingerprint, hashed when first asked for and then kept. */
function defineDataset(parts: Omit<Dataset, 'fingerprint'>): Dataset {
  let known: string | undefined;
  const dataset: Dataset = {
    ...parts,
    get fingerprint() {
      known ??= fingerprintOf(dataset);
      return known;
    },
  };
  return dataset;
}

function fingerprintOf(dataset: Dataset): string {
  const { size, shape, dtype, range, labels } = dataset;
  const hash = createSha256();
  hash.update(new TextEncoder().encode(JSON.stringify({ size, shape, dtype, range, labels: labels !== undefined })));
  const step = Math.max(1, Math.floor(2 ** 20 / rowSize(dataset)));
  for (let start = 0; start < size; start += step) {
    hash.update(bytesOf(readRange(dataset, start, Math.min(size, start + step))));
  }
  if (labels) hash.update(bytesOf(Int32Array.from(labels.values)));
  return hash.hex();
}

function bytesOf(array: Uint8Array | Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function gatherLabels(values: Uint8Array | Int32Array, rows: Uint32Array): Uint8Array | Int32Array {
  const gathered = values instanceof Uint8Array ? new Uint8Array(rows.length) : new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) gathered[i] = values[rows[i]!]!;
  return gathered;
}

function rangeOf(dataset: Dataset, start: number, end: number): Uint32Array {
  if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= dataset.size)) {
    throw new LatentkitError(
      'data',
      `${dataset.name}: expected rows from 0 to ${dataset.size}, got ${start} to ${end}. Ask for rows that exist.`,
    );
  }
  return Uint32Array.from({ length: end - start }, (_, i) => start + i);
}

/** Whether rows fit in a buffer, which has the data set's dtype. */
export function checkTarget(dataset: Dataset, rows: number, into: Uint8Array | Float32Array): void {
  const needed = rows * rowSize(dataset);
  const type = into instanceof Uint8Array ? 'uint8' : 'float32';
  if (type === dataset.dtype && into.length >= needed) return;
  throw new LatentkitError(
    'data',
    `${dataset.name}: expected a ${dataset.dtype} buffer of at least ${needed} values for ${rows} rows, got a ${type} buffer of ${into.length}. Allocate it by the data set's dtype and shape.`,
  );
}

/** The error about a row that a data set does not have. */
export function noSuchRow(dataset: Dataset, row: number): LatentkitError {
  return new LatentkitError(
    'data',
    `${dataset.name}: expected a row from 0 to ${dataset.size - 1}, got row ${row}. Ask for rows that exist.`,
  );
}

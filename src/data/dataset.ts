// A data set as everything else sees it: rows by index, gathered into a buffer that the caller owns. Training reads
// through this one method, so it allocates next to nothing; what a row means (shape, range, labels) lies beside it.

import { type Column, checkCells } from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import { createSha256, sha256Hex } from '../sha256.ts';

/** Class numbers, one a row, and what the classes are called. A row of no known class has the number −1. */
export interface Labels {
  readonly values: Uint8Array | Int32Array;
  readonly names?: readonly string[];
}

/** How many classes there are: those that have names, or up to the largest number. */
export function classCount({ values, names }: Labels): number {
  if (names) return names.length;
  let most = -1;
  for (const value of values) most = Math.max(most, value);
  return most + 1;
}

/** Real numbers that describe each row, for models that are told them beside the data. */
interface Attributes {
  /** What each number says. */
  readonly names: readonly string[];
  /** Copies those of rows, [rows, names], to the start of `into`. */
  read(rows: Uint32Array | readonly number[], into: Float32Array): void;
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
  /** Of a table, whose rows are float32 [columns]: what each number is. NaN stands for what is missing. */
  readonly columns?: readonly Column[] | undefined;
  readonly labels?: Labels | undefined;
  readonly attributes?: Attributes | undefined;
  /** What differs between the rows: see {@link FactorDataset}. */
  readonly factors?: FactorDataset['factors'] | undefined;
  readonly readFactors?: FactorDataset['readFactors'] | undefined;
  /** SHA-256 of shape, dtype, range, columns, values, labels and attributes; computed when first asked for (about 0.1 s for MNIST). */
  readonly fingerprint: string;
  /** Rows stand in consecutive blocks of about so many that are cheap to read together; left out where any row is. */
  readonly block?: number | undefined;
  /** Sentences on what was done to the rows that a user may not expect: what was left out, pooled, taken as missing. */
  readonly notes?: readonly string[] | undefined;
  /** Where a row stands in the source it came from. A split keeps it, so noise keyed by it does not change. */
  position(row: number): number;
  /** What a row is called where it has a name, such as an image file's path in its folder. */
  rowName?(row: number): string;
  /**
   * Brings rows to where `read` can copy them at once, of data that lie on disk or have to be decoded; to be awaited before
   * they are read. Data in memory have none.
   */
  prepare?(rows: Uint32Array | readonly number[]): Promise<void>;
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
  readonly columns?: readonly Column[] | undefined;
  readonly labels?: Labels | undefined;
  readonly attributes?: Attributes | undefined;
  readonly notes?: Dataset['notes'];
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
 * @throws LatentkitError `data` where the array is not a whole number of rows, the labels are not one a row, or a column
 * cannot have a value.
 */
export function arrayDataset(source: ArraySource): Dataset {
  const { name, data, shape, columns, labels, attributes, notes, position = row => row, factors, readFactors } = source;
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
  if (columns !== undefined) {
    if (dtype !== 'float32' || shape.join() !== `${columns.length}`) {
      throw new LatentkitError(
        'data',
        `${name}: expected float32 rows [${columns.length}], a number for each column, got ${dtype} [${shape.join(', ')}]. Give every column of each row.`,
      );
    }
    checkCells(data, columns, name);
  }
  const range = source.range ?? (dtype === 'uint8' ? [0, 255] : [0, 1]);
  const dataset = defineDataset({
    name,
    size,
    shape,
    dtype,
    range,
    columns,
    labels,
    attributes,
    notes,
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
  const { name, shape, dtype, range, columns, labels, attributes, notes, factors, readFactors, block } = dataset;
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
  const parts: Omit<Dataset, 'fingerprint'> = {
    name,
    size: kept.length,
    shape,
    dtype,
    range,
    columns,
    labels: labels && { ...labels, values: gatherLabels(labels.values, kept) },
    attributes: attributes && { ...attributes, read: (rows, into) => attributes.read(rowsOfWhole(rows), into) },
    notes,
    // Rows that were left out make a block of the part a little wider than one of the whole.
    block: block !== undefined && isAscending(kept) ? block : undefined,
    position: row => dataset.position(kept[row]!),
    ...(dataset.rowName && { rowName: row => dataset.rowName!(kept[row]!) }),
    ...(dataset.prepare && { prepare: rows => dataset.prepare!(Uint32Array.from(rows, row => kept[row]!)) }),
    read: (rows, into) => dataset.read(rowsOfWhole(rows), into),
    factors,
    readFactors: readFactors && ((rows, into) => readFactors(rowsOfWhole(rows), into)),
  };
  // Rows that would have to be fetched are known by the whole that they are of.
  const part = dataset.prepare
    ? defineDataset(parts, () => sha256Hex(JSON.stringify([dataset.fingerprint, ...kept])))
    : defineDataset(parts);
  return part;
}

/** How rows become others of the same shape. */
interface RowMap {
  readonly dtype: Dataset['dtype'];
  readonly range: Dataset['range'];
  /** Says what is done: part of the fingerprint. */
  readonly key: string;
  map(values: Uint8Array | Float32Array, row: number, into: Uint8Array | Float32Array): void;
}

/** A data set whose rows are made of another's whenever they are read. */
export function mapRows(dataset: Dataset, { dtype, range, key, map }: RowMap): Dataset {
  const { name, size, shape, block, columns, labels, attributes, factors, readFactors } = dataset;
  const width = rowSize(dataset);
  let values = typedArray(dataset.dtype, 0);
  const mapped: Dataset = {
    name,
    size,
    shape,
    dtype,
    range,
    block,
    columns,
    labels,
    attributes,
    factors,
    readFactors,
    get fingerprint() {
      const hash = createSha256();
      hash.update(new TextEncoder().encode(`${key} ${dataset.fingerprint}`));
      return hash.hex();
    },
    position: row => dataset.position(row),
    ...(dataset.rowName && { rowName: row => dataset.rowName!(row) }),
    ...(dataset.prepare && { prepare: rows => dataset.prepare!(rows) }),
    read(rows, into) {
      checkTarget(mapped, rows.length, into);
      if (values.length < rows.length * width) values = typedArray(dataset.dtype, rows.length * width);
      dataset.read(rows, values);
      for (let i = 0; i < rows.length; i++) {
        const [start, end] = [i * width, (i + 1) * width];
        map(values.subarray(start, end), rows[i]!, into.subarray(start, end));
      }
    },
  };
  return mapped;
}

/** An array for values of a type. */
export function typedArray(dtype: Dataset['dtype'], length: number): Uint8Array | Float32Array {
  return dtype === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
}

/** Rows `start` (included) to `end` (excluded) as a new array of values, [end − start, ...shape] laid flat. */
export function readRange(dataset: Dataset, start: number, end: number): Uint8Array | Float32Array {
  const rows = rangeOf(dataset, start, end);
  const into = typedArray(dataset.dtype, rows.length * rowSize(dataset));
  dataset.read(rows, into);
  return into;
}

/** The attributes of rows, [rows, names]; undefined where the data set has none. */
export function attributesAt({ attributes }: Dataset, rows: Uint32Array | readonly number[]): Float32Array | undefined {
  const into = attributes && new Float32Array(rows.length * attributes.names.length);
  if (into) attributes.read(rows, into);
  return into;
}

/** A data set of its parts: adds the fingerprint, made when first asked for and then kept. */
export function defineDataset(
  parts: Omit<Dataset, 'fingerprint'>,
  makeFingerprint: (dataset: Dataset) => string = fingerprintOf,
): Dataset {
  let known: string | undefined;
  const dataset: Dataset = {
    ...parts,
    get fingerprint() {
      known ??= makeFingerprint(dataset);
      return known;
    },
  };
  return dataset;
}

function fingerprintOf(dataset: Dataset): string {
  const { size, shape, dtype, range, columns, labels, attributes } = dataset;
  const hash = createSha256();
  hash.update(
    new TextEncoder().encode(
      JSON.stringify({
        size,
        shape,
        dtype,
        range,
        columns,
        labels: labels !== undefined,
        attributes: attributes?.names,
      }),
    ),
  );
  const step = Math.max(1, Math.floor(2 ** 20 / rowSize(dataset)));
  for (let start = 0; start < size; start += step) {
    hash.update(bytesOf(withOneNan(readRange(dataset, start, Math.min(size, start + step)))));
  }
  if (labels) hash.update(bytesOf(Int32Array.from(labels.values)));
  if (attributes) hash.update(bytesOf(attributesAt(dataset, rangeOf(dataset, 0, size))!));
  return hash.hex();
}

/** Gives every NaN the same bits, of which it may have many. */
function withOneNan(values: Uint8Array | Float32Array): Uint8Array | Float32Array {
  if (values instanceof Uint8Array) return values;
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) if ((words[i]! & 0x7fffffff) > 0x7f800000) words[i] = 0x7fc00000;
  return values;
}

function bytesOf(array: Uint8Array | Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function isAscending(rows: Uint32Array): boolean {
  return rows.every((row, i) => i === 0 || rows[i - 1]! < row);
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

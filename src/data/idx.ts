// IDX, the format of MNIST and its relatives: two zero bytes, a type, a rank, big-endian sizes, then the values
// (Y. LeCun, "The MNIST database of handwritten digits"). Read strictly: whatever does not add up is an error.

import { LatentkitError } from '../errors.ts';
import type { HostTensor } from '../runtime/host.ts';
import { arrayDataset, type Dataset, type Labels } from './dataset.ts';
import { readFileBytes } from './files.ts';
import { gunzip, isGzip } from './gzip.ts';

interface ElementType {
  readonly bytes: number;
  readonly get: (view: DataView, offset: number) => number;
}

const UINT8 = 0x08;
const elementTypes: ReadonlyMap<number, ElementType> = new Map([
  [UINT8, { bytes: 1, get: (view, at) => view.getUint8(at) }],
  [0x09, { bytes: 1, get: (view, at) => view.getInt8(at) }],
  [0x0b, { bytes: 2, get: (view, at) => view.getInt16(at) }],
  [0x0c, { bytes: 4, get: (view, at) => view.getInt32(at) }],
  [0x0d, { bytes: 4, get: (view, at) => view.getFloat32(at) }],
  [0x0e, { bytes: 8, get: (view, at) => view.getFloat64(at) }],
]);

/**
 * Reads an IDX file, gzipped or not. Bytes stay bytes (a view of the file); every other type becomes float32.
 * @param name the file that errors name
 * @throws LatentkitError `data` where the file is not IDX, is cut off, or holds more or less than its header says.
 */
export function readIdx(file: Uint8Array, name: string): HostTensor<'uint8' | 'float32'> {
  const bytes = isGzip(file) ? gunzip(file, name) : file;
  const fail = (expected: string, got: string, mend: string) =>
    new LatentkitError('data', `${name}: expected ${expected}, got ${got}. ${mend}`);
  const type = elementTypes.get(bytes[2] ?? 0);
  const rank = bytes[3] ?? 0;
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || type === undefined || rank === 0) {
    const start = [...bytes.subarray(0, 4)].map(byte => byte.toString(16).padStart(2, '0')).join(' ');
    throw fail(
      'an IDX file, which begins with 00 00, a type (08, 09, 0b, 0c, 0d or 0e) and the number of dimensions',
      start === '' ? 'an empty file' : `a file that begins with ${start}`,
      'Name an IDX file such as train-images-idx3-ubyte, gzipped or not.',
    );
  }
  const cutOff = 'The file is cut off: download or copy it again.';
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw fail(`a header of ${start} bytes`, `${bytes.length} bytes`, cutOff);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  if (shape.includes(0)) {
    throw fail('at least one row and no empty dimension', `shape [${shape.join(', ')}]`, 'Write the file with data.');
  }
  const count = shape.reduce((product, dim) => product * dim, 1);
  const end = start + count * type.bytes;
  if (bytes.length !== end) {
    throw fail(
      `${end} bytes for shape [${shape.join(', ')}]`,
      `${bytes.length} bytes`,
      bytes.length < end ? cutOff : 'Something follows the data: remove it, or write the file again.',
    );
  }
  if (bytes[2] === UINT8) return { dtype: 'uint8', shape, data: bytes.subarray(start) };
  const data = Float32Array.from({ length: count }, (_, i) => type.get(view, start + i * type.bytes));
  return { dtype: 'float32', shape, data };
}

/** What a data set of IDX files is made of. */
export interface IdxFiles {
  /** Path of the values: [rows, height, width], [rows, height, width, channels] or [rows, features]. */
  readonly images: string;
  /** Path of the class numbers, one a row. */
  readonly labels?: string | undefined;
  /** By default the path of the images. */
  readonly name?: string;
  readonly labelNames?: readonly string[] | undefined;
  /** The values that count as 0 and 1. By default [0, 255] for bytes, else the file's least and greatest value. */
  readonly range?: readonly [number, number] | undefined;
  /** The first row's position in the source, 0 by default. */
  readonly firstPosition?: number;
}

/**
 * Loads IDX files from disk as a data set; grey images get one channel.
 * @throws LatentkitError `io` where a file cannot be read, `data` where it is damaged or the two do not belong together.
 */
export async function loadIdx(files: IdxFiles): Promise<Dataset> {
  const { images: path, name = path, firstPosition = 0 } = files;
  const images = readIdx(await readFileBytes(path), path);
  if (images.shape.length < 2 || images.shape.length > 4) {
    throw new LatentkitError(
      'data',
      `${path}: expected images as [rows, height, width] or rows as [rows, features], got shape [${images.shape.join(', ')}]. ${images.shape.length === 1 ? 'Were images and labels swapped?' : 'Name a file of images.'}`,
    );
  }
  const [size = 0, ...row] = images.shape;
  const labels = files.labels === undefined ? undefined : await readLabels(files.labels, files.labelNames, path, size);
  const shape = row.length === 2 ? [...row, 1] : row;
  const range = files.range ?? (images.dtype === 'uint8' ? [0, 255] : extent(images.data, path));
  return arrayDataset({ name, data: images.data, shape, range, labels, position: row => firstPosition + row });
}

async function readLabels(
  path: string,
  names: readonly string[] | undefined,
  imagesPath: string,
  size: number,
): Promise<Labels> {
  const { shape, data } = readIdx(await readFileBytes(path), path);
  if (shape.length !== 1) {
    throw new LatentkitError(
      'data',
      `${path}: expected labels of shape [${size}], got shape [${shape.join(', ')}]. Were images and labels swapped?`,
    );
  }
  if (shape[0] !== size) {
    throw new LatentkitError(
      'data',
      `${path}: expected ${size} labels, one for each image of ${imagesPath}, got ${shape[0]}. Use the labels that belong to these images.`,
    );
  }
  const wrong = data instanceof Uint8Array ? -1 : data.findIndex(value => !Number.isInteger(value));
  if (wrong >= 0) {
    throw new LatentkitError(
      'data',
      `${path}: expected whole class numbers, got ${data[wrong]} in row ${wrong}. Write the labels as integers.`,
    );
  }
  const values = data instanceof Uint8Array ? data : Int32Array.from(data);
  return names === undefined ? { values } : { values, names };
}

function extent(values: Float32Array | Uint8Array, path: string): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const [i, value] of values.entries()) {
    if (!Number.isFinite(value)) {
      throw new LatentkitError(
        'data',
        `${path}: expected finite numbers, got ${value} at value ${i}. Replace what is missing before training.`,
      );
    }
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low < high ? [low, high] : [low, low + 1];
}

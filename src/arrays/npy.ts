// NumPy's array files (numpy.org/neps/nep-0001-npy-format): a magic word, a header that is a Python dictionary, the
// values. What is written here opens in NumPy; what is read is checked, and no Python is executed.

import { LatentkitError } from '../errors.ts';
import type { HostTensor } from '../runtime/host.ts';
import { elementBytes, readValues } from './values.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Header and magic together are padded to a multiple of this, so that the values can be mapped into memory. */
const ALIGNMENT = 64;

const stored = { float32: '<f4', int32: '<i4', uint8: '|u1', bool: '|b1' } as const;

/** A tensor as the bytes of an npy file, version 1.0. */
export function encodeNpy({ dtype, shape, data }: HostTensor): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${stored[dtype]}', 'fortran_order': False, 'shape': (${dims}), }`;
  const start = Math.ceil((10 + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(start + data.byteLength);
  file.set([...MAGIC, 1, 0]);
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${dictionary.padEnd(start - 11)}\n`), 10);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return file;
}

/**
 * Reads an npy file of numbers or booleans, little-endian. Floats become float32, integers other than bytes
 * int32. Values are a view of `file` where its alignment and their type allow, else a copy.
 * @param name the file that errors name
 * @throws LatentkitError `data` where it is something else, is cut off, or holds more than its header says.
 */
export function decodeNpy(file: Uint8Array, name: string): HostTensor {
  const fail = (expected: string, got: string, mend: string): LatentkitError =>
    new LatentkitError('data', `${name}: expected ${expected}, got ${got}. ${mend}`);
  if (file.length < 10 || MAGIC.some((byte, i) => file[i] !== byte)) {
    throw fail('an npy file', 'one that does not begin as such', 'Write it with numpy.save.');
  }
  const cutOff = 'The file is cut off: copy or write it again.';
  const [version = 0] = file.subarray(6);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerStart = version === 1 ? 10 : 12;
  if (file.length < headerStart) throw fail('a header', 'the end of the file', cutOff);
  const start = headerStart + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > file.length) throw fail(`a header of ${start} bytes`, `a file of ${file.length}`, cutOff);
  const header = new TextDecoder().decode(file.subarray(headerStart, start));
  const dtype = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const dims = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (dtype === undefined || order === undefined || dims === undefined) {
    throw fail(
      'a header with descr, fortran_order and shape',
      JSON.stringify(header.trim().slice(0, 60)),
      'Write it with numpy.save.',
    );
  }
  const element = elements.get(dtype);
  if (element === undefined) {
    throw fail(`one of the types ${[...elements.keys()].join(', ')}`, dtype, "Save x.astype('float32').");
  }
  const shape = dims
    .split(',')
    .filter(dim => dim.trim() !== '')
    .map(Number);
  const count = shape.reduce((product, dim) => product * dim, 1);
  const expected = count * elementBytes.get(element)!;
  const values = file.subarray(start);
  if (values.length !== expected) {
    const mend = values.length < expected ? cutOff : 'Something follows the values: write the file again.';
    throw fail(`${expected} bytes for ${dtype} [${shape.join(', ')}]`, `${values.length}`, mend);
  }
  try {
    const tensor = readValues(element, shape, values);
    return order === 'True' ? rowMajor(tensor) : tensor;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw fail('integers of 32 bits', cause.message, "Save x.astype('float32').");
  }
}

/** A tensor whose values lie in Fortran's order, the first axis fastest, with the last axis fastest. */
function rowMajor(tensor: HostTensor): HostTensor {
  const { shape } = tensor;
  const source = tensor.data;
  const data = source.slice();
  // What one step along each axis is in Fortran's order.
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, dim) => product * dim, 1));
  const place = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    data[to] = source[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = place[axis]! + 1;
      from += strides[axis]!;
      if (place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return { ...tensor, data } as HostTensor;
}

/** NumPy's names of the element types that are read, and those of safetensors. */
const elements: ReadonlyMap<string, string> = new Map([
  ['<f4', 'F32'],
  ['<f8', 'F64'],
  ['<f2', 'F16'],
  ['<i8', 'I64'],
  ['<i4', 'I32'],
  ['<i2', 'I16'],
  ['|i1', 'I8'],
  ['<u8', 'U64'],
  ['<u4', 'U32'],
  ['<u2', 'U16'],
  ['|u1', 'U8'],
  ['|b1', 'BOOL'],
]);

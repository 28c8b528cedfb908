// The safetensors format (github.com/huggingface/safetensors): eight bytes of header length, a JSON header, the values.
// It holds numbers and nothing that could be executed. The reader trusts nothing: what does not add up is an error.

import { LatentkitError } from '../errors.ts';
import type { HostTensor } from '../runtime/host.ts';
import { countTopLevelKeys } from './json-keys.ts';
import { elementBytes, readValues, stored } from './values.ts';

/** The reference implementation's limit on the header, in bytes. */
const MAX_HEADER = 100_000_000;
const METADATA = '__metadata__';

/** Named tensors, and remarks on them. */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, HostTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Tensors as the bytes of a safetensors file, in the order given. The same tensors give the same bytes.
 * float32 is stored as F32, int32 as I32, uint8 as U8, bool as BOOL.
 * @throws LatentkitError `artifact` where a tensor's values do not fill its shape, or its name is taken by the format.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, HostTensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: [string, unknown][] = metadata === undefined ? [] : [[METADATA, metadata]];
  let end = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    const count = shape.reduce((product, dim) => product * dim, 1);
    if (name === METADATA || data.length !== count) {
      throw new LatentkitError(
        'artifact',
        name === METADATA
          ? `a tensor may not be called ${METADATA}: the format keeps its remarks there. Rename it.`
          : `tensor "${name}": expected ${count} values for shape [${shape.join(', ')}], got ${data.length}.`,
      );
    }
    const start = end;
    end += data.byteLength;
    header.push([name, { dtype: stored[dtype], shape, data_offsets: [start, end] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * Reads the bytes of a safetensors file. Values are views of `file` where its alignment allows, else copies; F64, F16
 * and BF16 become float32, I64 becomes int32.
 * @param name the file that errors name
 * @throws LatentkitError `artifact` where anything in the file does not add up.
 */
export function decodeSafetensors(file: Uint8Array, name: string): Safetensors {
  const fail: Fail = (expected, got, mend = 'The file is damaged: restore it, or write it again.', cause) =>
    new LatentkitError('artifact', `${name}: expected ${expected}, got ${got}. ${mend}`, { cause });
  const { header, dataStart } = readHeader(file, fail);
  const { [METADATA]: remarks, ...entries } = header;
  const infos = Object.entries(entries).map(([tensor, info]) => checkInfo(tensor, info, fail));
  let end = 0;
  for (const { tensor, offsets } of [...infos].sort(byOffset)) {
    if (offsets[0] !== end) {
      throw fail(`tensor "${tensor}" to begin at byte ${end} of the data, where the last ends`, `${offsets[0]}`);
    }
    end = offsets[1];
  }
  const dataLength = file.length - dataStart;
  if (end !== dataLength) {
    throw fail(
      `${end} bytes of data after the header`,
      `${dataLength}`,
      end > dataLength
        ? 'The file is cut off: copy or download it again.'
        : 'Something follows the tensors: remove it.',
    );
  }
  const data = file.subarray(dataStart);
  const tensors = infos.map((info): [string, HostTensor] => [info.tensor, readTensor(info, data, fail)]);
  return { tensors: Object.fromEntries(tensors), metadata: checkMetadata(remarks, fail) };
}

type Fail = (expected: string, got: string, mend?: string, cause?: unknown) => LatentkitError;

interface TensorInfo {
  readonly tensor: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly offsets: readonly [start: number, end: number];
}

function byOffset(a: TensorInfo, b: TensorInfo): number {
  return a.offsets[0] - b.offsets[0] || a.offsets[1] - b.offsets[1];
}

function readTensor({ tensor, dtype, shape, offsets }: TensorInfo, data: Uint8Array, fail: Fail): HostTensor {
  try {
    return readValues(dtype, shape, data.subarray(...offsets));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw fail(`tensor "${tensor}" to hold numbers of 32 bits`, cause.message, 'Convert the tensor to I32.', cause);
  }
}

function readHeader(file: Uint8Array, fail: Fail): { header: Record<string, unknown>; dataStart: number } {
  const mend = 'Is this a safetensors file, and all of it?';
  if (file.length < 8) throw fail('at least 8 bytes', `${file.length}`, mend);
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER)) throw fail(`a header of at most ${MAX_HEADER} bytes`, `${length}`, mend);
  const dataStart = 8 + Number(length);
  if (dataStart > file.length) {
    throw fail(`a header of ${length} bytes`, `a file with ${file.length - 8} left for it`, mend);
  }
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.subarray(8, dataStart));
    header = JSON.parse(text);
  } catch (cause) {
    throw fail('a header of JSON', `something else (${cause instanceof Error ? cause.message : cause})`, mend, cause);
  }
  if (!isRecord(header)) throw fail('a JSON object as the header', shown(header), mend);
  if (countTopLevelKeys(text) !== Object.keys(header).length) {
    throw fail('each tensor to be named once', 'a header that names one twice');
  }
  return { header, dataStart };
}

function checkInfo(tensor: string, info: unknown, fail: Fail): TensorInfo {
  const of = `tensor "${tensor}"`;
  if (!isRecord(info)) throw fail(`${of} to have a dtype, a shape and data_offsets`, shown(info));
  const { dtype, shape, data_offsets: offsets } = info;
  const bytes = typeof dtype === 'string' ? elementBytes.get(dtype) : undefined;
  if (typeof dtype !== 'string' || bytes === undefined) {
    const known = [...elementBytes.keys()].join(', ');
    throw fail(`${of} to have one of the dtypes ${known}`, shown(dtype), 'Convert the tensor to one of these.');
  }
  if (!isSizes(shape)) throw fail(`${of} to have a shape of whole numbers`, shown(shape));
  if (!isSizes(offsets)) throw fail(`${of} to have two whole numbers as data_offsets`, shown(offsets));
  const [start, end, ...rest] = offsets;
  if (start === undefined || end === undefined || rest.length > 0 || start > end) {
    throw fail(`${of} to have a start and an end as data_offsets`, shown(offsets));
  }
  const size = shape.reduce((product, dim) => product * dim, 1) * bytes;
  if (end - start !== size) {
    throw fail(`${of} to take ${size} bytes for ${dtype} [${shape.join(', ')}]`, `${end - start}`);
  }
  return { tensor, dtype, shape, offsets: [start, end] };
}

function checkMetadata(remarks: unknown, fail: Fail): Record<string, string> {
  if (remarks === undefined) return {};
  if (!isRecord(remarks)) throw fail(`${METADATA} to map names to texts`, shown(remarks));
  const entries = Object.entries(remarks).map(([key, value]): [string, string] => {
    if (typeof value !== 'string') throw fail(`${METADATA} "${key}" to be a text`, shown(value));
    return [key, value];
  });
  return Object.fromEntries(entries);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(n => Number.isSafeInteger(n) && n >= 0);
}

function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
  } catch {
    return 'a deeply nested value';
  }
}

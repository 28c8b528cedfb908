// Element types under the names that safetensors gives them, and how their little-endian values become host tensors.

import type { DType } from '../graph/shape.ts';
import { float32, type HostTensor, int32 } from '../runtime/host.ts';

/** What each of our element types is called in a file. */
export const stored: Readonly<Record<DType, string>> = { float32: 'F32', int32: 'I32', uint8: 'U8', bool: 'BOOL' };

/** The element types that can be read, and their size in bytes. */
export const elementBytes: ReadonlyMap<string, number> = new Map([
  ['F32', 4],
  ['F64', 8],
  ['F16', 2],
  ['BF16', 2],
  ['I64', 8],
  ['I32', 4],
  ['I16', 2],
  ['I8', 1],
  ['U64', 8],
  ['U32', 4],
  ['U16', 2],
  ['U8', 1],
  ['BOOL', 1],
]);

/**
 * One tensor of checked type and length; a view of `bytes` where type and alignment allow.
 * Throws a RangeError where an integer does not fit int32.
 */
export function readValues(dtype: string, shape: readonly number[], bytes: Uint8Array): HostTensor {
  const { buffer, byteOffset, byteLength } =
    bytes.byteOffset % (elementBytes.get(dtype) ?? 1) === 0 ? bytes : Uint8Array.from(bytes);
  switch (dtype) {
    case 'F32':
      return float32(new Float32Array(buffer, byteOffset, byteLength / 4), shape);
    case 'F64':
      return float32(Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8)), shape);
    case 'F16':
      return float32(Float32Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), fromHalf), shape);
    case 'BF16': {
      const words = Uint32Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), high => high << 16);
      return float32(new Float32Array(words.buffer), shape);
    }
    case 'I32':
      return int32(new Int32Array(buffer, byteOffset, byteLength / 4), shape);
    case 'I16':
      return int32(Int32Array.from(new Int16Array(buffer, byteOffset, byteLength / 2)), shape);
    case 'I8':
      return int32(Int32Array.from(new Int8Array(buffer, byteOffset, byteLength)), shape);
    case 'U16':
      return int32(Int32Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2)), shape);
    case 'I64':
      return int32(Int32Array.from(new BigInt64Array(buffer, byteOffset, byteLength / 8), toInt32), shape);
    case 'U64':
      return int32(Int32Array.from(new BigUint64Array(buffer, byteOffset, byteLength / 8), toInt32), shape);
    case 'U32':
      return int32(Int32Array.from(new Uint32Array(buffer, byteOffset, byteLength / 4), toInt32), shape);
    default:
      return {
        dtype: dtype === 'BOOL' ? 'bool' : 'uint8',
        shape,
        data: new Uint8Array(buffer, byteOffset, byteLength),
      };
  }
}

function toInt32(value: bigint | number): number {
  const number = Number(value);
  if ((number | 0) !== number) throw new RangeError(`${value}`);
  return number;
}

/** An IEEE 754 half-precision number from its 16 bits. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

// The element types of safetensors and how their little-endian values become host tensors.

import type { DType } from '../graph/shape.ts';
import type { HostTensor } from '../runtime/host.ts';

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
  ['U8', 1],
  ['BOOL', 1],
]);

/**
 * One tensor of checked type and length; a view of `bytes` where type and alignment allow.
 * Throws a RangeError where an I64 value does not fit int32.
 */
export function readValues(dtype: string, shape: readonly number[], bytes: Uint8Array): HostTensor {
  const { buffer, byteOffset, byteLength } =
    bytes.byteOffset % (elementBytes.get(dtype) ?? 1) === 0 ? bytes : Uint8Array.from(bytes);
  switch (dtype) {
    case 'F32':
      return { dtype: 'float32', shape, data: new Float32Array(buffer, byteOffset, byteLength / 4) };
    case 'F64':
      return { dtype: 'float32', shape, data: Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8)) };
    case 'F16': {
      const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
      return { dtype: 'float32', shape, data: Float32Array.from(halves, fromHalf) };
    }
    case 'BF16': {
      const words = Uint32Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), high => high << 16);
      return { dtype: 'float32', shape, data: new Float32Array(words.buffer) };
    }
    case 'I32':
      return { dtype: 'int32', shape, data: new Int32Array(buffer, byteOffset, byteLength / 4) };
    case 'I64': {
      const data = Int32Array.from(new BigInt64Array(buffer, byteOffset, byteLength / 8), toInt32);
      return { dtype: 'int32', shape, data };
    }
    default:
      return {
        dtype: dtype === 'BOOL' ? 'bool' : 'uint8',
        shape,
        data: new Uint8Array(buffer, byteOffset, byteLength),
      };
  }
}

function toInt32(value: bigint): number {
  if (BigInt.asIntN(32, value) !== value) throw new RangeError(`${value}`);
  return Number(value);
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

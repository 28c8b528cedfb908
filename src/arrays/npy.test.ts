import { describe, expect, it } from 'vitest';
import { float32, type HostTensor } from '../runtime/index.ts';
import { decodeNpy, encodeNpy } from './npy.ts';

/** Two values of a type, as numpy.save writes them. */
function npyFile(descr: string, values: Uint8Array): Uint8Array {
  const header = Buffer.from(`{'descr': '${descr}', 'fortran_order': False, 'shape': (2,), }\n`);
  return Buffer.concat([Buffer.from('\u0093NUMPY\u0001\u0000', 'latin1'), Buffer.of(header.length, 0), header, values]);
}

describe('npy', () => {
  it('writes what NumPy writes', () => {
    // numpy.save of numpy.array([[1, -2]], dtype='<f4'), byte for byte.
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
    const expected = Buffer.concat([
      Buffer.from([0x93]),
      Buffer.from('NUMPY\u0001\u0000v\u0000', 'latin1'),
      Buffer.from(`${header.padEnd(117)}\n`),
      Buffer.from(Float32Array.of(1, -2).buffer),
    ]);
    expect(Buffer.from(encodeNpy(float32(Float32Array.of(1, -2), [1, 2]))).equals(expected)).toBe(true);
  });

  it.each<HostTensor>([
    float32(Float32Array.of(1, 2, Number.NaN, Number.NEGATIVE_INFINITY, 0, -0), [3, 2, 1]),
    { dtype: 'int32', shape: [3], data: Int32Array.of(-1, 2 ** 31 - 1, 0) },
    { dtype: 'uint8', shape: [2, 2], data: Uint8Array.of(0, 1, 254, 255) },
    { dtype: 'bool', shape: [], data: Uint8Array.of(1) },
    float32(new Float32Array(0), [0, 5]),
  ])('reads back $dtype $shape', tensor => {
    const file = encodeNpy(tensor);
    expect((file.length - tensor.data.byteLength) % 64).toBe(0);
    expect(decodeNpy(file, 'x.npy')).toEqual(tensor);
    // From anywhere within a larger buffer, of Node's kind too.
    const within = Buffer.concat([Buffer.alloc(3), file]).subarray(3);
    expect(decodeNpy(within, 'x.npy')).toEqual(tensor);
  });

  it('reads float64 and version 2.0', () => {
    const header = Buffer.from("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n");
    const size = Buffer.alloc(4);
    size.writeUInt32LE(header.length);
    const values = Buffer.from(Float64Array.of(0.5, 3).buffer);
    const file = Buffer.concat([Buffer.from('\u0093NUMPY\u0002\u0000', 'latin1'), size, header, values]);
    expect(decodeNpy(file, 'x.npy')).toEqual(float32(Float32Array.of(0.5, 3), [2]));
  });

  it.each<[string, ArrayBufferView, HostTensor['dtype'], number[]]>([
    ['<f2', Uint16Array.of(0x3c00, 0xc100), 'float32', [1, -2.5]],
    ['<i8', BigInt64Array.of(-7n, 2n ** 31n - 1n), 'int32', [-7, 2 ** 31 - 1]],
    ['<u8', BigUint64Array.of(7n, 0n), 'int32', [7, 0]],
    ['<u4', Uint32Array.of(9, 2 ** 31 - 1), 'int32', [9, 2 ** 31 - 1]],
    ['<i2', Int16Array.of(-300, 300), 'int32', [-300, 300]],
    ['<u2', Uint16Array.of(65_535, 1), 'int32', [65_535, 1]],
    ['|i1', Int8Array.of(-128, 127), 'int32', [-128, 127]],
  ])('reads %s', (descr, { buffer }, dtype, values) => {
    const { dtype: got, data } = decodeNpy(npyFile(descr, new Uint8Array(buffer)), 'x.npy');
    expect([got, ...data]).toEqual([dtype, ...values]);
  });

  it('reads Fortran order, of any number of axes', () => {
    const shape = [2, 3, 4];
    const data = Float32Array.from({ length: 24 }, (_, i) => i);
    // Element (i, j, k) of an array in Fortran's order lies at i + 2 j + 6 k.
    const fortran = Float32Array.from(
      data,
      (_, at) => 12 * (at % 2) + 4 * (Math.floor(at / 2) % 3) + Math.floor(at / 6),
    );
    const file = Buffer.from(encodeNpy(float32(fortran, shape)));
    file.write('True ', file.indexOf('False'), 'latin1');
    expect(decodeNpy(file, 'x.npy')).toEqual(float32(data, shape));
  });

  it('refuses integers beyond 32 bits', () => {
    const file = npyFile('<u4', new Uint8Array(Uint32Array.of(2 ** 31, 0).buffer));
    expect(() => decodeNpy(file, 'x.npy')).toThrow('expected integers of 32 bits, got 2147483648');
  });

  const whole = encodeNpy(float32(Float32Array.of(1, 2), [2]));
  const edited = (from: string, to: string): Uint8Array =>
    Buffer.from(Buffer.from(whole).toString('latin1').replace(from, to), 'latin1');
  it.each<[string, Uint8Array, RegExp]>([
    ['another file', new TextEncoder().encode('PK and so on, a zip'), /expected an npy file/],
    ['nothing', new Uint8Array(0), /expected an npy file/],
    ['half a header', whole.subarray(0, 40), /expected a header of 128 bytes, got a file of 40\. The file is cut off/],
    ['half the values', whole.subarray(0, 132), /expected 8 bytes for <f4 \[2\], got 4\. The file is cut off/],
    ['more than the values', Buffer.concat([whole, Buffer.alloc(1)]), /got 9\. Something follows/],
    ['objects', edited('<f4', '|O8'), /expected one of the types <f4, .*, got \|O8/],
    ['big-endian', edited('<f4', '>f4'), /got >f4/],
    ['another header', edited("'descr'", "'drops'"), /expected a header with descr/],
  ])('refuses %s', (_, file, message) => {
    expect(() => decodeNpy(file, 'x.npy')).toThrow(expect.objectContaining({ code: 'data' }));
    expect(() => decodeNpy(file, 'x.npy')).toThrow(message);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import type { HostTensor } from '../runtime/host.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

const utf8 = new TextEncoder();

/** A file made by hand, independent of the encoder. */
function file(header: string, data: number[] | Uint8Array = [], length = utf8.encode(header).length): Uint8Array {
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(length), true);
  return Uint8Array.from([...prefix, ...utf8.encode(header), ...data]);
}

function message(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes, 'm.safetensors');
  } catch (error) {
    expect(error).toBeInstanceOf(LatentkitError);
    expect((error as LatentkitError).code).toBe('artifact');
    expect((error as LatentkitError).message).toMatch(/^m\.safetensors: expected .*, got .*\./s);
    return (error as LatentkitError).message;
  }
  throw new Error('expected an error');
}

const tensor = fc.oneof(
  fc.array(fc.float()).map((v): HostTensor => ({ dtype: 'float32', shape: [v.length], data: Float32Array.from(v) })),
  fc.array(fc.integer()).map((v): HostTensor => ({ dtype: 'int32', shape: [1, v.length], data: Int32Array.from(v) })),
  fc.uint8Array().map((data): HostTensor => ({ dtype: 'uint8', shape: [data.length, 1], data })),
  fc.boolean().map((v): HostTensor => ({ dtype: 'bool', shape: [], data: Uint8Array.of(Number(v)) })),
);
const tensors = fc.dictionary(fc.string(), tensor).filter(all => !Object.hasOwn(all, '__metadata__'));

describe('encodeSafetensors', () => {
  it('writes the bytes of the specification', () => {
    const encoded = encodeSafetensors(
      {
        b: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, -2) },
        a: { dtype: 'uint8', shape: [], data: Uint8Array.of(7) },
      },
      { format: 'pt' },
    );
    const header =
      '{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(encoded).toEqual(file(padded, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7]));
  });

  it('refuses values that do not fill the shape, and the format’s own name', () => {
    const half: HostTensor = { dtype: 'uint8', shape: [2], data: Uint8Array.of(1) };
    expect(() => encodeSafetensors({ half })).toThrow('tensor "half": expected 2 values for shape [2], got 1');
    expect(() => encodeSafetensors({ __metadata__: half })).toThrow('Rename it');
  });
});

describe('decodeSafetensors', () => {
  it('gives back what was encoded, at whatever alignment', () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(fc.string(), fc.string()), fc.nat(8), (all, metadata, shift) => {
        const encoded = encodeSafetensors(all, metadata);
        const shifted = new Uint8Array(encoded.length + shift).subarray(shift);
        shifted.set(encoded);
        const decoded = decodeSafetensors(shifted, 'x');
        expect(Object.entries(decoded.tensors)).toEqual(Object.entries(all));
        expect(Object.entries(decoded.metadata)).toEqual(Object.entries(metadata));
      }),
    );
  });

  it('views the file’s own memory where it can', () => {
    const encoded = encodeSafetensors({ a: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } });
    expect(decodeSafetensors(encoded, 'x').tensors.a?.data.buffer).toBe(encoded.buffer);
  });

  it.each([
    ['F64', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 1.5],
    ['F16', [0x00, 0x3e], 1.5],
    ['F16', [0x01, 0x80], -(2 ** -24)],
    ['F16', [0x00, 0xfc], Number.NEGATIVE_INFINITY],
    ['F16', [0x01, 0x7c], Number.NaN],
    ['BF16', [0xc0, 0xbf], -1.5],
    ['I64', [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -2],
    ['I32', [0xfe, 0xff, 0xff, 0xff], -2],
    ['BOOL', [1], 1],
  ])('reads %s %j as %d', (dtype, bytes, value) => {
    const { tensors } = decodeSafetensors(
      file(`{"t":{"dtype":"${dtype}","shape":[],"data_offsets":[0,${bytes.length}]}}`, bytes),
      'x',
    );
    expect(tensors.t?.data[0]).toBe(value);
  });

  const u8 = (start: number, end: number, shape = `[${end - start}]`) =>
    `{"dtype":"U8","shape":${shape},"data_offsets":[${start},${end}]}`;
  it.each([
    ['an empty file', new Uint8Array(0), 'at least 8 bytes, got 0'],
    ['a header longer than the file', file('{}', [], 3), 'a header of 3 bytes, got a file with 2 left'],
    ['a huge header', file('{}', [], 2 ** 40), 'at most 100000000 bytes, got 1099511627776'],
    ['something else', file('{"a"'), 'a header of JSON'],
    ['a broken text', Uint8Array.from([...file(''), 0xff]).fill(1, 0, 1), 'a header of JSON'],
    ['a list', file('[]'), 'a JSON object as the header, got []'],
    ['a tensor that is a number', file('{"a":1}'), 'tensor "a" to have a dtype, a shape and data_offsets, got 1'],
    ['an unknown dtype', file('{"a":{"dtype":"Q4","shape":[],"data_offsets":[0,1]}}', [1]), 'got "Q4"'],
    ['a value nested beyond the stack', file(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`), 'a dtype, a shape'],
    ['a missing shape', file('{"a":{"dtype":"U8","data_offsets":[0,1]}}', [1]), 'whole numbers, got nothing'],
    ['a negative dimension', file(`{"a":${u8(0, 1, '[-1]')}}`, [1]), 'whole numbers, got [-1]'],
    ['one offset', file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[1]}}', [1]), 'a start and an end'],
    ['offsets in reverse', file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}', [1]), 'a start and an end'],
    ['a size that is not the shape’s', file(`{"a":${u8(0, 2, '[3]')}}`, [1, 2]), 'to take 3 bytes for U8 [3], got 2'],
    ['an overlap', file(`{"a":${u8(0, 2)},"b":${u8(1, 3)}}`, [1, 2, 3]), '"b" to begin at byte 2 of the data'],
    ['a gap', file(`{"a":${u8(0, 1)},"b":${u8(2, 3)}}`, [1, 2, 3]), '"b" to begin at byte 1 of the data'],
    [
      'a cut-off file',
      file(`{"a":${u8(0, 3)}}`, [1, 2]),
      '3 bytes of data after the header, got 2. The file is cut off',
    ],
    ['trailing bytes', file(`{"a":${u8(0, 1)}}`, [1, 2]), '1 bytes of data after the header, got 2. Something follows'],
    ['one name twice', file(`{"a":${u8(0, 1)},"a":${u8(0, 1)}}`, [1]), 'named once'],
    ['metadata that is a list', file('{"__metadata__":[]}'), '__metadata__ to map names to texts, got []'],
    ['metadata that is a number', file('{"__metadata__":{"a":1}}'), '__metadata__ "a" to be a text, got 1'],
    [
      'an integer beyond 32 bits',
      file('{"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}', [0, 0, 0, 0, 1, 0, 0, 0]),
      'got 4294967296',
    ],
  ])('refuses %s', (_, bytes, part) => {
    expect(message(bytes)).toContain(part);
  });

  it('keeps a tensor whose name JavaScript would take for a prototype', () => {
    const { tensors } = decodeSafetensors(file(`{"__proto__":${u8(0, 1)}}`, [5]), 'x');
    expect(Object.entries(tensors)).toEqual([['__proto__', { dtype: 'uint8', shape: [1], data: Uint8Array.of(5) }]]);
  });

  it('does not mistake a key inside a text or a nested object for one named twice', () => {
    const header = `{"a\\"b:c":${u8(0, 1)},"__metadata__":{"x":"\\\\","y":"{\\"a\\":1}"}}`;
    expect(Object.keys(decodeSafetensors(file(header, [1]), 'x').tensors)).toEqual(['a"b:c']);
  });

  it('answers any damage with a LatentkitError or a whole result', () => {
    fc.assert(
      fc.property(tensors, fc.array(fc.tuple(fc.nat(), fc.nat(255))), fc.nat(), (all, damage, cut) => {
        const encoded = encodeSafetensors(all, { a: 'b' });
        for (const [at, value] of damage) encoded[at % encoded.length] = value;
        const damaged = cut % 3 === 0 ? encoded.subarray(0, cut % encoded.length) : encoded;
        try {
          for (const { shape, data } of Object.values(decodeSafetensors(damaged, 'x').tensors)) {
            expect(data.length).toBe(shape.reduce((product, dim) => product * dim, 1));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(LatentkitError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

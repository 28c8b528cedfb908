// The wire format, against bytes worked out by hand from the encoding guide.

import { expect, test } from 'vitest';
import { ProtobufWriter } from './protobuf.ts';

const bytesOf = (write: (w: ProtobufWriter) => void): number[] => {
  const writer = new ProtobufWriter();
  write(writer);
  return [...writer.finish()];
};

test.each<[number | bigint, number[]]>([
  [0, [0x00]],
  [1, [0x01]],
  [127, [0x7f]],
  [128, [0x80, 0x01]],
  [150, [0x96, 0x01]],
  [16383, [0xff, 0x7f]],
  [16384, [0x80, 0x80, 0x01]],
  [2 ** 32, [0x80, 0x80, 0x80, 0x80, 0x10]],
  [Number.MAX_SAFE_INTEGER, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  [-1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  [-(2n ** 63n), [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
])('the varint %s', (value, expected) => {
  expect(bytesOf(w => w.int(1, value))).toEqual([0x08, ...expected]);
});

test('field numbers of one and of two bytes', () => {
  expect(bytesOf(w => w.int(15, 1))).toEqual([0x78, 0x01]);
  expect(bytesOf(w => w.int(16, 1))).toEqual([0x80, 0x01, 0x01]);
});

test('floats are four bytes, little-endian', () => {
  expect(bytesOf(w => w.float(2, 1))).toEqual([0x15, 0x00, 0x00, 0x80, 0x3f]);
});

test('strings are UTF-8 with their length in bytes', () => {
  expect(bytesOf(w => w.string(2, 'é'))).toEqual([0x12, 0x02, 0xc3, 0xa9]);
  expect(bytesOf(w => w.string(2, ''))).toEqual([0x12, 0x00]);
});

test('a message within a message', () => {
  expect(bytesOf(w => w.message(3, inner => inner.int(1, 150)))).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
});

test('what is larger than the buffer makes it grow', () => {
  const large = Uint8Array.from({ length: 100_000 }, (_, i) => i & 0xff);
  const written = bytesOf(w => w.int(1, 7).bytes(9, large).int(1, 8));
  expect(written.length).toBe(2 + 1 + 3 + large.length + 2);
  expect(written.slice(6, 6 + 300)).toEqual([...large.subarray(0, 300)]);
  expect(written.slice(-2)).toEqual([0x08, 0x08]);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { readRange } from './dataset.ts';
import { loadIdx, readIdx } from './idx.ts';

const scratch = await mkdtemp(join(tmpdir(), 'latentkit-idx-'));
afterAll(() => rm(scratch, { recursive: true }));

function idx(type: number, shape: number[], data: number[]): Uint8Array {
  const sizes = shape.flatMap(n => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...data]);
}

async function put(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(scratch, name), bytes);
  return join(scratch, name);
}

describe('readIdx', () => {
  it('reads bytes, gzipped or not', () => {
    const file = idx(8, [2, 3], [1, 2, 3, 4, 5, 255]);
    for (const bytes of [file, new Uint8Array(gzipSync(file))]) {
      expect(readIdx(bytes, 'x')).toEqual({ dtype: 'uint8', shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 255) });
    }
  });

  it.each([
    ['int8', 0x09, [0xff], -1],
    ['int16', 0x0b, [0xff, 0xfe], -2],
    ['int32', 0x0c, [0, 1, 0, 0], 65536],
    ['float32', 0x0d, [0xbf, 0xc0, 0, 0], -1.5],
    ['float64', 0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
  ])('reads big-endian %s as float32', (_, type, bytes, value) => {
    expect(readIdx(idx(type, [1], bytes), 'x')).toEqual({ dtype: 'float32', shape: [1], data: Float32Array.of(value) });
  });

  const whole = idx(8, [2, 2], [1, 2, 3, 4]);
  const zipped = new Uint8Array(gzipSync(whole));
  const flipped = (bytes: Uint8Array, at: number) =>
    bytes.map((byte, i) => (i === (at + bytes.length) % bytes.length ? byte ^ 1 : byte));
  it.each([
    ['an empty file', new Uint8Array(0), 'expected an IDX file', 'got an empty file'],
    ['another format', Uint8Array.of(0x89, 0x50, 0x4e, 0x47), 'expected an IDX file', 'begins with 89 50 4e 47'],
    ['an unknown type', idx(7, [1], [1]), 'expected an IDX file', 'begins with 00 00 07 01'],
    ['no dimensions', idx(8, [], [1]), 'expected an IDX file', 'begins with 00 00 08 00'],
    ['half a header', whole.subarray(0, 9), 'a header of 12 bytes', 'got 9 bytes'],
    [
      'a cut-off file',
      whole.subarray(0, 15),
      'expected 16 bytes for shape [2, 2]',
      'got 15 bytes. The file is cut off',
    ],
    ['trailing bytes', Uint8Array.from([...whole, 0]), 'expected 16 bytes', 'got 17 bytes. Something follows'],
    ['no rows', idx(8, [0, 2], []), 'at least one row', 'got shape [0, 2]'],
    ['an impossible size', idx(8, [2 ** 31, 2 ** 31, 2 ** 31], [1]), 'for shape', 'got 17 bytes'],
    ['a cut-off gzip', zipped.subarray(0, 20), 'expected a whole gzip file', 'copy it again'],
    ['a gzip header only', zipped.subarray(0, 10), 'expected a whole gzip file', 'ends after 10 bytes'],
    ['a wrong gzip checksum', flipped(zipped, -8), 'expected a whole gzip file', 'checksum'],
    ['a wrong gzip length', flipped(zipped, -4), 'expected a whole gzip file', 'instead of 17'],
    ['an absurd gzip length', flipped(zipped, -1), 'expected a whole gzip file', '16777232 bytes'],
  ])('refuses %s', (_, bytes, expected, got) => {
    const read = () => readIdx(bytes, 'train-images');
    expect(read).toThrow(LatentkitError);
    expect(read).toThrow(/^train-images: expected/);
    expect(read).toThrow(expected);
    expect(read).toThrow(got);
  });

  it('answers any damage with a LatentkitError or a whole result', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.nat(), fc.nat(255), fc.nat(), (gzipped, at, value, cut) => {
        const file = (gzipped ? zipped : whole).slice();
        file[at % file.length] = value;
        try {
          const { shape, data } = readIdx(file.subarray(0, file.length - (cut % 3)), 'x');
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(LatentkitError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('loadIdx', () => {
  it('gives grey images a channel, and labels their values', async () => {
    const images = await put('images', idx(8, [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]));
    const labels = await put('labels', idx(8, [2], [7, 9]));
    const dataset = await loadIdx({ images, labels, name: 'two' });
    expect(dataset).toMatchObject({ name: 'two', size: 2, shape: [2, 2, 1], dtype: 'uint8', range: [0, 255] });
    expect([...dataset.labels!.values]).toEqual([7, 9]);
    expect([...readRange(dataset, 1, 2)]).toEqual([5, 6, 7, 8]);
  });

  it('takes rows of features, and the range of numbers that are no bytes', async () => {
    const dataset = await loadIdx({ images: await put('rows', idx(0x0b, [2, 2], [0, 1, 0, 2, 0xff, 0xff, 0, 9])) });
    expect(dataset).toMatchObject({ size: 2, shape: [2], dtype: 'float32', range: [-1, 9] });
  });

  it('says when two files do not belong together', async () => {
    const images = await put('a', idx(8, [2, 1, 1], [1, 2]));
    const labels = await put('b', idx(8, [3], [1, 2, 3]));
    await expect(loadIdx({ images, labels })).rejects.toThrow(
      `expected 2 labels, one for each image of ${images}, got 3`,
    );
    await expect(loadIdx({ images: labels, labels: images })).rejects.toThrow('Were images and labels swapped?');
    await expect(loadIdx({ images, labels: images })).rejects.toThrow('Were images and labels swapped?');
    const fractions = await put('c', idx(0x0d, [2], [0x3f, 0x80, 0, 0, 0x3f, 0xc0, 0, 0]));
    await expect(loadIdx({ images, labels: fractions })).rejects.toThrow('whole class numbers, got 1.5 in row 1');
    const missing = await put('d', idx(0x0d, [1, 1], [0x7f, 0xc0, 0, 0]));
    await expect(loadIdx({ images: missing })).rejects.toThrow('expected finite numbers, got NaN at value 0');
  });

  it('says which file is missing', async () => {
    await expect(loadIdx({ images: join(scratch, 'gone') })).rejects.toThrow(/gone: there is no such file/);
  });
});

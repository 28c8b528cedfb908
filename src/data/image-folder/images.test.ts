import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { presets } from '../../models/index.ts';
import { type Dataset, subset } from '../dataset.ts';
import { hostRows, hostRowsAt } from '../host-rows.ts';
import { loadData, readRows } from '../sources.ts';
import type { ImagesConfig } from './config.ts';
import { imagesLoader } from './loader.ts';

let scratch: string;
let root: string;
let count = 0;
const cacheBefore = process.env.LATENTKIT_CACHE;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'latentkit-images-'));
});
beforeEach(() => {
  root = join(scratch, `${count++}`);
  process.env.LATENTKIT_CACHE = join(root, 'cache');
});
afterAll(async () => {
  if (cacheBefore === undefined) delete process.env.LATENTKIT_CACHE;
  else process.env.LATENTKIT_CACHE = cacheBefore;
  await rm(scratch, { recursive: true });
});

/** A small grey PNG, all of one value. */
const grey = (value: number, [height, width] = [8, 8]): Uint8Array =>
  encode({ width: width!, height: height!, channels: 1, depth: 8, data: new Uint8Array(height! * width!).fill(value) });

async function put(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = join(root, 'data');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** `count` images, of the values 0, 1, ... */
const many = (count: number, name: (i: number) => string = i => `${`${i}`.padStart(4, '0')}.png`) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), grey(i % 256)]));

/** The first pixel of each row. */
async function values(dataset: Dataset): Promise<number[]> {
  const { data } = await hostRows(dataset, 0, dataset.size);
  return Array.from({ length: dataset.size }, (_, i) => data[(i * data.length) / dataset.size]!);
}

const load = (path: string, config: Partial<ImagesConfig> = {}) =>
  imagesLoader.load({ type: 'images', path, ...config });

describe('a folder', () => {
  it('is split, each image into one part', async () => {
    const folder = await put({ ...many(40), 'notes.txt': 'mine', '.hidden.png': 'x' });
    const { train, validation, test, source } = await loadData(folder);
    expect([train.size, validation.size, test.size]).toEqual([32, 4, 4]);
    expect(train).toMatchObject({ name: 'data', shape: [8, 8, 1], dtype: 'uint8', range: [0, 255], labels: undefined });
    const parts = await Promise.all([train, validation, test].map(values));
    expect(parts.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(parts.flat()).toEqual([train, validation, test].flatMap(part => parts && positions(part)));
    expect(source).toEqual({
      type: 'images',
      path: folder,
      size: [8, 8],
      channels: 1,
      fit: 'cover',
      background: 'white',
      strict: false,
      classes: false,
    });
    const again = await loadData(source!);
    expect(again.train.fingerprint).toBe(train.fingerprint);
    expect(again.source).toEqual(source);
    expect(new Set([train, validation, test].map(({ fingerprint }) => fingerprint)).size).toBe(3);
  });

  it('has classes in its subfolders', async () => {
    const folder = await put({ ...many(6, i => `cat/${i}.png`), ...many(6, i => `dog/deep/${i}.png`) });
    const { train, source } = await load(folder, { validation: 1, test: 1 });
    expect(train.size).toBe(10);
    expect(train.labels!.names).toEqual(['cat', 'dog']);
    const names = Array.from(train.labels!.values, value => train.labels!.names![value]);
    expect(names).toEqual(positions(train).map(place => (place < 6 ? 'cat' : 'dog')));
    expect(source.classes).toEqual(['cat', 'dog']);
    // The first rows are not all of the first class.
    expect(new Set(names.slice(0, 5)).size).toBe(2);
    expect((await load(folder, { classes: false })).train.labels).toBeUndefined();
    await put({ 'stray.png': grey(9) });
    expect((await load(folder)).train.labels).toBeUndefined();
    await expect(load(folder, { classes: true })).rejects.toThrow(
      /expected every image in a subfolder, .* got stray\.png/,
    );
  });

  it('may bring its own splits', async () => {
    const folder = await put({
      ...many(10, i => `train/good/${i}.png`),
      ...many(3, i => `test/bad/${i}.png`),
      ...many(2, i => `test/good/1${i}.png`),
      ...many(4, i => `unlabelled/${i}.png`),
    });
    const { train, validation, test } = await load(folder, { validation: 2 });
    expect([train.size, validation.size, test.size]).toEqual([8, 2, 5]);
    expect(test.labels!.names).toEqual(['bad', 'good']);
    expect(test.labels!.values.toSorted()).toEqual(Int32Array.of(0, 0, 0, 1, 1));
    await put(many(3, i => `val/good/${i}.png`));
    const own = await load(folder);
    expect([own.train.size, own.validation.size, own.test.size]).toEqual([10, 3, 5]);
    expect((await imagesLoader.inspect({ type: 'images', path: folder })).facts).toContainEqual([
      'passed over',
      '4 other files',
    ]);
  });

  it('may have its test images elsewhere', async () => {
    const folder = await put(many(10));
    await cp(folder, join(root, 'other'), { recursive: true });
    const { train, test, source } = await load(folder, { test: join(root, 'other') });
    expect([train.size, test.size]).toEqual([9, 10]);
    expect(test.position(0)).toBe(10);
    expect(source.test).toBe(join(root, 'other'));
  });

  it('is walked through by links, but not in circles', async () => {
    const folder = await put(many(4, i => `a/${i}.png`));
    await symlink(folder, join(folder, 'a', 'circle'));
    await symlink(join(folder, 'a', '0.png'), join(folder, 'a', 'link.png'));
    await symlink(join(root, 'nowhere'), join(folder, 'a', 'dangling.png'));
    const summary = await imagesLoader.inspect({ type: 'images', path: folder });
    expect(summary.rows).toBe(5);
  });

  it('is known by its contents, its names and the settings', async () => {
    const folder = await put(many(20));
    const { train } = await load(folder);
    await cp(folder, join(root, 'moved'), { recursive: true });
    const moved = (await load(join(root, 'moved'))).train;
    expect(moved.fingerprint).toBe(train.fingerprint);
    expect((await load(folder, { size: 4 })).train.fingerprint).not.toBe(train.fingerprint);
    await put({ '0003.png': grey(200) });
    const changed = (await load(folder)).train;
    expect(changed.fingerprint).not.toBe(train.fingerprint);
    // Of long files the two ends count, whatever follows the image.
    const long = Uint8Array.from({ ...grey(200), length: 10_000 });
    await put({ '0003.png': long });
    const longer = (await load(folder)).train;
    long[9999] = 1;
    await put({ '0003.png': long });
    expect(new Set([changed, longer, (await load(folder)).train].map(part => part.fingerprint)).size).toBe(3);
  });

  it('has parts that are known without decoding them, and rows that are known by their files', async () => {
    const { train } = await load(await put(many(20)));
    const part = subset(train, 3, 7);
    expect(part.rowName!(1)).toBe(`${`${train.position(4)}`.padStart(4, '0')}.png`);
    expect(part.fingerprint).toBe(subset(train, [3, 4, 5, 6]).fingerprint);
    expect(new Set([part, train, subset(train, 3, 8), subset(train, [4, 3, 5, 6])].map(d => d.fingerprint)).size).toBe(
      4,
    );
  });
});

const positions = (part: Dataset): number[] => Array.from({ length: part.size }, (_, row) => part.position(row));

describe('what is inferred', () => {
  it('is the size that all have', async () => {
    const folder = await put({ 'a.png': grey(1, [20, 12]), 'b.png': grey(2, [20, 12]), 'c.png': grey(3, [20, 12]) });
    const { train, source } = await load(folder);
    expect(source.size).toEqual([20, 12]);
    expect(train.notes).toEqual([]);
  });

  it('is else a size of the median’s proportions, at most 64, and said', async () => {
    const folder = await put({
      'a.png': grey(1, [200, 100]),
      'b.png': grey(2, [300, 150]),
      'c.png': grey(3, [10, 500]),
    });
    const { train, source } = await load(folder);
    expect(source.size).toEqual([64, 48]);
    expect(train.notes![0]).toBe(
      'Images of 100×10 to 500×300 pixels are brought to 48×64 (fit: cover). Give `size` for another.',
    );
    expect((await load(folder, { size: [6, 4] })).train.shape).toEqual([6, 4, 1]);
    expect((await load(folder, { size: 5 })).train.notes).toEqual([]);
  });

  it('is colour, if one of the sampled images has any', async () => {
    const data = new Uint8Array(8 * 8 * 3).fill(7);
    const rgb = (): Uint8Array => encode({ width: 8, height: 8, channels: 3, depth: 8, data });
    const folder = await put({ ...many(5), 'z.png': rgb() });
    expect((await load(folder)).source.channels).toBe(1);
    data[30] = 8;
    await put({ 'z.png': rgb() });
    const { train, source } = await load(folder);
    expect(source.channels).toBe(3);
    expect((await values(train)).length).toBe(train.size);
    expect((await load(folder, { channels: 1 })).train.shape).toEqual([8, 8, 1]);
  });
});

describe('rows of another path', () => {
  it('are read by the preprocessing of the run', async () => {
    const folder = await put(many(12, i => `${i % 2 ? 'odd' : 'even'}/${i}.png`));
    const { source } = await load(folder);
    const other = join(root, 'other');
    for (const kind of ['odd', 'prime']) await mkdir(join(other, kind), { recursive: true });
    await writeFile(join(other, 'odd', 'large.png'), grey(77, [30, 40]));
    await writeFile(join(other, 'prime', 'two.png'), grey(2));
    const rows = await imagesLoader.read(source, other);
    expect(rows).toMatchObject({ size: 2, shape: [8, 8, 1] });
    expect(await values(rows)).toEqual([77, 2]);
    // A class that training did not know is none.
    expect(rows.labels).toEqual({ names: ['even', 'odd'], values: Int32Array.of(1, -1) });
    const one = await imagesLoader.read(source, join(other, 'odd', 'large.png'));
    expect(await values(one)).toEqual([77]);
    expect(one.labels).toBeUndefined();
  });

  it('fit a model of other images', async () => {
    const folder = await put(many(5));
    const { input } = presets.mlp.build({ input: { shape: [28, 28, 1], dtype: 'uint8', range: [0, 255] } });
    expect((await readRows(folder, input, 'mnist')).shape).toEqual([28, 28, 1]);
  });

  it('are all of them judged, or left out and said so: none stands in for another', async () => {
    const folder = await put(many(6));
    const { source } = await load(folder);
    await put({ '0002.png': grey(2).subarray(0, 40) });
    const rows = await imagesLoader.read(source, folder);
    expect(await values(rows)).toEqual([0, 1, 3, 4, 5]);
    expect(rows.notes).toEqual([
      expect.stringMatching(/^1 of 6 images cannot be read and were left out\. .*0002\.png/),
    ]);
  });
});

describe('a folder of many', () => {
  /** More than are decoded at once when a folder is opened. */
  const large = 2060;

  it('gives the same rows whether they are read in parts, at random or whole, and again from the cache', async () => {
    const folder = await put(many(large));
    const { train } = await load(folder);
    await expect(async () => train.read([5], new Uint8Array(64))).rejects.toThrow('read before it was prepared');
    const order = [5, 900, 901, 902, 5, 1200];
    const some = await hostRowsAt(train, order);
    const whole = await hostRows(train, 0, train.size);
    for (const [i, row] of order.entries()) {
      expect(some.data.slice(i * 64, (i + 1) * 64)).toEqual(whole.data.slice(row * 64, (row + 1) * 64));
    }
    expect(await values(train)).toEqual(positions(train).map(place => place % 256));
    const again = (await load(folder)).train;
    expect((await hostRows(again, 0, again.size)).data).toEqual(whole.data);
    expect(again.fingerprint).toBe(train.fingerprint);
  });

  it('does not stop training for one that is damaged inside: the next of its class stands in for it', async () => {
    const files = many(large, i => `${i < 1030 ? 'a' : 'b'}/${`${i}`.padStart(4, '0')}.png`);
    for (const name of ['a/1029.png', 'b/1500.png', 'b/1501.png']) {
      files[name] = Uint8Array.from(files[name]!);
      files[name][45]! ^= 0xff; // in the middle: both ends look sound
    }
    files['b/1777.png'] = files['b/1777.png']!.subarray(0, 50); // cut off: left out from the start
    const folder = await put(files);
    const heard: string[] = [];
    const listener = ({ name, message }: Error): void => void (name === 'LatentkitWarning' && heard.push(message));
    process.on('warning', listener);
    const { train, validation, test } = await load(folder, { test: 1, validation: 1 });
    expect(train.size + validation.size + test.size).toBe(large - 1);
    const rowOf = new Map(positions(train).map((place, row) => [place, row]));
    const wanted = [1029, 1500, 1501, 1502].map(place => rowOf.get(place)!);
    const read = async (of: Dataset): Promise<number[]> => {
      const { data } = await hostRowsAt(of, wanted);
      return [0, 64, 128, 192].map(at => data[at]!);
    };
    const seen = await read(train);
    // The next in the order of the rows, round from the last to the first, that is whole and of the same class.
    const order = positions(train);
    const classOf = (place: number): number => (place < 1030 ? 0 : 1);
    const nextOf = (place: number): number => {
      const rest = [...order.slice(order.indexOf(place) + 1), ...order];
      return rest.find(other => classOf(other) === classOf(place) && ![1029, 1500, 1501].includes(other))!;
    };
    expect(seen).toEqual([nextOf(1029) % 256, nextOf(1500) % 256, nextOf(1501) % 256, 1502 % 256]);
    expect(await read((await load(folder, { test: 1, validation: 1 })).train)).toEqual(seen);
    await new Promise(resolve => setImmediate(resolve));
    process.off('warning', listener);
    expect(heard[0]).toMatch(/1029\.png: .* does not decode .* stands in for it\.$/);
    const strict = await load(folder, { strict: true })
      .then(
        ({ train }) => hostRows(train, 0, train.size),
        (error: unknown) => Promise.reject(error),
      )
      .catch((error: unknown) => error);
    expect(strict).toMatchObject({ code: 'data', message: expect.stringContaining('1777.png') });
  });
});

describe('the cache', () => {
  const stamp = new Date(1_600_000_000_000);
  const cacheFiles = async (): Promise<string[]> => {
    const folder = join(root, 'cache', 'rows');
    return (await readdir(folder, { recursive: true }))
      .filter(name => name.includes('.'))
      .map(name => join(folder, name));
  };

  it('is read instead of the files, until one of them changes', async () => {
    const folder = await put(many(6));
    const file = join(folder, '0003.png');
    await utimes(file, stamp, stamp);
    const read = async (): Promise<number[]> =>
      values(await imagesLoader.read({ type: 'images', path: folder }, folder));
    expect(await read()).toEqual([0, 1, 2, 3, 4, 5]);
    // Another image of as many bytes and the same time cannot be told from the first: so it was not read again.
    const other = grey(103);
    expect(other.length).toBe((await readFile(file)).length);
    await writeFile(file, other);
    await utimes(file, stamp, stamp);
    expect(await read()).toEqual([0, 1, 2, 3, 4, 5]);
    await utimes(file, stamp, new Date(stamp.getTime() + 1000));
    expect(await read()).toEqual([0, 1, 2, 103, 4, 5]);
    // What was decoded of the folder's earlier state is gone.
    expect(await cacheFiles()).toHaveLength(2);
    await writeFile(join(folder, '0006.png'), grey(6));
    expect(await read()).toEqual([0, 1, 2, 103, 4, 5, 6]);
    await rm(join(folder, '0000.png'));
    expect(await read()).toEqual([1, 2, 103, 4, 5, 6]);
  });

  it('is mended where it is damaged', async () => {
    const folder = await put(many(6));
    const read = async (): Promise<number[]> =>
      values(await imagesLoader.read({ type: 'images', path: folder }, folder));
    const whole = await read();
    const [marks, rows] = (await cacheFiles()).toSorted() as [string, string];
    expect([marks, rows].map(name => name.slice(-5))).toEqual(['marks', '.rows']);
    const damage: Readonly<Record<string, () => Promise<unknown>>> = {
      'another byte in a row': async () => {
        const bytes = await readFile(rows);
        bytes[2 * 64]! ^= 1;
        await writeFile(rows, bytes);
      },
      'killed before the mark was written': async () => {
        const bytes = await readFile(marks);
        bytes.fill(0, 12, 24);
        await writeFile(marks, bytes);
      },
      'rows cut off': async () => writeFile(rows, (await readFile(rows)).subarray(0, 100)),
      'marks cut off': async () => writeFile(marks, (await readFile(marks)).subarray(0, 7)),
      'rows gone': () => rm(rows),
      'marks gone': () => rm(marks),
      'all gone': () => rm(join(root, 'cache'), { recursive: true }),
    };
    for (const [what, happen] of Object.entries(damage)) {
      await happen();
      expect(await read(), what).toEqual(whole);
      expect((await readFile(rows)).length, what).toBe(6 * 64);
    }
  });

  it('is left alone by a single file of the folder', async () => {
    const folder = await put(many(6));
    await imagesLoader.read({ type: 'images', path: folder }, folder);
    const before = await cacheFiles();
    await imagesLoader.read({ type: 'images', path: folder }, join(folder, '0001.png'));
    expect(await cacheFiles()).toEqual(expect.arrayContaining(before));
  });

  it('says how to have it elsewhere, where it cannot be written', async () => {
    const folder = await put({ ...many(4), 'a-file': '' });
    process.env.LATENTKIT_CACHE = join(folder, 'a-file');
    await expect(load(folder)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/cannot write .*a-file.*LATENTKIT_CACHE/),
    });
  });
});

describe('folders that are not what they should be', () => {
  it.each([
    ['an empty folder', {}, /data: expected images \(\.png, .*got a folder with 0 other files\. Name the folder/],
    ['a folder without images', { 'a.txt': 'x', 'b/c.csv': 'x' }, /got a folder with 2 other files/],
    ['a single image', many(1), /expected at least 3 images, to train on some and hold some back, got 1\. Add images/],
    ['train/ with one image', many(1, () => 'train/a.png'), /expected at least 2 images, .* got 1/],
    ['images of zero bytes', { 'a.png': '', 'b.png': '' }, /a\.png: expected a PNG, .*does not decode/],
    ['pages that claim to be images', { 'a.jpg': '<html>', 'b.jpg': '<html>' }, /a\.jpg: expected a PNG/],
  ])('refuses %s', async (_, files, message) => {
    await mkdir(join(root, 'data'), { recursive: true });
    const folder = await put(files);
    await expect(load(folder)).rejects.toMatchObject({ code: 'data', message: expect.stringMatching(message) });
  });

  it('leaves out what cannot be read and says so, or stops at it where it is to be strict', async () => {
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const folder = await put({
      ...many(5),
      'cut.jpg': jpeg.subarray(0, jpeg.length - 20),
      'empty.png': '',
      'text.gif': 'GIF? no',
    });
    const { train, validation, test } = await load(folder);
    expect(train.size + validation.size + test.size).toBe(5);
    expect(train.notes).toHaveLength(1);
    expect(train.notes![0]).toMatch(
      /^3 of 8 images cannot be read and were left out\. .*cut\.jpg: .*empty\.png: .*text\.gif: /,
    );
    await expect(load(folder, { strict: true })).rejects.toMatchObject({
      code: 'data',
      message: expect.stringMatching(/does not decode/),
    });
  });

  it.each([
    [{ size: 0 }, /size/],
    [{ background: 'reddish' }, /background/],
    [{ fit: 'crop' }, /fit/],
    [{ channels: 4 }, /channels/],
    [{ folder: 'x' }, /folder/],
  ])('refuses the config %j', async (config, message) => {
    const source = { type: 'images', path: 'anywhere', ...config } as ImagesConfig;
    await expect(loadData(source)).rejects.toMatchObject({ code: 'spec', message: expect.stringMatching(message) });
  });

  it('says which path is missing', async () => {
    await expect(load(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'io' });
  });

  it('is not recognised where other files prevail', async () => {
    const folder = await put({ 'cover.png': grey(1), ...Object.fromEntries(['a', 'b'].map(n => [`${n}.wav`, 'x'])) });
    expect(await imagesLoader.recognise(folder, 'folder')).toBeUndefined();
    await copyFile(join(folder, 'cover.png'), join(folder, 'second.png'));
    expect(await imagesLoader.recognise(folder, 'folder')).toEqual({ type: 'images', path: folder });
    expect(await imagesLoader.recognise(join(folder, 'a.wav'), 'file')).toBeUndefined();
    expect(await imagesLoader.recognise(join(folder, 'cover.png'), 'file')).toBeDefined();
  });
});

it('is summed up', async () => {
  const folder = await put({ ...many(30, i => `${i % 3 ? 'many' : 'few'}/${i}.png`), 'many/z.png': '', 'read.me': '' });
  const summary = await imagesLoader.inspect({ type: 'images', path: folder });
  expect(summary).toMatchObject({ kind: 'image folder', name: 'data', rows: 30, shape: [8, 8, 1] });
  expect(Object.fromEntries(summary.facts)).toMatchObject({
    files: '31 png; 0.0 MB',
    sizes: '8×8 pixels (of 30 sampled)',
    become: '8×8, grey (fit: cover, on white)',
    pixels: '0 to 255, mean 14.5, deviation 8.7',
    'train, validation, test': '24, 3, 3',
    'classes of train': expect.stringMatching(/^few \d+, many \d+$/),
    'passed over': '1 other files',
  });
  expect(summary.warnings).toEqual([expect.stringMatching(/^1 of 31 images cannot be read/)]);
  expect(summary.images).toMatchObject({ dtype: 'uint8', shape: [30, 8, 8, 1] });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeNpy, encodeSafetensors } from '../arrays/index.ts';
import { float32, type HostTensor, int32 } from '../runtime/index.ts';
import { arraysLoader } from './arrays.ts';
import { readRange } from './dataset.ts';

const scratch = await mkdtemp(join(tmpdir(), 'latentkit-arrays-'));
afterAll(() => rm(scratch, { recursive: true }));

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(scratch, name);
  await writeFile(path, bytes);
  return path;
}

function npz(arrays: Readonly<Record<string, HostTensor>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)])));
}

const bytes = (shape: number[], from = 0): HostTensor => ({
  dtype: 'uint8',
  shape,
  data: Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (from + i) % 256),
});
const floats = (shape: number[], value: (i: number) => number): HostTensor =>
  float32(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => value(i)),
    shape,
  );
const classes = (size: number) =>
  int32(
    Int32Array.from({ length: size }, (_, i) => i % 3),
    [size],
  );
const load = (path: string, config: object = {}) => arraysLoader.load({ type: 'arrays', path, ...config });

describe('arrays as a data source', () => {
  it('keeps bytes, as images of one channel, and splits them', async () => {
    const path = await file('a.npy', encodeNpy(bytes([20, 3, 2])));
    expect(await arraysLoader.recognise(path, 'file')).toEqual({ type: 'arrays', path });
    const { train, validation, test, source } = await load(path);
    expect([train.size, validation.size, test.size]).toEqual([16, 2, 2]);
    expect(train).toMatchObject({ shape: [3, 2, 1], dtype: 'uint8', range: [0, 255], labels: undefined });
    expect(source).toEqual({ type: 'arrays', path, range: [0, 255], columns: false, validation: 0.1, test: 0.1 });
    const first = test.position(0);
    expect(readRange(test, 0, 1)).toEqual(Uint8Array.from({ length: 6 }, (_, i) => 6 * first + i));
    expect(await arraysLoader.load(source)).toMatchObject({ source, train: { fingerprint: train.fingerprint } });
  });

  it('takes rows, classes and the test by their usual names', async () => {
    const arrays = {
      x_train: bytes([10, 2, 2, 3]),
      y_train: classes(10),
      x_test: bytes([4, 2, 2, 3], 7),
      y_test: classes(4),
    };
    const { train, validation, test, source } = await load(await file('b.npz', npz(arrays)));
    expect([train.size, validation.size, test.size]).toEqual([9, 1, 4]);
    expect(test.shape).toEqual([2, 2, 3]);
    expect([...test.labels!.values]).toEqual([0, 1, 2, 0]);
    expect(source).toMatchObject({ array: 'x_train', test: 'x_test' });
    expect([...readRange(test, 0, 1)].slice(0, 3)).toEqual([7, 8, 9]);
  });

  it('makes floats of one scale vectors, and others a table measured on the rows that are trained on', async () => {
    const unit = await load(await file('c.npy', encodeNpy(floats([20, 2], i => (i % 5) / 4))));
    expect(unit.train).toMatchObject({ shape: [2], dtype: 'float32', range: [0, 1], columns: undefined });

    const values = (i: number) => (i === 5 ? Number.NaN : i % 2 === 0 ? 1000 + i : 3);
    const path = await file('d.npz', npz({ X: floats([20, 2], values), y: classes(20) }));
    const { train, test, source } = await load(path);
    const given = Array.from({ length: train.size }, (_, row) => readRange(train, row, row + 1)[0]!);
    const mean = given.reduce((a, b) => a + b) / given.length;
    const deviation = Math.sqrt(given.reduce((sum, value) => sum + (value - mean) ** 2, 0) / given.length);
    expect(train.columns).toEqual([
      { name: 'x0', type: 'numeric', mean: expect.closeTo(mean, 6), deviation: expect.closeTo(deviation, 6) },
      { name: 'x1', type: 'numeric', mean: 3, deviation: 1 },
    ]);
    expect(test.labels?.values.length).toBe(2);
    // Whatever else is read is on the scale of training, whether it would be a table by itself or not.
    const other = await file('e.npy', encodeNpy(floats([3, 2], () => 0.5)));
    const read = await arraysLoader.read(source, other);
    expect(read.columns).toEqual(train.columns);
    expect(read.size).toBe(3);
    // Held as a plain vector, it may not have what is missing.
    await expect(load(path, { columns: false })).rejects.toThrow('d.npz/X: expected finite numbers, got NaN in row 2');
  });

  it('reads images of floats in their own range, and safetensors', async () => {
    const path = await file(
      'f.safetensors',
      encodeSafetensors({ first: floats([10, 2, 2], i => i - 5), other: classes(10) }),
    );
    const { train, source } = await load(path, { labels: 'other' });
    expect(train).toMatchObject({ shape: [2, 2, 1], range: [-5, 34] });
    expect(train.labels).toBeDefined();
    const read = await arraysLoader.read(source, await file('g.npy', encodeNpy(floats([1, 2, 2], () => 90))));
    expect(read).toMatchObject({ size: 1, range: [-5, 34] });
    const ints = await load(await file('h.npy', encodeNpy(int32(Int32Array.of(1, 2, 3, 4, 5, 6), [3, 2, 1]))), {
      validation: 1,
      test: 1,
    });
    expect(ints.train).toMatchObject({ dtype: 'float32', range: [1, 6] });
    const flags = await load(
      await file('i.npy', encodeNpy({ dtype: 'bool', shape: [3, 1], data: Uint8Array.of(0, 1, 1) })),
      { validation: 1, test: 1 },
    );
    expect(flags.train).toMatchObject({ dtype: 'uint8', range: [0, 1] });
  });

  it('says what a file holds', async () => {
    const path = await file('j.npz', npz({ X: bytes([4, 2]), y: classes(4) }));
    const summary = await arraysLoader.inspect({ type: 'arrays', path });
    expect(summary).toMatchObject({ kind: 'arrays', rows: 4, shape: [2] });
    expect(summary.facts).toContainEqual(['arrays', 'X uint8 [4, 2], y int32 [4]']);
    expect(summary.facts).toContainEqual(['classes', '0 2, 1 1, 2 1']);
    const table = await file('t.npy', encodeNpy(floats([4, 2], i => 2 * i)));
    expect((await arraysLoader.inspect({ type: 'arrays', path: table })).columns).toEqual([
      { column: 'x0', mean: '6.000', deviation: '4.472' },
      { column: 'x1', mean: '8.000', deviation: '4.472' },
    ]);
  });

  it('refuses what cannot be rows, naming the file', async () => {
    const two = await file('k.npz', npz({ a: bytes([4, 2]), b: bytes([4, 2]) }));
    await expect(load(two)).rejects.toThrow(
      /k\.npz: expected one array of rows, or one called x_train.*, got a, b\. Name it/,
    );
    await expect(load(two, { array: 'A' })).rejects.toThrow('expected an array "A", got a, b. Did you mean "a"?');
    await expect(load(await file('l.npy', encodeNpy(bytes([4]))))).rejects.toThrow('expected one array of rows');
    await expect(load(await file('m.npy', encodeNpy(bytes([4, 0]))))).rejects.toThrow('got [4, 0]. Reshape');
    const npy = await file('n.npy', encodeNpy(bytes([4, 2])));
    await expect(load(npy, { labels: await file('o.npy', encodeNpy(classes(3))) })).rejects.toThrow(
      /o\.npy: expected 4 labels, one for each row of array, got \[3\]/,
    );
    const halves = await file('p.npy', encodeNpy(floats([4], i => i / 2)));
    await expect(load(npy, { labels: halves })).rejects.toThrow(
      'expected whole class numbers from 0, got 0.5 in row 1',
    );
    const wide = await file('q.npy', encodeNpy(bytes([4, 3])));
    await expect(load(npy, { validation: 1, test: wide })).rejects.toThrow('expected rows of uint8 [2]');
    const table = await load(await file('r.npy', encodeNpy(floats([20, 2], i => i))));
    const more = await file('s.npy', encodeNpy(floats([4, 3], i => i)));
    await expect(arraysLoader.read(table.source, more)).rejects.toThrow('expected the 2 columns that were trained on');
    await expect(load(join(scratch, 'none.npy'))).rejects.toMatchObject({ code: 'io' });
  });
});

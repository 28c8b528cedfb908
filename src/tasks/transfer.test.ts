import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { arrayDataset, type DataSplits, hostRowsAt, split } from '../data/index.ts';
import { presets } from '../models/index.ts';
import { int32, nodeRuntime, type Runtime } from '../runtime/index.ts';
import { fit } from '../train/index.ts';
import { embed, type OpenedRun, transfer, traverse, walk } from './index.ts';

const labels = { values: Uint8Array.from({ length: 120 }, (_, i) => i % 3) };
const pixels = Uint8Array.from({ length: 120 * 16 }, (_, i) => ((i >> 4) * 37 + (i & 3) * 61 * ((i >> 4) % 3)) & 255);
const data: DataSplits = split(arrayDataset({ name: 'patterns', data: pixels, shape: [4, 4, 1], labels }), {
  validation: 20,
  test: 40,
});

let runtime: Runtime;
let plain: OpenedRun;
let conditional: OpenedRun;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
  const options = { input: [4, 4, 1], latent: 3, hidden: 8 };
  const training = { epochs: 1, batchSize: 20, runtime };
  plain = await fit(presets.mlp.build(options), data, training);
  conditional = await fit(presets.cvae.build({ ...options, condition: { type: 'label', classes: 3 } }), data, training);
}, 60_000);

/** Mean code of the test rows of a class, or of all. */
async function meanCode(of?: number): Promise<number[]> {
  const { mean, labels } = await embed(plain, {}, { data });
  const rows = [...labels!.data.keys()].filter(row => of === undefined || labels!.data[row] === of);
  return [0, 1, 2].map(j => rows.reduce((sum, row) => sum + mean.data[3 * row + j]! / rows.length, 0));
}

const close = (values: Iterable<number>): unknown[] => Array.from(values, value => expect.closeTo(value, 4));

describe('transfer', () => {
  it('keeps the code and changes the label of a model that is told it', async () => {
    const { codes, images, labels, originals } = await transfer(conditional, { rows: [4, 9] }, { data });
    expect(labels).toEqual([0, 1, 2]);
    expect([originals.shape, images.shape]).toEqual([
      [2, 4, 4, 1],
      [6, 4, 4, 1],
    ]);
    const known = await hostRowsAt(data.test, [4, 9]);
    const own = (await conditional.vae.run('encoder', known)).mean!;
    for (let i = 0; i < 6; i++) {
      const code = own.data.subarray(3 * Math.floor(i / 3), 3 * Math.floor(i / 3) + 3);
      expect(codes.data.subarray(3 * i, 3 * i + 3)).toEqual(code);
    }
    const told = int32(Int32Array.of(0, 1, 2, 0, 1, 2), [6]);
    expect(images).toEqual((await conditional.vae.run('decoder', { ...codes, label: told })).mean);
    // The same as the model's reconstruction where the label is the row's own.
    const { mean } = await conditional.vae.run('reconstruct', known);
    const label = known.label!.data[0]!;
    expect([...images.data.subarray(16 * label, 16 * (label + 1))]).toEqual(close(mean!.data.subarray(0, 16)));
    const one = await transfer(conditional, { rows: [4, 9], label: 2 }, { data });
    expect([...one.images.data.subarray(0, 16)]).toEqual(close(images.data.subarray(32, 48)));
    await expect(transfer(conditional, { label: 3 }, { data })).rejects.toThrow('expected a class from 0 to 2, got 3');
  });

  it('moves the codes of other models from the mean of their class to that of another', async () => {
    const { codes, labels } = await transfer(plain, { rows: [5] }, { data });
    expect(labels).toEqual([0, 1, 2]);
    const { mean, labels: known } = await embed(plain, {}, { data });
    const own = await meanCode(known!.data[5]!);
    for (const wanted of [0, 1, 2]) {
      const target = await meanCode(wanted);
      const expected = target.map((value, j) => mean.data[15 + j]! + value - own[j]!);
      expect([...codes.data.subarray(3 * wanted, 3 * wanted + 3)]).toEqual(close(expected));
    }
  });

  it('adds a direction between examples, times each strength', async () => {
    const { codes, direction, strengths } = await transfer(
      plain,
      { rows: [1], from: 0, to: 2, strengths: [-1, 0, 2] },
      { data },
    );
    const [from, to] = [await meanCode(0), await meanCode(2)];
    expect([...direction!.data]).toEqual(close(to.map((value, j) => value - from[j]!)));
    const { mean } = await embed(plain, {}, { data });
    for (const [i, strength] of strengths!.entries()) {
      const expected = [0, 1, 2].map(j => mean.data[3 + j]! + strength * direction!.data[j]!);
      expect([...codes.data.subarray(3 * i, 3 * i + 3)]).toEqual(close(expected));
    }
    const fromAll = await transfer(plain, { rows: [1], to: 2 }, { data });
    const all = await meanCode();
    expect([...fromAll.direction!.data]).toEqual(close(to.map((value, j) => value - all[j]!)));
  });

  it('takes the examples from a path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latentkit-transfer-'));
    try {
      const rows = Array.from(labels.values.subarray(80), (label, i) => (label === 1 ? i : -1)).filter(i => i >= 0);
      const { encodeNpy } = await import('../arrays/index.ts');
      const test = await hostRowsAt(
        data.test,
        [...rows.keys()].map(i => rows[i]!),
      );
      await writeFile(join(folder, 'ones.npy'), encodeNpy(test));
      const { mean } = await plain.vae.run('encoder', test);
      const { direction } = await transfer(plain, { rows: [1], to: join(folder, 'ones.npy') }, { data });
      const all = await meanCode();
      const expected = all.map((value, j) => {
        let sum = 0;
        for (let i = 0; i < rows.length; i++) sum += mean!.data[3 * i + j]! / rows.length;
        return sum - value;
      });
      expect([...direction!.data]).toEqual(close(expected));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('says what is missing', async () => {
    await expect(transfer(plain, { from: 1 }, { data })).rejects.toThrow('expected "to" beside "from"');
    await expect(transfer(plain, { to: 7 }, { data })).rejects.toThrow('to: expected a class of patterns, got 7');
    const bare = split(arrayDataset({ name: 'bare', data: pixels, shape: [4, 4, 1] }), { validation: 20, test: 40 });
    await expect(transfer(plain, {}, { data: bare })).rejects.toThrow('data with labels');
    await expect(transfer(plain, { rows: [40] }, { data })).rejects.toMatchObject({ code: 'data' });
  });
});

describe('traverse', () => {
  it('moves one dimension at a time, the most used first, about the mean of the codes', async () => {
    const { axes, positions, codes, images } = await traverse(plain, { steps: 5, range: 2 }, { data });
    expect(positions).toEqual([-2, -1, 0, 1, 2]);
    expect(axes.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    expect([...axes].sort((a, b) => b.use - a.use)).toEqual(axes);
    const centre = await meanCode();
    for (const [k, { index, deviation }] of axes.entries()) {
      for (const [i, position] of positions.entries()) {
        const at = 3 * (5 * k + i);
        const expected = centre.map((value, j) => value + (j === index ? position * deviation : 0));
        expect([...codes.data.subarray(at, at + 3)]).toEqual(close(expected));
      }
    }
    expect(images).toEqual((await plain.vae.run('decoder', codes)).mean);
  });

  it('starts from a row, which keeps what the axis does not change', async () => {
    const { axes, codes } = await traverse(plain, { row: 6, count: 1, steps: 3 }, { data });
    const { mean } = await embed(plain, {}, { data });
    const [centre, { index, deviation }] = [await meanCode(), axes[0]!];
    const row = [...mean.data.subarray(18, 21)];
    const expected = row.map((value, j) => (j === index ? centre[j]! + 3 * deviation : value));
    expect([...codes.data.subarray(6, 9)]).toEqual(close(expected));
  });

  it('tells a conditional model a class', async () => {
    const given = { count: 1, steps: 2 } as const;
    const { codes, images } = await traverse(conditional, { ...given, label: 2 }, { data });
    const label = int32(Int32Array.of(2, 2), [2]);
    expect(images).toEqual((await conditional.vae.run('decoder', { ...codes, label })).mean);
    const first = await traverse(conditional, given, { data });
    expect(first.images).toEqual((await traverse(conditional, { ...given, label: 0 }, { data })).images);
    await expect(traverse(plain, { label: 1 }, { data })).rejects.toThrow('the model is told nothing');
  });
});

describe('walk', () => {
  it('passes the codes that are drawn, or those of rows, and decodes every point', async () => {
    const { codes, images, points } = await walk(plain, { points: 3, steps: 4, seed: 5 });
    const drawn = await plain.vae.drawLatents(3, { seed: 5 });
    expect([points, codes.shape, images.shape]).toEqual([3, [12, 3], [12, 4, 4, 1]]);
    const { mean } = await embed(plain, {}, { data });
    const rows = await walk(plain, { rows: [7, 2], steps: 4 }, { data });
    for (let i = 0; i < 3; i++) {
      expect([...codes.data.subarray(12 * i, 12 * i + 3)]).toEqual(close(drawn.data.subarray(3 * i, 3 * i + 3)));
    }
    for (const [i, row] of [7, 2].entries()) {
      expect([...rows.codes.data.subarray(12 * i, 12 * i + 3)]).toEqual(
        close(mean.data.subarray(3 * row, 3 * row + 3)),
      );
    }
  });

  it('tells a conditional model one class, or those of its ends', async () => {
    const { codes, images } = await walk(conditional, { points: 2, steps: 4, label: 1 });
    const decode = async (...label: number[]) =>
      (await conditional.vae.run('decoder', { ...codes, label: int32(Int32Array.from(label), [8]) })).mean;
    expect(images).toEqual(await decode(1, 1, 1, 1, 1, 1, 1, 1));
    const turns = await walk(conditional, { points: 2, steps: 4 });
    expect(turns.images).toEqual(await decode(0, 0, 1, 1, 1, 1, 0, 0));
    await expect(walk(plain, { rows: [1, 2], sampler: 'gmm' }, { data })).rejects.toThrow('got both');
  });
});

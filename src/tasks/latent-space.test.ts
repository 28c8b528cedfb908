// The tasks of latent space with every kind of code: on the sphere, with choices, in levels, from a codebook, deterministic.

import { beforeAll, describe, expect, it } from 'vitest';
import { arrayDataset, type DataSplits, split } from '../data/index.ts';
import { type PresetName, presets } from '../models/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { fit } from '../train/index.ts';
import { duplicates, map, neighbours, type OpenedRun, transfer, traverse, walk } from './index.ts';

const labels = { values: Uint8Array.from({ length: 100 }, (_, i) => i % 3) };
const pixels = Uint8Array.from({ length: 100 * 64 }, (_, i) => ((i >> 6) * 37 + (i & 7) * 31 * ((i >> 6) % 3)) & 255);
const data: DataSplits = split(arrayDataset({ name: 'patterns', data: pixels, shape: [8, 8, 1], labels }), {
  validation: 20,
  test: 20,
});

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
});

const kinds: readonly PresetName[] = ['svae', 'joint-vae', 'lvae', 'vae-iaf', 'vq-vae', 'ae', 'm2'];

describe.each(kinds)('%s', preset => {
  let run: OpenedRun;
  beforeAll(async () => {
    const condition = preset === 'm2' ? ({ type: 'semiSupervised', classes: 3 } as const) : undefined;
    const spec = presets[preset].build({ input: [8, 8, 1], hidden: [8], ...(condition && { condition }) });
    run = await fit(spec, data, { epochs: 1, batchSize: 20, runtime });
  }, 60_000);

  it('is walked, traversed, transferred, searched and drawn', async () => {
    const results = [
      (await walk(run, { points: 3, steps: 2 })).images,
      (await walk(run, { rows: [1, 4, 5], steps: 2 }, { data })).images,
      (await traverse(run, { count: 2, steps: 3 }, { data })).images,
      (await traverse(run, { count: 2, steps: 3, axes: 'principal', row: 1 }, { data })).images,
      (await transfer(run, { rows: [0, 1] }, { data })).images,
      (await transfer(run, { rows: [0, 1], from: 0, to: 1 }, { data })).images,
      (await neighbours(run, { query: [2], count: 3 }, { data })).distances,
      (await duplicates(run, { threshold: 100, count: 3 }, { data })).distances,
      (await map(run, { method: 'pca' }, { data })).points,
    ];
    for (const { data: values, shape } of results) {
      expect(values.length).toBeGreaterThan(0);
      expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
      expect(values.every(Number.isFinite)).toBe(true);
    }
  });
});

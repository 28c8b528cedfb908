import { beforeAll, expect, it } from 'vitest';
import { type Folder, memoryFolder } from '../artifact/index.ts';
import { arrayDataset, type DataSplits, split } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { buildModel, presets, TrainedVae } from '../models/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { fit } from '../train/index.ts';
import { generate, load, type OpenedRun, verify } from './index.ts';

const pixels = Uint8Array.from({ length: 240 * 16 }, (_, i) => ((i >> 4) * 37 + (i & 3) * 61 * ((i >> 4) % 3)) & 255);
const data: DataSplits = split(arrayDataset({ name: 'patterns', data: pixels, shape: [4, 4, 1] }), {
  validation: 40,
  test: 40,
});

let runtime: Runtime;
let folder: Folder;
let run: OpenedRun;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
  folder = memoryFolder();
  const spec = presets.mlp.build({ input: [4, 4, 1], latent: 2, hidden: 8, sampler: { type: 'gmm', components: 3 } });
  run = await fit(spec, data, { epochs: 1, batchSize: 20, folder, runtime });
});

it('draws by the sampler that the model says, fits it once, and leaves the run verifiable', async () => {
  await expect(generate(run)).rejects.toMatchObject({ code: 'data' });
  const first = await generate(run, { count: 4 }, { data });
  expect(first.sampler).toBe('gmm');
  expect(await folder.list()).toContain('samplers/gmm.safetensors');
  const opened = await load(folder, { runtime });
  // Without any data: nothing is fitted any more.
  expect(await generate(opened, { count: 4, sampler: 'gmm', components: 3 })).toEqual(first);
  const other = await generate(run, { count: 4, components: 2 }, { data });
  expect(other.codes).not.toEqual(first.codes);
  expect(await verify(opened)).toMatchObject({ ok: true });
});

it('draws by the prior as the model itself does', async () => {
  const { codes, sampler } = await generate(run, { count: 4, seed: 3, temperature: 0.5, sampler: 'prior' });
  expect(sampler).toBe('prior');
  expect(codes).toEqual(await run.vae.drawLatents(4, { seed: 3, temperature: 0.5 }));
});

it('tells its progress, and stops when it is told to', async () => {
  const shares: number[] = [];
  await generate(run, { sampler: 'maf', count: 2 }, { data, progress: share => shares.push(share) });
  expect(shares.length).toBeGreaterThan(5);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.at(-1)).toBe(1);
  const controller = new AbortController();
  const stopped = generate(
    run,
    { sampler: 'vae' },
    { data, signal: controller.signal, progress: share => share > 0.15 && controller.abort(new Error('enough')) },
  );
  await expect(stopped).rejects.toThrow('enough');
  expect(await folder.list()).not.toContain('samplers/vae.safetensors');
});

it('refuses a temperature or a class where there is none', async () => {
  await expect(generate(run, { sampler: 'knn', temperature: 0.5 })).rejects.toMatchObject({ code: 'usage' });
  await expect(generate(run, { sampler: 'knn', label: 1 }, { data })).rejects.toThrow(
    /^label: the model is told nothing/,
  );
});

it('draws from a conditional model by the prior alone', async () => {
  const options = { input: [4, 4, 1], latent: 2, hidden: 8, condition: { type: 'label', classes: 3 } } as const;
  const refusal = { code: 'spec', message: expect.stringContaining('expected a model without a condition') };
  expect(() => presets.mlp.build({ ...options, sampler: 'gmm' })).toThrow(expect.objectContaining(refusal));
  const { config } = run;
  const model = buildModel(presets.mlp.build(options));
  const conditional = { config, vae: new TrainedVae(model, {}, runtime) };
  await expect(generate(conditional, { sampler: 'maf' }, { data })).rejects.toMatchObject(refusal);
});

it('draws though the folder cannot be written', async () => {
  const closed = {
    ...folder,
    write: async () => {
      throw new LatentkitError('io', 'the disk is full');
    },
  };
  const { codes } = await generate({ ...run, folder: closed }, { sampler: 'knn', count: 3 }, { data });
  expect(codes.shape).toEqual([3, 2]);
  const { config, vae } = run;
  expect((await generate({ config, vae }, { sampler: 'knn', count: 3 }, { data })).codes).toEqual(codes);
});

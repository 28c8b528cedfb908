// Other objectives through the whole product: train, stop and go on, export, verify.

import { expect, it } from 'vitest';
import { memoryFolder, readRunConfig, verifyRun } from '../src/artifact/index.ts';
import { arrayDataset, split } from '../src/data/index.ts';
import { type PresetName, presets } from '../src/models/index.ts';
import { nodeRuntime } from '../src/runtime/index.ts';
import { fit, resume } from '../src/train/index.ts';

const pixels = Uint8Array.from({ length: 240 * 16 }, (_, i) => (((i >> 4) + i) % 4 === 0 ? 255 : 0));
const data = split(arrayDataset({ name: 'stripes', data: pixels, shape: [4, 4, 1] }), { validation: 40, test: 40 });
const options = { epochs: 6, batchSize: 20, optimizer: { type: 'adam', learningRate: 1e-2 } } as const;
const names: readonly PresetName[] = [
  'vae',
  'beta-vae',
  'disentangled-beta-vae',
  'beta-tc-vae',
  'dip-vae-1',
  'dip-vae-2',
  'info-vae',
  'wae-rbf',
  'wae-imq',
  'iwae',
  'miwae',
  'ciwae',
  'piwae',
  'rae-l2',
  'rae-gp',
  'dae',
];

it.each(names)('%s', async name => {
  const spec = presets[name].build({ input: [4, 4, 1], latent: 2, hidden: 12 });
  const folder = memoryFolder();
  const run = await fit(spec, data, { ...options, folder });
  const losses = run.records.map(({ train }) => train.loss);
  // A capacity that grows moves the loss itself.
  if (name !== 'disentangled-beta-vae') expect(losses.at(-1)).toBeLessThan(losses[0]!);
  expect(run.test!.reconstruction).toBeLessThan(run.records[0]!.validation.reconstruction);
  expect((await readRunConfig(folder)).model).toEqual(spec);
  expect((await verifyRun(folder, await nodeRuntime())).ok).toBe(true);
});

it.each(['disentangled-beta-vae', 'beta-tc-vae', 'piwae'] as const)('%s goes on to the same bits', async name => {
  const spec = presets[name].build({ input: [4, 4, 1], latent: 2, hidden: 12 });
  const whole = await fit(spec, data, { ...options, epochs: 3 });
  const folder = memoryFolder();
  const stop = new AbortController();
  const onStep = ({ step }: { readonly step: number }): void => {
    if (step === 11) stop.abort();
  };
  await fit(spec, data, { ...options, epochs: 3, folder, signal: stop.signal, onStep });
  const { records } = await resume(folder, { data });
  expect(records.map(({ train }) => train)).toEqual(whole.records.map(({ train }) => train));
});

it('the fields of a preset’s objective may be chosen', () => {
  const { build } = presets['beta-tc-vae'];
  expect(build({ objective: { type: 'betaTc', beta: 10 } }).objective).toMatchObject({ type: 'betaTc', beta: 10 });
  expect(build({ objective: 'iwae' }).objective).toMatchObject({ type: 'iwae' });
  expect(presets['beta-vae'].build().objective).toEqual({ type: 'elbo', klWeight: 4 });
  expect(presets['beta-vae'].build({ klWeight: 8 }).objective).toEqual({ type: 'elbo', klWeight: 8 });
  const warmed = presets['beta-vae'].build({ objective: { klWarmup: { epochs: 2 } } });
  expect(warmed.objective).toEqual({ type: 'elbo', klWeight: 4, klWarmup: { epochs: 2 } });
  expect(presets['dip-vae-1'].build({ objective: { klWeight: 2 } }).objective).toMatchObject({
    type: 'dipVae',
    klWeight: 2,
  });
  expect(() => presets.iwae.build({ klWeight: 2 })).toThrow(/the objective "iwae" has no such weight/);
});

// Other posteriors and priors through the whole product: train, evaluate, draw, export, verify.

import { expect, it } from 'vitest';
import { memoryFolder, verifyRun } from '../src/artifact/index.ts';
import { arrayDataset, split } from '../src/data/index.ts';
import { estimateNll } from '../src/evaluate/index.ts';
import { type PresetName, presets } from '../src/models/index.ts';
import { nodeRuntime } from '../src/runtime/index.ts';
import { fit } from '../src/train/index.ts';

const pixels = Uint8Array.from({ length: 240 * 16 }, (_, i) => (((i >> 4) + i) % 4 === 0 ? 255 : 0));
const data = split(arrayDataset({ name: 'stripes', data: pixels, shape: [4, 4, 1] }), { validation: 40, test: 40 });
const names: readonly PresetName[] = ['vae-lin-nf', 'vae-iaf', 'vamp', 'gm-vae', 'ae'];

it.each(names)('%s', async name => {
  const folder = memoryFolder();
  const spec = presets[name].build({ input: [4, 4, 1], latent: 2, hidden: 12 });
  const optimizer = { type: 'adam', learningRate: 1e-2 } as const;
  const run = await fit(spec, data, { epochs: 6, batchSize: 20, optimizer, folder });
  const bounds = run.records.map(({ validation }) => validation.negElbo);
  expect(bounds.at(-1)).toBeLessThan(0.95 * bounds[0]!);
  expect((await verifyRun(folder, await nodeRuntime())).ok).toBe(true);
  const codes = await run.vae.drawLatents(5);
  expect((await run.vae.run('decoder', codes)).mean!.shape).toEqual([5, 4, 4, 1]);
  if (name === 'ae') return;
  // The estimate lies below the bound, but for its error.
  const { nll, standardError } = await estimateNll(run.vae, data.test, { samples: 50 });
  expect(nll).toBeLessThan(run.test!.negElbo + 3 * standardError);
  expect(nll).toBeGreaterThan(0);
});

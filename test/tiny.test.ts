// The whole product on one screen: data, a model as data, training, and what the trained model is for.

import { expect, test } from 'vitest';
import { memoryFolder, verifyRun } from '../src/artifact/index.ts';
import { arrayDataset, hostRows, hostTensorOf, split } from '../src/data/index.ts';
import { vae } from '../src/models/index.ts';
import { dense, flatten, relu } from '../src/nn/index.ts';
import { nodeRuntime } from '../src/runtime/index.ts';
import { fit } from '../src/train/index.ts';

test('train a VAE, and use it', async () => {
  // 8×8 images: a bright column, a bright row, or both.
  const pixels = new Uint8Array(600 * 64);
  for (let image = 0; image < 600; image++) {
    const [column, row, kind] = [image % 8, Math.floor(image / 8) % 8, image % 3];
    for (let i = 0; i < 8; i++) {
      if (kind !== 1) pixels[image * 64 + i * 8 + column] = 255;
      if (kind !== 0) pixels[image * 64 + row * 8 + i] = 255;
    }
  }
  const data = split(arrayDataset({ name: 'crosses', data: pixels, shape: [8, 8, 1] }), { validation: 60, test: 60 });

  const model = vae({
    input: [8, 8, 1],
    latent: 4,
    encoder: [flatten(), dense(64), relu()],
    decoder: [dense(64), relu(), dense('output')],
    likelihood: 'bernoulli',
    klWeight: 1,
  });

  const folder = memoryFolder();
  const run = await fit(model, data, {
    epochs: 40,
    batchSize: 32,
    optimizer: { type: 'adam', learningRate: 3e-3 },
    folder,
  });
  // 8 columns, 8 rows and 64 crosses, all about equally likely, cannot be told in less than log 80 ≈ 4.4 nats.
  expect(run.test!.negElbo).toBeGreaterThan(4.4);
  expect(run.test!.negElbo).toBeLessThan(20);

  const images = await hostRows(data.test, 0, 10);
  const { mean: codes } = await run.vae.run('encoder', images);
  const { mean: decoded } = await run.vae.run('decoder', codes!);
  expect(codes!.shape).toEqual([10, 4]);
  expect(decoded!.shape).toEqual([10, 8, 8, 1]);
  const wrong = decoded!.data.filter((value, i) => value > 0.5 !== images.data[i]! > 127).length;
  expect(wrong / decoded!.data.length).toBeLessThan(0.06);

  // What it has never seen is less likely: here, the negatives.
  const negatives = hostTensorOf(
    Uint8Array.from(images.data, value => 255 - Number(value)),
    images.shape,
  );
  const [seen, unseen] = [await run.vae.run('score', images), await run.vae.run('score', negatives)];
  expect(Math.min(...unseen.score!.data)).toBeGreaterThan(Math.max(...seen.score!.data));

  expect((await verifyRun(folder, await nodeRuntime())).ok).toBe(true);
});

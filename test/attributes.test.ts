// A model that is told attributes, through the whole product: sprites where it is asked to put them.

import { expect, it } from 'vitest';
import { memoryFolder, verifyRun } from '../src/artifact/index.ts';
import { type DataSplits, loadSprites, subset } from '../src/data/index.ts';
import { presets } from '../src/models/index.ts';
import { nodeRuntime } from '../src/runtime/index.ts';
import { generate, interpolate, load } from '../src/tasks/index.ts';
import { fit } from '../src/train/index.ts';

it('draws sprites on the side that it is told', async () => {
  const runtime = await nodeRuntime();
  const whole = await loadSprites();
  const data: DataSplits = {
    train: subset(whole.train, 0, 2000),
    validation: subset(whole.validation, 0, 100),
    test: subset(whole.test, 0, 100),
  };
  const condition = { type: 'attributes', width: 8, hidden: 32 } as const;
  const spec = presets.mlp.build({ input: [64, 64, 1], latent: 4, hidden: 64, condition });
  const folder = memoryFolder();
  const optimizer = { type: 'adam', learningRate: 3e-3 } as const;
  await fit(spec, data, { epochs: 8, batchSize: 50, optimizer, runtime, folder });
  expect((await verifyRun(folder, runtime)).ok).toBe(true);
  const opened = await load(folder, { runtime });
  /** Where the light of a square of middling size lies, from the left, in pixels. */
  const centre = async (x: number): Promise<number> => {
    const { samples } = await generate(opened, { count: 8, attributes: [1, 0, 0, 0.5, 1, 0, x, 0.5] });
    let [light, moment] = [0, 0];
    samples.data.forEach((value, i) => {
      light += value;
      moment += value * (i % 64);
    });
    return moment / light;
  };
  const [left, right] = [await centre(0.1), await centre(0.9)];
  // The middle is at 31.5; the places that were asked for lie 25 pixels apart.
  expect(left).toBeLessThan(30);
  expect(right).toBeGreaterThan(33);
  expect(right - left).toBeGreaterThan(6);
  const { codes } = await interpolate(opened, { from: [0], to: [1], steps: 3 }, { data });
  expect(codes.shape).toEqual([3, 4]);
  await expect(generate(opened, { count: 2 })).rejects.toThrow(/attributes: expected \[2, 8\] numbers/);
  await expect(generate(opened, { count: 2, label: 1 })).rejects.toThrow(/label: the model is told a vector/);
});

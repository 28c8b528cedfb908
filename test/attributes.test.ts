// A model that is told attributes, through the whole product.

import { expect, it } from 'vitest';
import { memoryFolder, verifyRun } from '../src/artifact/index.ts';
import { hostRows, split, sprites, subset } from '../src/data/index.ts';
import { companionsAt, presets } from '../src/models/index.ts';
import { nodeRuntime } from '../src/runtime/index.ts';
import { generate, interpolate, load } from '../src/tasks/index.ts';
import { fit } from '../src/train/index.ts';

it('explains sprites better by what makes them, and draws what it is told', async () => {
  const runtime = await nodeRuntime();
  // Squares of the largest size, upright, at all 32 × 32 places: what differs is what the model is told.
  const squares = subset(sprites, 5 * 40 * 1024, 5 * 40 * 1024 + 1024);
  const data = split(squares, { validation: 100, test: 100 });
  const condition = { type: 'attributes', width: 8, hidden: 32 } as const;
  const spec = presets.mlp.build({ input: [64, 64, 1], latent: 2, hidden: 128, condition });
  const folder = memoryFolder();
  const optimizer = { type: 'adam', learningRate: 2e-3 } as const;
  await fit(spec, data, { epochs: 20, batchSize: 32, optimizer, runtime, folder });
  expect((await verifyRun(folder, runtime)).ok).toBe(true);
  const opened = await load(folder, { runtime });
  // The bound of rows beside that of the same rows with the attributes of others.
  const rows = await hostRows(data.test, 0, 100);
  const others = {
    ...rows,
    ...companionsAt(
      rows,
      Uint32Array.from({ length: 100 }, (_, i) => (i + 50) % 100),
    ),
  };
  const bound = async (of: typeof rows): Promise<number> => {
    const { negElbo } = await opened.vae.run('bound', of);
    return negElbo!.data.reduce((sum, value) => sum + value / 100, 0);
  };
  expect(await bound(rows)).toBeLessThan((await bound(others)) - 5);
  const draw = async (x: number) =>
    (await generate(opened, { count: 2, attributes: [1, 0, 0, 1, 1, 0, x, 0.5] })).samples;
  expect((await draw(0)).shape).toEqual([2, 64, 64, 1]);
  expect((await draw(0)).data).not.toEqual((await draw(1)).data);
  const { codes } = await interpolate(opened, { from: [0], to: [1], steps: 3 }, { data });
  expect(codes.shape).toEqual([3, 2]);
  await expect(generate(opened, { count: 2 })).rejects.toThrow(/attributes: expected \[2, 8\] numbers/);
  await expect(generate(opened, { count: 2, label: 1 })).rejects.toThrow(/label: the model is told a vector/);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { encodeNpy } from '../arrays/index.ts';
import { memoryFolder } from '../artifact/index.ts';
import { arrayDataset, type DataSplits, split } from '../data/index.ts';
import { presets } from '../models/index.ts';
import { fit } from '../train/index.ts';
import { type Detected, detect, embed, type Generated, type OpenedRun, pipeline } from './index.ts';

const pixels = Uint8Array.from({ length: 200 * 16 }, (_, i) => ((i >> 4) * 37 + (i & 15) * 11) & 255);
const data: DataSplits = split(arrayDataset({ name: 'patterns', data: pixels, shape: [4, 4, 1] }), {
  validation: 40,
  test: 40,
});

let scratch: string;
let run: OpenedRun;
const folder = memoryFolder();
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'latentkit-pipeline-'));
  const spec = presets.mlp.build({ input: [4, 4, 1], latent: 2, hidden: 8 });
  run = await fit(spec, data, { epochs: 1, batchSize: 30, folder });
});
afterAll(() => rm(scratch, { recursive: true }));

describe('pipeline', () => {
  it('is the task of a run, by its own name or another', async () => {
    const embedding = await pipeline('feature-extraction', folder);
    expect(await embedding({}, { data })).toEqual(await embed(run, {}, { data }));
    await embedding.dispose();
    const generate = await pipeline('generate', run);
    expectTypeOf(generate).returns.resolves.toEqualTypeOf<Generated>();
    expect((await generate({ count: 3 })).samples.shape).toEqual([3, 4, 4, 1]);
  });

  it('takes a path for its data', async () => {
    const path = join(scratch, 'new.npy');
    await writeFile(path, encodeNpy({ dtype: 'uint8', shape: [20, 4, 4, 1], data: pixels.slice(0, 320) }));
    const found = await pipeline('anomaly-detection', run);
    expectTypeOf(found).returns.resolves.toEqualTypeOf<Detected>();
    const given = { falseAlarmRate: 0.2 };
    const own = await found({ ...given, data: path }, { data });
    expect(own).toEqual(await detect(run, { ...given, data: path }, { data }));
    expect(own.verdicts).toHaveLength(20);
    const codes = await pipeline('embed', run);
    expect((await codes(path)).mean.shape).toEqual([20, 2]);
  });

  it('refuses what is no task', async () => {
    // @ts-expect-error: no such task
    await expect(pipeline('anomaly-detector', run)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('Did you mean "anomaly-detection"?'),
    });
  });
});

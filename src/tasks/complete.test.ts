import { beforeAll, describe, expect, it } from 'vitest';
import { memoryFolder } from '../artifact/index.ts';
import { arrayDataset, type DataSplits, split } from '../data/index.ts';
import { presets } from '../models/index.ts';
import { fit } from '../train/index.ts';
import { complete, type OpenedRun } from './index.ts';

const pixels = Uint8Array.from({ length: 200 * 16 }, (_, i) => ((i >> 4) * 37 + (i & 15) * 11) & 255);
const data: DataSplits = split(arrayDataset({ name: 'patterns', data: pixels, shape: [4, 4, 1] }), {
  validation: 40,
  test: 40,
});
const given = { count: 3, chains: 2, draws: 2 };

const folder = memoryFolder();
let run: OpenedRun;
beforeAll(async () => {
  const spec = presets.mlp.build({ input: [4, 4, 1], latent: 2, hidden: 8 });
  run = await fit(spec, data, { epochs: 1, batchSize: 30, folder });
});

describe('complete', () => {
  it('calibrates its uncertainty on validation rows, once for a mask', async () => {
    const first = await complete(run, given, { data });
    expect(first.calibrated).toBe(true);
    // The run was trained on data in memory, which cannot be loaded again: all that is left is what the folder keeps.
    expect(await complete(run, given, { rows: data.test })).toEqual(first);
    const own = await complete(run, { ...given, calibration: 0 }, { data });
    expect(own.calibrated).toBe(false);
    expect(own.mean).toEqual(first.mean);
    const hidden = [...first.hidden.data.keys()].filter(i => first.hidden.data[i] === 1);
    const deviations = (of: typeof own): number[] => hidden.map(i => of.deviation.data[i]!);
    expect(deviations(own)).not.toEqual(deviations(first));
    // The order of places by uncertainty stays.
    const order = hidden.toSorted((a, b) => own.deviation.data[a]! - own.deviation.data[b]!);
    const sorted = order.map(i => first.deviation.data[i]!);
    expect(sorted).toEqual(sorted.toSorted((a, b) => a - b));
  });

  it('says what the model says, where data are not at hand', async () => {
    const other = { ...given, half: 'left' } as const;
    const result = await complete(run, other, { rows: data.test });
    expect(result.calibrated).toBe(false);
    expect(result).toEqual(await complete(run, { ...other, calibration: 0 }, { data }));
  });

  it('says which file is damaged', async () => {
    await complete(run, { ...given, half: 'top' }, { data });
    const names = (await folder.list()).filter(name => name.startsWith('completions/'));
    expect(names).toHaveLength(2);
    for (const name of names) await folder.write(name, new TextEncoder().encode('none'));
    await expect(complete(run, { ...given, half: 'top' }, { data })).rejects.toMatchObject({ code: 'artifact' });
  });
});

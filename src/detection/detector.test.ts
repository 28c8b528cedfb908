// What a detector keeps, leaves out and refuses.

import { beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors, type Folder, memoryFolder, parametersHash, writeParameters } from '../artifact/index.ts';
import { arrayDataset, hostRows, subset } from '../data/index.ts';
import { greyRows, smallVae } from '../evaluate/testing.ts';
import type { TrainedVae } from '../models/index.ts';
import { float32 } from '../runtime/index.ts';
import { type Detector, fitDetector } from './detector.ts';
import { tableRows, tableVae } from './scores/testing.ts';
import { readDetector, writeDetector } from './store.ts';

let vae: TrainedVae;
let detector: Detector;
beforeAll(async () => {
  vae = await smallVae();
  detector = await fitDetector(vae, { train: greyRows(50), validation: greyRows(20, 4) }, { seed: 7 });
});

describe('a detector that was kept', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = memoryFolder();
    await writeParameters(folder, vae.parameters);
    await writeDetector(folder, detector);
  });

  it('gives the same scores', async () => {
    const rows = await hostRows(greyRows(9, 6), 0, 9);
    const opened = await readDetector(folder, vae);
    expect(await opened!.score(rows, detector.names)).toEqual(await detector.score(rows, detector.names));
    await opened!.dispose();
  });

  it('is none of other parameters', async () => {
    const other = memoryFolder();
    await other.write('detector/scores.safetensors', await folder.read('detector/scores.safetensors'));
    await writeParameters(other, { ...vae.parameters, ...changed(vae) });
    expect(await readDetector(other, vae)).toBeUndefined();
    expect(await readDetector(memoryFolder(), vae)).toBeUndefined();
  });

  it('is refused where it is damaged', async () => {
    const other = memoryFolder();
    await writeParameters(other, vae.parameters);
    const remarks = { seed: '7', parameters: await parametersHash(other) };
    const { combination, ...rest } = detector.fitted.tensors;
    const write = (tensors: Parameters<typeof encodeSafetensors>[0], of: Record<string, string>): Promise<void> =>
      other.write('detector/scores.safetensors', encodeSafetensors(tensors, of));
    await write(rest, remarks);
    await expect(readDetector(other, vae)).rejects.toThrow(/expected the tensor "combination" as float32 \[2, 2\]/);
    await write({ ...rest, combination, 'code.mean': float32(new Float32Array(3), [3]) }, remarks);
    await expect(readDetector(other, vae)).rejects.toThrow(/"code.mean" as float32 \[2\], got float32 \[3\]/);
    await write(detector.fitted.tensors, { ...remarks, seed: 'seven' });
    await expect(readDetector(other, vae)).rejects.toThrow(/expected a seed, got seven/);
  });
});

function changed({ parameters }: TrainedVae): TrainedVae['parameters'] {
  const [name, { data, shape }] = Object.entries(parameters)[0]!;
  return {
    [name]: float32(
      Float32Array.from(data, value => value + 1),
      shape,
    ),
  };
}

describe('fitting', () => {
  it('leaves out the least likely rows, where some may not be normal', async () => {
    const train = greyRows(50);
    const { negElbo } = await detector.score(await hostRows(train, 0, 50), ['negElbo']);
    const kept = [...negElbo!.keys()].sort((a, b) => negElbo![a]! - negElbo![b]!).slice(0, 40);
    const validation = greyRows(20, 4);
    const trimmed = await fitDetector(vae, { train, validation }, { contamination: 0.2 });
    const clean = await fitDetector(vae, {
      train: subset(
        train,
        kept.sort((a, b) => a - b),
      ),
      validation,
    });
    expect(trimmed.fitted).toEqual(clean.fitted);
    await expect(fitDetector(vae, { train, validation }, { contamination: 1 })).rejects.toThrow(/share .* got 1/);
  });

  it('keeps 2,000 rows, the same for the same seed', async () => {
    const [train, validation] = [greyRows(2500), greyRows(20, 4)];
    const fit = async (seed: number): Promise<Float32Array> =>
      (await fitDetector(vae, { train, validation }, { seed })).fitted.tensors['normal.rows'].data;
    const [first, again, other] = [await fit(1), await fit(1), await fit(2)];
    expect(first.length).toBe(2000 * 12);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('needs held-out rows', async () => {
    const train = greyRows(20);
    await expect(fitDetector(vae, { train, validation: greyRows(1) })).rejects.toThrow(/at least 2 held-out .* got 1/);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort();
    const data = { train: greyRows(20), validation: greyRows(9) };
    await expect(fitDetector(vae, data, { signal })).rejects.toThrow(/abort/i);
  });
});

describe('scoring', () => {
  it('refuses rows that the model does not take', async () => {
    const rows = { dtype: 'uint8', shape: [1, 4], data: new Uint8Array(4) } as const;
    for (const name of detector.names) {
      await expect(detector.score(rows, [name]), name).rejects.toThrow(/the model takes rows of uint8 \[3, 2, 1\]/);
    }
  });

  it('refuses likelihood regret of a code that has no variance', async () => {
    const own = await smallVae({ posterior: 'deterministic', objective: { type: 'rae' } });
    const plain = await fitDetector(own, { train: greyRows(20), validation: greyRows(9) });
    expect(plain.names).not.toContain('likelihoodRegret');
    const rows = await hostRows(greyRows(3), 0, 3);
    await expect(plain.score(rows, ['likelihoodRegret'])).rejects.toThrow(
      /expected one that this model has: combined, /,
    );
    const { combined } = await plain.score(rows);
    expect(combined!.every(Number.isFinite)).toBe(true);
  });

  it('finds nothing stranger than a row beyond what can be computed, and nothing strange in a row that is all missing', async () => {
    const table = await tableVae();
    const { vae: own } = { vae: table };
    const fitted = await fitDetector(own, { train: tableRows(60), validation: tableRows(20, 2) });
    const { columns } = tableRows(1);
    const data = Float32Array.from([10, 1, 0, 0, 3e38, 1, 0, -3e38, ...Array<number>(4).fill(Number.NaN)]);
    const rows = arrayDataset({ name: 'odd', data, shape: [4], columns });
    const scores = await fitted.score(await hostRows(rows, 0, 3), [
      'combined',
      'nearest',
      'reconstructionError',
      'negElbo',
    ]);
    expect(scores.reconstructionError![2]).toBe(0);
    for (const values of Object.values(scores)) {
      expect(values.some(Number.isNaN)).toBe(false);
      expect(values[1]).toBeGreaterThan(values[0]!);
      expect(Number.isFinite(values[2])).toBe(true);
    }
  });
});

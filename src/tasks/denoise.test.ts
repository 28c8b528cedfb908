// Denoising, by what a run knows: of noisy data, or of clean data and the noise.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrayDataset, type DataSplits, hostRows, split } from '../data/index.ts';
import { encodePng } from '../images/index.ts';
import { type Corruption, presets } from '../models/index.ts';
import { nodeRuntime } from '../runtime/index.ts';
import { fit } from '../train/index.ts';
import { denoise } from './denoise.ts';
import type { OpenedRun } from './task.ts';

/** Bars across 8×8 pixels, upright or lying, two pixels wide. */
function bars(size: number): DataSplits {
  const data = new Uint8Array(size * 64);
  for (let i = 0; i < data.length; i++) {
    const [image, row, column] = [i >> 6, (i >> 3) & 7, i & 7];
    const across = image % 2 === 0 ? row : column;
    if (across >> 1 === (image >> 1) % 4) data[i] = 255;
  }
  return split(arrayDataset({ name: 'bars', data, shape: [8, 8, 1] }), { validation: 60, test: 60 });
}

const data = bars(1400);
const folder = mkdtempSync(join(tmpdir(), 'latentkit-denoise-'));
const photo = join(folder, 'photo.png');
let runOf: (corruption?: Corruption) => Promise<OpenedRun>;
let trained: OpenedRun;
let clean: OpenedRun;
beforeAll(async () => {
  const runtime = await nodeRuntime({ threads: 1 });
  runOf = async corruption => {
    const parts = corruption && { corruption, posterior: 'deterministic' as const };
    const spec = presets.mlp.build({ input: [8, 8, 1], latent: 6, hidden: 48, ...parts });
    return fit(spec, data, {
      epochs: 25,
      batchSize: 32,
      runtime,
      doctor: 'off',
      optimizer: { type: 'adam', learningRate: 4e-3 },
    });
  };
  trained = await runOf({ type: 'gaussian', deviation: [0.2, 0.6] });
  clean = await runOf();
  // A bar of two pixels upright at the left of each 8 columns, 20 rows by 24 columns.
  const pixels = Uint8Array.from({ length: 20 * 24 }, (_, i) => (i % 24 < 2 ? 255 : 40));
  writeFileSync(photo, encodePng({ width: 24, height: 20, channels: 1, data: pixels }));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('denoise', () => {
  it('takes one pass of a run of noisy data, and gains many decibels', async () => {
    const result = await denoise(trained, { count: 60 }, { data });
    expect(result).toMatchObject({ method: 'trained', psnr: expect.anything() });
    expect(result.level).toBeUndefined();
    expect(result.psnr!.denoised).toBeGreaterThan(result.psnr!.noisy + 5);
    // What bytes cannot hold was cut off, as in training.
    expect([Math.min(...result.noisy.data), Math.max(...result.noisy.data)]).toEqual([0, 1]);
    // The rows on their own, given as bytes, give the same.
    const bytes = Uint8Array.from(result.noisy.data, value => Math.round(255 * value));
    const rows = arrayDataset({ name: 'noisy', data: bytes, shape: [8, 8, 1] });
    const again = await denoise(trained, { count: 60 }, { rows });
    expect(again.psnr).toBeUndefined();
    expect([...again.denoised.data]).toEqual([...result.denoised.data].map(value => expect.closeTo(value, 5)));
    const { mean } = await trained.vae.run('reconstruct', await hostRows(rows, 0, 60));
    expect(again.denoised.data).toEqual(mean!.data);
  });

  it.each([
    ['gaussian', 0.4, 5],
    ['saltAndPepper', 0.3, 5],
  ] as const)('infers what is under %s noise from a run of clean data, the level too', async (noise, level, gain) => {
    const known = await denoise(clean, { noise, level, count: 6 }, { data });
    expect(known.method).toBe('posterior');
    expect([...known.level!.data]).toEqual(Array.from({ length: 6 }, () => expect.closeTo(level, 6)));
    expect(known.psnr!.denoised).toBeGreaterThan(known.psnr!.noisy + gain);
  });

  it('restores an image of another size than the model takes', async () => {
    const result = await denoise(trained, { data: photo });
    expect(result.noisy.shape).toEqual([1, 20, 24, 1]);
    expect(result.denoised.shape).toEqual([1, 20, 24, 1]);
    expect(result.noisy.data[30]).toBeCloseTo(40 / 255, 6);
    const at = (row: number, column: number): number => result.denoised.data[row * 24 + column]!;
    expect(at(10, 0)).toBeGreaterThan(at(10, 12) + 0.3);
    await expect(denoise(trained, { data: join(folder, 'none.png') })).rejects.toMatchObject({ code: 'io' });
  });
});

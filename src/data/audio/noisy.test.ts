import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeWav } from '../../audio/index.ts';
import { attributesAt, readRange } from '../dataset.ts';
import { loadData } from '../sources.ts';
import { type NoisyAudioConfig, noisyAudioLoader } from './noisy.ts';

const scratch = await mkdtemp(join(tmpdir(), 'latentkit-noisy-'));
afterAll(() => rm(scratch, { recursive: true }));

/** Tones of different heights, 0.3 s each. */
async function tones(name: string, amplitude = 0.3): Promise<string> {
  const folder = join(scratch, name);
  await mkdir(folder);
  for (let i = 0; i < 10; i++) {
    const tone = Float32Array.from(
      { length: 2400 },
      (_, t) => amplitude * Math.sin((2 * Math.PI * (400 + 100 * i) * t) / 8000),
    );
    await writeFile(join(folder, `${i}.wav`), encodeWav({ rate: 8000, channels: [tone] }));
  }
  return folder;
}

const folder = await tones('tones');
const small: Partial<NoisyAudioConfig> = { minutes: 8 / 60, frame: 64, hop: 32, context: [-1, 0] };
const load = (config: Partial<NoisyAudioConfig> = {}) =>
  noisyAudioLoader.load({ type: 'noisyAudio', path: folder, ...small, ...config });

describe('noisy sound as a data source', () => {
  it('gives frames of mixtures with what a denoiser sees of each, and settles how', async () => {
    const { train, validation, test, source } = await load();
    // Four seconds at a hop of 32 samples are 1,001 frames; two mixtures are eight seconds.
    expect([train.size, validation.size, test.size]).toEqual([2002, 1001, 1001]);
    expect(train).toMatchObject({ shape: [33], dtype: 'uint8', range: [0, 255], block: 1001 });
    expect(train.attributes!.names.length).toBe(4 * 33);
    expect(source).toMatchObject({ rate: 8000, frame: 64, hop: 32, context: [-1, 0], snr: [-5, 20], validation: 0.1 });
    const features = attributesAt(train, [5, 6])!;
    // The frame before row 6 is row 5 itself, each relative to the noise that was known by then.
    const [own, before] = [features.subarray(33, 66), features.subarray(132, 165)];
    const offset = before[0]! - own[0]!;
    own.forEach((value, i) => void expect(before[i]! - value).toBeCloseTo(offset, 4));
    expect(features.every(Number.isFinite)).toBe(true);
  });

  it('is the same each time, by its own config and by whatever reads a source, and differs between parts', async () => {
    const [a, b] = [await load(), await load()];
    expect(b.train.fingerprint).toBe(a.train.fingerprint);
    expect(readRange(b.train, 0, 1500)).toEqual(readRange(a.train, 0, 1500));
    expect(new Set([a.train, a.validation, a.test].map(({ fingerprint }) => fingerprint)).size).toBe(3);
    expect(readRange(a.validation, 0, 1000)).not.toEqual(readRange(a.train, 0, 1000));
    expect((await load({ snr: [0, 1] })).train.fingerprint).not.toBe(a.train.fingerprint);
    const again = await loadData(a.source);
    expect(again.train.fingerprint).toBe(a.train.fingerprint);
    expect(again.source).toEqual(a.source);
  });

  it('lets nearly all pass where there is little noise, and little where there is much', async () => {
    const meanGain = async (snr: readonly [number, number]): Promise<number> => {
      const { train } = await load({ snr, noises: ['white'] });
      const gains = Array.from(readRange(train, 0, train.size));
      // Weighed by nothing: most bins have no tone in them, only what of it leaks there.
      return gains.reduce((sum, value) => sum + value, 0) / gains.length / 255;
    };
    const [clear, drowned] = [await meanGain([60, 60]), await meanGain([-20, -20])];
    expect(clear).toBeGreaterThan(0.3);
    expect(drowned).toBeLessThan(0.12);
  });

  it('refuses silence, and a hop that frames do not overlap by', async () => {
    await expect(load({ path: await tones('silent', 0) })).rejects.toThrow('got silence only');
    await expect(loadData({ type: 'noisyAudio', path: folder, frame: 64, hop: 64 })).rejects.toThrow(
      'at most half a frame',
    );
    await expect(loadData({ type: 'noisyAudio', path: folder, frame: 100 })).rejects.toThrow('power of two');
  });
});

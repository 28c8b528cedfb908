import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeWav } from '../../audio/index.ts';
import { readRange } from '../dataset.ts';
import { type AudioConfig, audioLoader } from './loader.ts';

const scratch = await mkdtemp(join(tmpdir(), 'latentkit-audio-'));
afterAll(() => rm(scratch, { recursive: true }));

const sine = (frequency: number, rate: number, length: number, amplitude = 1): Float32Array =>
  Float32Array.from({ length }, (_, i) => amplitude * Math.sin((2 * Math.PI * frequency * i) / rate));

async function wav(name: string, samples: Float32Array, rate = 8000): Promise<string> {
  const path = join(scratch, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, encodeWav({ rate, channels: [samples] }, 'float32'));
  return path;
}

const load = (path: string, config: Partial<AudioConfig> = {}) => audioLoader.load({ type: 'audio', path, ...config });

describe('sound as a data source', () => {
  it('cuts recordings to windows, whose classes are the subfolders, and keeps each recording in one part', async () => {
    // The value of each sample says which recording it is of.
    for (let i = 0; i < 20; i++)
      await wav(`many/${i % 2 ? 'odd' : 'even'}/${i}.wav`, new Float32Array(250).fill(i / 20));
    const path = join(scratch, 'many');
    expect(await audioLoader.recognise(path, 'folder')).toEqual({ type: 'audio', path });
    const { train, validation, test, source } = await load(path, { window: 100 });
    expect([train.size, validation.size, test.size]).toEqual([32, 4, 4]);
    expect(train).toMatchObject({ shape: [100, 1], dtype: 'float32', range: [-1, 1] });
    expect(train.labels!.names).toEqual(['even', 'odd']);
    const held = [train, validation, test].map(part => {
      const values = readRange(part, 0, part.size);
      return Array.from({ length: part.size }, (_, row) => Math.round(20 * values[100 * row]!));
    });
    expect(new Set(held.flat()).size).toBe(20);
    expect(held.map(part => new Set(part).size)).toEqual([16, 2, 2]);
    for (const [row, recording] of held[0]!.entries()) expect(train.labels!.values[row]).toBe(recording % 2);
    expect(await audioLoader.load(source)).toMatchObject({ source, train: { fingerprint: train.fingerprint } });
  });

  it('cuts a single recording to pieces that are in one part each; windows may overlap within', async () => {
    const path = await wav(
      'long.wav',
      Float32Array.from({ length: 2000 }, (_, i) => i / 2000),
    );
    const { train, validation, test } = await load(path, { window: 100, stride: 50 });
    const moments = [train, validation, test].map(part => {
      const values = readRange(part, 0, part.size);
      return new Set(Array.from(values, value => Math.round(2000 * value)));
    });
    expect([train.size, validation.size, test.size]).toEqual([24, 3, 3]);
    expect(moments.map(part => part.size)).toEqual([1600, 200, 200]);
    expect(new Set(moments.flatMap(part => [...part])).size).toBe(2000);
  });

  it('brings all files to the most frequent rate, and pads what is shorter than a window', async () => {
    for (let i = 0; i < 10; i++) await wav(`rates/${i}.wav`, sine(400, 8000, 800), 8000);
    const other = await wav('rates/other.wav', sine(400, 16_000, 1600), 16_000);
    const { source } = await load(join(scratch, 'rates'), { window: 1000 });
    expect(source).toMatchObject({ rate: 8000, window: 1000 });
    expect(source.classes).toBeUndefined();
    const rows = await audioLoader.read(source, other);
    const values = readRange(rows, 0, 1);
    const expected = sine(400, 8000, 800);
    for (let i = 100; i < 700; i++) expect(values[i]).toBeCloseTo(expected[i]!, 3);
    expect([...values.subarray(800)]).toEqual(new Array(200).fill(0));
  });

  it('gives spectra in decibels of a full-scale sine, clipped to the range of training', async () => {
    // 1,000 Hz is the middle of bin 32 of 256 samples at 8 kHz.
    const spectra = { frame: 256, hop: 128, frames: 4 };
    for (let i = 0; i < 10; i++) await wav(`tones/${i}.wav`, sine(1000, 8000, 2000, 0.5));
    const { train, source } = await load(join(scratch, 'tones'), { spectra });
    expect(train.shape).toEqual([4, 129, 1]);
    expect(source.range).toEqual([-86, -6]);
    const row = readRange(train, 0, 1);
    for (let t = 0; t < 4; t++) {
      const frame = row.subarray(t * 129, (t + 1) * 129);
      expect(frame[32]).toBeCloseTo(20 * Math.log10(0.5), 1);
      expect(frame.indexOf(Math.max(...frame))).toBe(32);
      expect(frame[100]).toBeLessThan(-70);
    }
    const loud = await audioLoader.read(source, await wav('loud.wav', sine(1000, 8000, 700)));
    expect(Math.max(...readRange(loud, 0, 1))).toBe(-6);
  });

  it('says what a folder holds', async () => {
    await wav('told/a.wav', sine(400, 8000, 8000, 0.5));
    await wav('told/b.wav', new Float32Array(4000));
    const { facts, warnings, rows } = await audioLoader.inspect({ type: 'audio', path: join(scratch, 'told') });
    expect(rows).toBe(7 + 3);
    expect(facts).toContainEqual(['recordings', '2, 1.5 s in all, of 0.50 to 1.00 s']);
    expect(facts).toContainEqual(['loudest sample', '0.500']);
    expect(warnings).toEqual(['1 recordings are silent, such as b.wav.']);
  });

  it('refuses a folder without sound, a damaged file by its name, and parts that would be empty', async () => {
    await mkdir(join(scratch, 'empty'));
    expect(await audioLoader.recognise(join(scratch, 'empty'), 'folder')).toBeUndefined();
    await expect(load(join(scratch, 'empty'))).rejects.toThrow('expected a folder with WAV files, got none');
    await mkdir(join(scratch, 'broken'));
    await writeFile(
      join(scratch, 'broken/x.wav'),
      encodeWav({ rate: 8000, channels: [new Float32Array(9)] }).subarray(0, 50),
    );
    await expect(load(join(scratch, 'broken'))).rejects.toThrow(/broken\/x\.wav: expected 18 bytes of data, got 6/);
    const path = await wav('short.wav', sine(400, 8000, 100));
    await expect(load(path, { validation: 5, test: 5 })).rejects.toThrow('expected more than 10 recordings');
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { drawsOf, encodeWav, siSdr } from '../audio/index.ts';
import { loadData } from '../data/index.ts';
import { presets } from '../models/index.ts';
import { fit } from '../train/index.ts';
import { AudioDenoiser, denoiseAudio, denoiseWav } from './denoise-audio.ts';
import type { OpenedRun } from './task.ts';

const rate = 8000;
const scratch = await mkdtemp(join(tmpdir(), 'latentkit-denoise-'));
afterAll(() => rm(scratch, { recursive: true }));

const tone = (frequency: number, length: number) =>
  Float32Array.from({ length }, (_, i) => 0.3 * Math.sin((2 * Math.PI * frequency * i) / rate));

/** A run that has seen tones in white noise for a moment. */
async function tinyRun(): Promise<OpenedRun> {
  for (let i = 0; i < 10; i++) {
    await writeFile(join(scratch, `${i}.wav`), encodeWav({ rate, channels: [tone(300 + 150 * i, 4000)] }));
  }
  const data = await loadData({
    type: 'noisyAudio',
    path: scratch,
    minutes: 0.4,
    frame: 64,
    hop: 16,
    context: [-3, 0, 2],
    noises: ['white'],
    snr: [0, 10],
  });
  const spec = presets.cvae.build({
    input: { shape: data.train.shape, dtype: 'uint8' },
    latent: 2,
    hidden: 32,
    prior: 'conditionalNormal',
    klWeight: 10,
    condition: { type: 'attributes', width: data.train.attributes!.names.length, hidden: 16 },
  });
  return fit(spec, data, { epochs: 2, optimizer: { type: 'adam', learningRate: 3e-3 } });
}

const run = await tinyRun();
const clean = tone(777, 6001);
const noise = drawsOf({ seed: 5, stream: 5, step: 0 }).normals(6001);
const noisy = clean.map((value, i) => value + 0.2 * noise[i]!);

describe('denoising of sound', () => {
  it('takes noise away, and keeps length, rate and channels', async () => {
    const { rate: same, channels } = await denoiseAudio(run, { rate, channels: [noisy, clean] });
    expect([same, ...channels.map(({ length }) => length)]).toEqual([rate, 6001, 6001]);
    expect(siSdr(channels[0]!, clean) - siSdr(noisy, clean)).toBeGreaterThan(3);
    expect(siSdr(channels[1]!, clean)).toBeGreaterThan(12);
  });

  it('gives the same whatever pieces sound comes in, never later than the delay that it says', async () => {
    const { channels } = await denoiseAudio(run, { rate, channels: [noisy] });
    const denoiser = new AudioDenoiser(run);
    const pieces: number[] = [];
    let taken = 0;
    for (const length of [0, 1, 5, 63, 64, 65, 700, 1, 3000, 2102]) {
      pieces.push(...(await denoiser.push(noisy.subarray(taken, taken + length))));
      taken += length;
      expect(pieces.length).toBeGreaterThanOrEqual(taken - denoiser.delay);
      expect(pieces.length).toBeLessThanOrEqual(taken);
    }
    expect(taken).toBe(6001);
    pieces.push(...(await denoiser.flush()));
    expect(pieces.length).toBe(6001);
    // The runtime sums in another order where it is asked about other numbers of frames.
    for (const [i, value] of pieces.entries()) expect(Math.abs(value - channels[0]![i]!)).toBeLessThan(1e-5);
  });

  it('knows no more than the delay allows: what comes later changes nothing', async () => {
    const [a, b] = [new AudioDenoiser(run), new AudioDenoiser(run)];
    const head = await a.push(noisy.subarray(0, 3000));
    const other = await b.push(new Float32Array([...noisy.subarray(0, 3000), ...new Float32Array(500).fill(0.7)]));
    head.forEach((value, i) => void expect(Math.abs(value - other[i]!)).toBeLessThan(1e-5));
  });

  it('takes sound that is shorter than a frame, silent, of no samples, or of another rate', async () => {
    for (const length of [0, 1, 15, 40]) {
      const { channels } = await denoiseAudio(run, { rate, channels: [noisy.slice(0, length)] });
      expect(channels[0]!.length).toBe(length);
      expect(channels[0]!.every(Number.isFinite)).toBe(true);
    }
    const silent = await denoiseAudio(run, { rate, channels: [new Float32Array(500)] });
    expect([...silent.channels[0]!]).toEqual(new Array(500).fill(0));
    const wide = Float32Array.from({ length: 12_000 }, (_, i) => 0.3 * Math.sin((2 * Math.PI * 777 * i) / 16_000));
    const { channels } = await denoiseAudio(run, { rate: 16_000, channels: [wide] });
    expect(channels[0]!.length).toBe(12_000);
    expect(siSdr(channels[0]!.subarray(1000, 11_000), wide.subarray(1000, 11_000))).toBeGreaterThan(12);
  });

  it('lowers no frequency by more than the limit', async () => {
    const [all, little] = await Promise.all(
      [200, 0.001].map(limit => denoiseAudio(run, { rate, channels: [noisy] }, { limit })),
    );
    expect(siSdr(little!.channels[0]!, noisy)).toBeGreaterThan(70);
    expect(siSdr(all!.channels[0]!, noisy)).toBeLessThan(20);
  });

  it('reads a WAV file, each channel a row', async () => {
    const path = `${scratch}-stereo.wav`;
    await writeFile(path, encodeWav({ rate, channels: [noisy, clean] }, 'float32'));
    const { rate: same, method, noisy: given, denoised } = await denoiseWav({ run }, path);
    await rm(path);
    expect([same, method, given.shape, denoised.shape]).toEqual([rate, 'spectral', [2, 6001], [2, 6001]]);
    const { channels } = await denoiseAudio(run, { rate, channels: [noisy, clean] });
    expect([...denoised.data]).toEqual([...channels[0]!, ...channels[1]!]);
    for (const source of [undefined, 'digits.png']) {
      await expect(denoiseWav({ run }, source)).rejects.toThrow('expected a WAV file as data');
    }
  });

  it('refuses a run of anything else', async () => {
    const { data } = run.config;
    const other = { ...run, config: { ...run.config, data: { ...data, source: 'mnist' } } };
    await expect(denoiseAudio(other, { rate, channels: [noisy] })).rejects.toThrow(
      'expected a run that was trained to take noise out of sound',
    );
  });
});

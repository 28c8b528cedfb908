// Noise taken out of sound by a run that was trained on noisy sound (src/data/audio/noisy.ts): of each short-time spectrum the
// model tells how much of every frequency is the clean sound; the rest is taken away, the phase is left as it is, and the
// frames are added up again. The model is a conditional VAE (Sohn et al. 2015): its code is taken at the mean that the noisy
// frames give it, and the gain is the expectation under that code.

import {
  type DenoisingConfig,
  decodeWav,
  featureWidth,
  frameCount,
  framesAhead,
  NoisyFrames,
  resample,
  ShortTimeFourier,
  type Sound,
  writeFeatures,
} from '../audio/index.ts';
import { type DataSource, readFileBytes } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { float32, type HostTensor } from '../runtime/index.ts';
import type { OpenedRun, TaskContext } from './task.ts';

/** How much is taken away. */
export interface DenoiseAudioOptions {
  /** Decibels by which a frequency is lowered at most; what is left of the noise sounds even. Default 30. */
  readonly limit?: number | undefined;
}

/** Frames that the model is asked about at once. */
const FRAMES = 500;

/**
 * Takes noise out of one channel as it comes, in pieces of any length, whatever they are cut to. What comes out is late by
 * `delay` samples.
 * @example
 * const denoiser = new AudioDenoiser(run);
 * for await (const piece of microphone) speaker.write(await denoiser.push(piece));
 * speaker.write(await denoiser.flush());
 */
export class AudioDenoiser {
  /** Samples a second, in and out. */
  readonly rate: number;
  /** Samples that have to be known beyond the last that comes out. */
  readonly delay: number;
  readonly #run: OpenedRun;
  readonly #config: DenoisingConfig;
  readonly #least: number;
  readonly #fourier: ShortTimeFourier;
  readonly #noisy: NoisyFrames;
  /** Samples from the next frame's beginning on. */
  #coming: Float32Array;
  /** Spectra that are not restored yet, the oldest first. */
  #waiting: Float64Array[] = [];
  /** What is seen of these and of those before them that matter still. */
  #frames: Float32Array[] = [];
  /** What later frames will add to yet. */
  #sum: Float32Array;
  /** Samples taken in, and frames restored. */
  #taken = 0;
  #done = 0;

  /** @throws LatentkitError `usage` where the run was not trained to denoise sound. */
  constructor(run: OpenedRun, { limit = 30 }: DenoiseAudioOptions = {}) {
    this.#run = run;
    this.#config = denoisingOf(run);
    const { rate, frame, hop } = this.#config;
    this.rate = rate;
    this.delay = frame - 1 + framesAhead(this.#config) * hop;
    this.#least = 10 ** (-limit / 20);
    this.#fourier = new ShortTimeFourier(this.#config);
    this.#noisy = new NoisyFrames(this.#config);
    this.#coming = new Float32Array(frame - hop);
    this.#sum = new Float32Array(frame);
  }

  /** Takes the next samples and gives those that are done. One call is to be awaited before the next. */
  async push(samples: Float32Array): Promise<Float32Array> {
    this.#taken += samples.length;
    this.#analyse(samples);
    return this.#restore(this.#waiting.length - framesAhead(this.#config));
  }

  /** Ends the signal, and gives the samples that are left: of all calls together as many as were taken in. */
  async flush(): Promise<Float32Array> {
    const { frame, hop } = this.#config;
    const given = Math.max(0, this.#done * hop - (frame - hop));
    this.#analyse(new Float32Array(frameCount(this.#taken, this.#config) * hop - this.#taken));
    return (await this.#restore(this.#waiting.length)).subarray(0, this.#taken - given);
  }

  #analyse(samples: Float32Array): void {
    const { frame, hop } = this.#config;
    const signal = joined([this.#coming, samples]);
    let at = 0;
    for (; at + frame <= signal.length; at += hop) {
      const spectrum = new Float64Array(2 * this.#fourier.bins);
      this.#fourier.analyse(signal.subarray(at, at + frame), spectrum);
      this.#waiting.push(spectrum);
      this.#frames.push(this.#noisy.next(spectrum));
    }
    this.#coming = signal.slice(at);
  }

  /** Restores so many of the waiting frames, and gives the samples that are done by it. */
  async #restore(count: number): Promise<Float32Array> {
    const { frame, hop, context } = this.#config;
    const output: Float32Array[] = [];
    for (let start = 0; start < count; start += FRAMES) {
      const size = Math.min(FRAMES, count - start);
      const gains = await this.#gains(size);
      for (let t = 0; t < size; t++) output.push(this.#overlapAdd(gains[t]!));
      // Frames that lie further back than any is seen from are let go.
      const first = this.#frames.length - this.#waiting.length;
      this.#frames.splice(0, Math.max(0, first + Math.min(0, ...context)));
    }
    const samples = joined(output);
    // The first frames begin before the signal does.
    const early = Math.max(0, frame - hop - (this.#done * hop - samples.length));
    return samples.subarray(Math.min(early, samples.length));
  }

  /** The gains of the oldest waiting frames, one of each bin. */
  async #gains(count: number): Promise<Float32Array[]> {
    const width = featureWidth(this.#config);
    const { context } = this.#config;
    const { bins } = this.#fourier;
    const first = this.#frames.length - this.#waiting.length;
    const features = new Float32Array(count * width);
    for (let t = 0; t < count; t++) {
      writeFeatures(this.#frames, first + t, { context, into: features.subarray(t * width, (t + 1) * width) });
    }
    const { vae } = this.#run;
    const attributes = float32(features, [count, width]);
    const { mean } = await vae.run('decoder', await vae.drawLatents(count, { temperature: 0, attributes }));
    return Array.from({ length: count }, (_, t) => mean!.data.subarray(t * bins, (t + 1) * bins));
  }

  /** Adds the oldest waiting frame, each bin times its gain, to those before it; gives the samples that no later one changes. */
  #overlapAdd(gains: Float32Array): Float32Array {
    const { frame, hop } = this.#config;
    const spectrum = this.#waiting.shift()!;
    for (let i = 0; i < spectrum.length; i++) {
      spectrum[i] = spectrum[i]! * Math.max(this.#least, gains[i >> 1]!);
    }
    this.#fourier.synthesise(spectrum, this.#sum);
    const samples = this.#sum.slice(0, hop);
    this.#sum.copyWithin(0, hop);
    this.#sum.fill(0, frame - hop);
    this.#done += 1;
    return samples;
  }
}

/**
 * Takes noise out of sound of any rate and any number of channels, each by itself. The model's rate decides what is kept:
 * frequencies beyond its half are gone.
 * @throws LatentkitError `usage` where the run was not trained to denoise sound.
 */
export async function denoiseAudio(
  run: OpenedRun,
  { rate, channels }: Sound,
  options: DenoiseAudioOptions & {
    readonly signal?: AbortSignal | undefined;
    readonly progress?: ((share: number) => void) | undefined;
  } = {},
): Promise<Sound> {
  const restored: Float32Array[] = [];
  for (const [index, channel] of channels.entries()) {
    const denoiser = new AudioDenoiser(run, options);
    const samples = resample(channel, rate, denoiser.rate);
    const pieces: Float32Array[] = [];
    const step = 10 * denoiser.rate;
    for (let start = 0; start < samples.length; start += step) {
      options.signal?.throwIfAborted();
      pieces.push(await denoiser.push(samples.subarray(start, start + step)));
      options.progress?.((index + Math.min(1, (start + step) / samples.length)) / channels.length);
    }
    pieces.push(await denoiser.flush());
    const back = resample(joined(pieces), denoiser.rate, rate);
    // Rounded to whole samples of the other rate and back, the length may be off by a few.
    const output = new Float32Array(channel.length);
    output.set(back.subarray(0, channel.length));
    restored.push(output);
  }
  return { rate, channels: restored };
}

/** What the task `denoise` gives of sound: channels as rows, [channels, samples], from −1 to 1. */
interface DenoisedSound {
  readonly method: 'spectral';
  /** Samples a second. */
  readonly rate: number;
  readonly noisy: HostTensor<'float32'>;
  readonly denoised: HostTensor<'float32'>;
}

/**
 * The task `denoise` of a WAV file.
 * @throws LatentkitError `usage` where no WAV file is named, `io` or `data` where it cannot be read.
 */
export async function denoiseWav(
  { run, signal, progress }: TaskContext,
  source: DataSource | undefined,
): Promise<DenoisedSound> {
  if (typeof source !== 'string' || !/\.wave?$/i.test(source)) {
    throw new LatentkitError(
      'usage',
      `denoise: the run takes noise out of sound; expected a WAV file as data, got ${typeof source === 'string' ? `"${source}"` : 'none'}. For example: latentkit denoise RUN noisy.wav --out clean.wav.`,
    );
  }
  const sound = decodeWav(await readFileBytes(source), source);
  const { rate, channels } = await denoiseAudio(run, sound, { signal, progress });
  const rows = (all: readonly Float32Array[]): HostTensor<'float32'> =>
    float32(joined(all), [all.length, all[0]!.length]);
  return { method: 'spectral', rate, noisy: rows(sound.channels), denoised: rows(channels) };
}

/** Whether a run was trained to take noise out of sound. */
export function denoisesAudio({ config }: OpenedRun): boolean {
  const { source } = config.data;
  return typeof source === 'object' && source.type === 'noisyAudio';
}

function denoisingOf(run: OpenedRun): DenoisingConfig {
  const { source } = run.config.data;
  const { condition, input } = run.config.model;
  if (typeof source === 'object' && source.type === 'noisyAudio') {
    const { rate, frame, hop, context } = source;
    if (rate && frame && hop && context) {
      const config = { rate, frame, hop, context };
      const fits = condition?.type === 'attributes' && condition.width === featureWidth(config);
      if (fits && input.shape.join() === `${frame / 2 + 1}`) return config;
    }
  }
  throw new LatentkitError(
    'usage',
    'expected a run that was trained to take noise out of sound (data of the type noisyAudio, a model conditional on its ' +
      'attributes), got another. Train one as the guide to denoising says.',
  );
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

// Clean recordings with noise mixed in, as the rows that a denoiser learns from: the clean spectrum of a frame in units of the
// noisy one, and beside it, as attributes, what the denoiser sees (src/audio/denoising.ts). A model of it is conditional on
// the attributes. Mixtures are made by rule from a few recordings, each differently pitched and loud, so there can be any
// amount of them.

import { z } from 'zod';
import {
  type DenoisingConfig,
  type Draws,
  drawsOf,
  featureWidth,
  frameCount,
  idealGain,
  makeNoise,
  meanPower,
  mix,
  type NoiseType,
  NoisyFrames,
  noiseTypes,
  resample,
  scaled,
  spectra,
  writeFeatures,
} from '../../audio/index.ts';
import { LatentkitError } from '../../errors.ts';
import { streamOf } from '../../random/index.ts';
import { createSha256 } from '../../sha256.ts';
import { computedDataset } from '../computed.ts';
import type { Dataset } from '../dataset.ts';
import { absolutePath } from '../files.ts';
import { defineLoader, type LoaderDefinition } from '../loader.ts';
import { type Share, shareSchema } from '../split.ts';
import { summarize } from '../summary.ts';
import { holdsWav, type Recording, readRecordings, splitRecordings } from './recordings.ts';

/** How clean sound is spoilt. */
interface Recipe extends DenoisingConfig {
  /** What is mixed in, one of these to a mixture; by default each type that there is. */
  readonly noises: readonly NoiseType[];
  /** Decibels that the clean sound is above the noise: from, to. Default −5 to 20. */
  readonly snr: readonly [low: number, high: number];
  /** Minutes of mixtures to train on; a tenth of it validates and a tenth tests. Default 20. */
  readonly minutes: number;
  /** How far the speed, and with it the pitch, of a recording is changed at most: to 1 / stretch or stretch. Default 1.2. */
  readonly stretch: number;
}

/** WAV files of clean sound, and what shall be otherwise than by default. */
export type NoisyAudioConfig = { readonly [K in keyof Recipe]?: Recipe[K] | undefined } & {
  readonly type: 'noisyAudio';
  /** A folder of clean WAV files. */
  readonly path: string;
  readonly validation?: Share | undefined;
  readonly test?: Share | undefined;
};

type Settled = Recipe & { readonly path: string };

/** Changes whenever the same recordings would give other mixtures: part of every fingerprint. */
const RECIPE = 1;
/** Frames that are seen by default: 64 ms back and 32 ms ahead where a frame has 32 ms, every other one but the nearest. */
const CONTEXT = [-8, -6, -4, -2, -1, 0, 1, 2, 4];
/** Length of a mixture. */
const SECONDS = 4;

const powerOfTwo = z
  .int()
  .min(4)
  .refine(value => Number.isInteger(Math.log2(value)), 'expected a power of two');

export const noisyAudioLoader: LoaderDefinition<NoisyAudioConfig> = defineLoader<NoisyAudioConfig>({
  type: 'noisyAudio',
  summary: 'clean sound with noise mixed in, to learn denoising from (by a config)',
  schema: z
    .strictObject({
      type: z.literal('noisyAudio'),
      path: z.string().min(1).describe('a folder of clean WAV files'),
      rate: z.int().min(1).optional().describe('samples a second; those of most files by default'),
      frame: powerOfTwo.optional().describe('samples of a frame; by default the power of two next to 32 ms'),
      hop: powerOfTwo.optional().describe('samples from frame to frame; a quarter of a frame by default'),
      context: z
        .array(z.int())
        .min(1)
        .optional()
        .describe('frames that are seen, counted from the one that is restored'),
      noises: z.array(z.enum(noiseTypes)).min(1).optional().describe('what is mixed in'),
      snr: z.tuple([z.number(), z.number()]).optional().describe('decibels of the sound above the noise, from and to'),
      minutes: z.number().gt(0).optional().describe('minutes of mixtures to train on; 20 by default'),
      stretch: z.number().min(1).max(2).optional().describe('how far the pitch is changed; 1.2 by default'),
      validation: shareSchema.optional().describe('fraction or number of recordings for validation; 0.1 by default'),
      test: shareSchema.optional().describe('fraction or number of recordings for the test; 0.1 by default'),
    })
    .refine(({ frame, hop }) => !frame || !hop || hop <= frame / 2, 'expected a hop of at most half a frame'),
  recognise: async () => undefined,
  accepts: holdsWav,
  async load({ validation = 0.1, test = 0.1, ...config }) {
    const { rate, all } = await readRecordings(config.path, config.rate);
    const settled = settle(config, rate);
    const parts = splitRecordings(all, { validation, test, path: config.path });
    let first = 0;
    const rows = (part: keyof typeof parts): Dataset => {
      const minutes = settled.minutes / (part === 'train' ? 1 : 10);
      const made = noisyRows(parts[part], part, { ...settled, minutes }, first);
      first += made.size;
      return made;
    };
    return {
      train: rows('train'),
      validation: rows('validation'),
      test: rows('test'),
      source: { type: 'noisyAudio', ...settled, path: await absolutePath(config.path), validation, test },
    };
  },
  async read(settled, path) {
    const { rate, all } = await readRecordings(path, settled.rate);
    return noisyRows(all, 'test', settle({ ...settled, path, minutes: (settled.minutes ?? 20) / 10 }, rate));
  },
  async inspect(config) {
    const { rate, all } = await readRecordings(config.path, config.rate);
    const settled = settle(config, rate);
    const { noises, snr, minutes } = settled;
    return summarize(noisyRows(all, 'train', settled), {
      kind: 'noisy sound',
      facts: [
        ['recordings', `${all.length} at ${rate} Hz`],
        ['mixtures', `${minutes} minutes with ${noises.join(', ')} at ${snr.join(' to ')} dB`],
      ],
    });
  },
});

function settle(config: Omit<NoisyAudioConfig, 'type'>, rate: number): Settled {
  const frame = config.frame ?? 2 ** Math.round(Math.log2(0.032 * rate));
  const { path, hop = frame / 4, context = CONTEXT, noises = noiseTypes } = config;
  const { snr = [-5, 20], minutes = 20, stretch = 1.2 } = config;
  return { path, rate, frame, hop, context, noises, snr, minutes, stretch };
}

/** One mixture's frames, as a denoiser takes them in, and the gains that would restore them, [frames, bins] of 255. */
interface Mixture {
  readonly frames: readonly Float32Array[];
  readonly gains: Uint8Array;
}

/** The frames of all mixtures of a part. They are made when one of them is first read, and kept: 13 MB a minute at 8 kHz. */
function noisyRows(recordings: readonly Recording[], part: string, config: Settled, first = 0): Dataset {
  const { path, rate, frame, minutes, context } = config;
  const voices = recordings.map(({ samples }) => samples).filter(samples => samples.some(value => value !== 0));
  if (voices.length === 0) {
    throw new LatentkitError('data', `${path}: expected recordings for ${part}, got silence only. Use other files.`);
  }
  const block = frameCount(SECONDS * rate, config);
  const count = Math.max(1, Math.round((minutes * 60) / SECONDS));
  const bins = frame / 2 + 1;
  const width = featureWidth(config);
  const made: Mixture[] = [];
  const mixtureOf = (row: number): Mixture => {
    const step = Math.floor(row / block);
    made[step] ??= makeMixture(voices, config, drawsOf({ seed: 0, stream: streamOf(`data/noisy/${part}`), step }));
    return made[step];
  };
  const seen = [...context.map(offset => `frame ${offset}`), 'noise', 'floor'];
  const dataset = computedDataset(
    {
      name: path,
      size: count * block,
      position: row => first + row,
      shape: [bins],
      dtype: 'uint8',
      range: [0, 255],
      block,
      attributes: {
        names: seen.flatMap(name => Array.from({ length: bins }, (_, k) => `${name}, bin ${k}`)),
        read(rows, into) {
          rows.forEach((row: number, i: number) => {
            const features = into.subarray(i * width, (i + 1) * width);
            writeFeatures(mixtureOf(row).frames, row % block, { context, into: features });
          });
        },
      },
    },
    (row, into) => {
      const start = (row % block) * bins;
      into.set(mixtureOf(row).gains.subarray(start, start + bins));
    },
  );
  // Of the recipe and what goes into it, so that it can be had before any mixture is made.
  return Object.defineProperty(dataset, 'fingerprint', {
    get: () => fingerprintOf(voices, JSON.stringify({ ...config, path: undefined, part, recipe: RECIPE })),
  });
}

function fingerprintOf(voices: readonly Float32Array[], settings: string): string {
  const hash = createSha256();
  hash.update(new TextEncoder().encode(settings));
  for (const { buffer, byteOffset, byteLength } of voices) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.hex();
}

function makeMixture(voices: readonly Float32Array[], config: Settled, draws: Draws): Mixture {
  const { rate, frame, noises, snr } = config;
  const { clean, power } = makeSpeech(voices, config, draws);
  const type = noises[draws.below(noises.length)]!;
  const noise = makeNoise(type, { length: clean.length, rate, draws, voices });
  const noisy = spectra(mix(clean, noise, { snr: draws.uniform(...snr), power }), config);
  const pure = spectra(clean, config);
  const bins = frame / 2 + 1;
  const gains = new Uint8Array(pure.length / 2);
  const seen = new NoisyFrames(config);
  const frames: Float32Array[] = [];
  for (let start = 0; start < pure.length; start += 2 * bins) {
    const spectrum = noisy.subarray(start, start + 2 * bins);
    const ideal = idealGain(pure.subarray(start, start + 2 * bins), spectrum);
    for (let k = 0; k < bins; k++) gains[start / 2 + k] = Math.round(255 * ideal[k]!);
    frames.push(seen.next(spectrum));
  }
  return { frames, gains };
}

/** Recordings one after another with pauses between, at a loudness of their own; and their mean power where they sound. */
function makeSpeech(
  voices: readonly Float32Array[],
  { rate, stretch }: Settled,
  draws: Draws,
): { clean: Float32Array; power: number } {
  const clean = new Float32Array(SECONDS * rate);
  const level = 10 ** (draws.uniform(-50, -10) / 10);
  let [sounding, energy] = [0, 0];
  for (
    let at = Math.round(draws.uniform(0, 0.5) * rate);
    at < clean.length;
    at += Math.round(draws.uniform(0, 0.4) * rate)
  ) {
    const voice = voices[draws.below(voices.length)]!;
    // Rates in steps of a hundredth keep the resampling filter small.
    const speed = Math.round(100 * stretch ** draws.uniform(-1, 1));
    const said = scaled(resample(voice, speed, 100), level * 10 ** (draws.uniform(-3, 3) / 10)).subarray(
      0,
      clean.length - at,
    );
    clean.set(said, at);
    at += said.length;
    sounding += said.length;
    energy += meanPower(said) * said.length;
  }
  return { clean, power: energy / sounding };
}

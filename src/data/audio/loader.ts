// WAV files as a data source: windows of samples, or short-time spectra as pictures of time and frequency.

import { z } from 'zod';
import { type Framing, ShortTimeFourier } from '../../audio/index.ts';
import { computedDataset } from '../computed.ts';
import type { Dataset, Labels } from '../dataset.ts';
import { absolutePath } from '../files.ts';
import { defineLoader, type LoaderDefinition } from '../loader.ts';
import { type Share, shareSchema } from '../split.ts';
import { summarize } from '../summary.ts';
import { holdsWav, type Recording, type Recordings, readRecordings, splitRecordings } from './recordings.ts';

/** WAV files, cut to windows of one length. A recording's remainder is left out; a recording shorter than a window is followed by silence. */
export interface AudioConfig {
  readonly type: 'audio';
  /** A WAV file, or a folder of such. */
  readonly path: string;
  /** Samples a second to which all files are brought; by default what most of them have. */
  readonly rate?: number | undefined;
  /** Samples of a window: rows [window, 1] from −1 to 1. Default 1024. */
  readonly window?: number | undefined;
  /** Rows are spectra instead, [frames, frame / 2 + 1, 1], in decibels of a full-scale sine. */
  readonly spectra?: (Framing & { readonly frames: number }) | undefined;
  /** Samples from one window's beginning to the next; by default windows do not overlap. */
  readonly stride?: number | undefined;
  /** Of spectra: the decibels that count as 0 and 1, beyond which values are clipped; by default 80 up to the loudest of training. */
  readonly range?: readonly [low: number, high: number] | undefined;
  /** What the classes are called: the subfolders, unless told. */
  readonly classes?: readonly string[] | undefined;
  readonly validation?: Share | undefined;
  readonly test?: Share | undefined;
}

const count = z.int().min(1);
const powerOfTwo = z.int().min(4).refine(isPowerOfTwo, 'expected a power of two');

export const audioLoader: LoaderDefinition<AudioConfig> = defineLoader<AudioConfig>({
  type: 'audio',
  summary: 'sound (.wav files, or a folder of them)',
  schema: z.strictObject({
    type: z.literal('audio'),
    path: z.string().min(1).describe('a WAV file, or a folder of such'),
    rate: count.optional().describe('samples a second; those of most files by default'),
    window: count.optional().describe('samples of a row; 1024 by default'),
    spectra: z
      .strictObject({ frame: powerOfTwo, hop: powerOfTwo, frames: count })
      .refine(({ frame, hop }) => hop <= frame / 2, 'expected a hop of at most half a frame')
      .optional()
      .describe('rows are so many spectra of frames of samples, a hop apart'),
    stride: count.optional().describe('samples from one row to the next; the length of a row by default'),
    range: z.tuple([z.number(), z.number()]).optional().describe('the decibels that count as 0 and 1'),
    classes: z.array(z.string()).optional().describe('the subfolders whose files are of a class'),
    validation: shareSchema.optional().describe('fraction or number of recordings for validation; 0.1 by default'),
    test: shareSchema.optional().describe('fraction or number of recordings for the test; 0.1 by default'),
  }),
  async recognise(path, kind) {
    return (await holdsWav(path, kind)) ? { type: 'audio', path } : undefined;
  },
  async load({ validation = 0.1, test = 0.1, ...config }) {
    const { path } = config;
    const recordings = await readRecordings(path, config.rate);
    const parts = splitRecordings(recordings.all, { validation, test, path });
    const settled = settle(config, recordings, parts.train);
    let first = 0;
    const rows = (part: Recording[]): Dataset => {
      const cut = windows(part, settled, first);
      first += cut.size;
      return cut;
    };
    return {
      train: rows(parts.train),
      validation: rows(parts.validation),
      test: rows(parts.test),
      source: { ...settled, path: await absolutePath(path), validation, test },
    };
  },
  async read(settled, path) {
    const { rate, all } = await readRecordings(path, settled.rate);
    return windows(all, settle({ ...settled, path }, { rate, all }, all));
  },
  adapt({ spectra: _, ...config }, { shape, range, dtype }) {
    const [window = 1, width = 1] = shape;
    if (shape.length < 3) return { ...config, window };
    const frame = 2 * (width - 1);
    // No spectra are like that: it is a model of something else, which will say so.
    if (dtype !== 'float32' || !Number.isInteger(Math.log2(frame))) return config;
    return { ...config, range, spectra: { frame, hop: frame / 2, frames: window } };
  },
  async inspect(config) {
    const { rate, all } = await readRecordings(config.path, config.rate);
    const seconds = all.reduce((sum, { samples }) => sum + samples.length, 0) / rate;
    const lengths = all.map(({ samples }) => samples.length / rate).sort((a, b) => a - b);
    const loudest = all.reduce((most, { samples }) => Math.max(most, peakOf(samples)), 0);
    const summary = await summarize(windows(all, settle(config, { rate, all }, all)), {
      kind: 'sound',
      facts: [
        [
          'recordings',
          `${all.length}, ${seconds.toFixed(1)} s in all, of ${lengths[0]!.toFixed(2)} to ${lengths.at(-1)!.toFixed(2)} s`,
        ],
        ['rate', `${rate} Hz`],
        ['loudest sample', loudest.toFixed(3)],
      ],
    });
    const silent = all.filter(({ samples }) => peakOf(samples) === 0);
    const warnings = silent.length > 0 ? [`${silent.length} recordings are silent, such as ${silent[0]!.name}.`] : [];
    return { ...summary, warnings: [...summary.warnings, ...warnings] };
  },
});

type Settled = AudioConfig & { readonly rate: number };

/** The config with all that it left open, by these recordings; the range by those that are trained on. */
function settle(config: AudioConfig, { rate, all }: Recordings, trained: readonly Recording[]): Settled {
  const folders = [...new Set(all.flatMap(({ folder }) => folder ?? []))].sort();
  const classes = config.classes ?? (folders.length > 1 ? folders : undefined);
  const settled = { ...config, rate, ...(classes && { classes }) };
  if (config.spectra === undefined) return { ...settled, window: config.window ?? 1024 };
  if (config.range !== undefined) return settled;
  const unclipped = [-200, 100] as const;
  const rows = windows(trained, { ...settled, range: unclipped });
  const row = new Float32Array(rows.shape.reduce((a, b) => a * b, 1));
  let high: number = unclipped[0];
  for (let i = 0; i < rows.size; i++) {
    rows.read([i], row);
    for (const value of row) high = Math.max(high, value);
  }
  return { ...settled, range: [Math.ceil(high) - 80, Math.ceil(high)] };
}

/** All windows of some recordings as a data set, cut out and transformed when they are read. */
function windows(recordings: readonly Recording[], config: Settled, first = 0): Dataset {
  const { path, window = 1024, spectra, classes } = config;
  const span = spectra ? (spectra.frames - 1) * spectra.hop + spectra.frame : window;
  const { stride = span } = config;
  const places = recordings.flatMap((recording, index) => {
    const size = Math.max(1, Math.floor((recording.samples.length - span) / stride) + 1);
    return Array.from({ length: size }, (_, i) => ({ index, start: i * stride }));
  });
  const range = (spectra && config.range) ?? [-1, 1];
  const fill = spectra && spectrogram(spectra, range);
  const sound = new Float32Array(span);
  const labels = classes && classesOf(recordings, classes);
  return computedDataset(
    {
      name: path,
      size: places.length,
      position: row => first + row,
      shape: spectra ? [spectra.frames, spectra.frame / 2 + 1, 1] : [window, 1],
      dtype: 'float32',
      range,
      labels: labels && { ...labels, values: Int32Array.from(places, ({ index }) => labels.values[index]!) },
    },
    (row, into) => {
      const { index, start } = places[row]!;
      sound.fill(0);
      sound.set(recordings[index]!.samples.subarray(start, start + span));
      if (fill) fill(sound, into);
      else into.set(sound);
    },
  );
}

/** The class of each recording: the number of its subfolder, −1 where that is none of the classes. */
function classesOf(recordings: readonly Recording[], names: readonly string[]): Labels {
  return { names, values: Int32Array.from(recordings, ({ folder }) => names.indexOf(folder ?? '')) };
}

/** Writes the spectra of samples, [frames, bins], in decibels: 0 is what a sine of amplitude 1 has in its bin. */
function spectrogram(
  { frame, hop, frames }: Framing & { readonly frames: number },
  [low, high]: readonly [number, number],
): (sound: Float32Array, into: Uint8Array | Float32Array) => void {
  const fourier = new ShortTimeFourier({ frame, hop });
  const spectrum = new Float64Array(2 * fourier.bins);
  // The sum of a window of half a sine is frame · 2/π, and half of it falls to the positive frequency.
  const full = (frame / Math.PI) ** 2;
  return (sound, into) => {
    for (let t = 0; t < frames; t++) {
      fourier.analyse(sound.subarray(t * hop, t * hop + frame), spectrum);
      for (let k = 0; k < fourier.bins; k++) {
        const power = (spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2) / full;
        into[t * fourier.bins + k] = Math.min(high, Math.max(low, 10 * Math.log10(power)));
      }
    }
  };
}

function peakOf(samples: Float32Array): number {
  return samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

// WAV files of a path, as recordings of one channel and one rate in memory.

import { decodeWav, mono, resample } from '../../audio/index.ts';
import { LatentkitError } from '../../errors.ts';
import { explained } from '../../io-error.ts';
import { permutation, streamOf } from '../../random/index.ts';
import { kindOf, readFileBytes } from '../files.ts';
import { rowsOf, type Share } from '../split.ts';

/** A recording, or a piece of one. */
export interface Recording {
  /** Its path below the folder that was read, or the file's. */
  readonly name: string;
  /** The name of the folder that it lies in, below the one that was read. */
  readonly folder?: string | undefined;
  /** Samples of the recording before this piece. */
  readonly start: number;
  readonly samples: Float32Array;
}

/** Recordings at one rate, in the order of their names. */
export interface Recordings {
  readonly rate: number;
  readonly all: readonly Recording[];
}

/** Whether a path holds WAV files: one by its name, or a folder with such in it or in its subfolders. */
export async function holdsWav(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  return kind === 'file' ? isWav(path) : (await wavsIn(path)).length > 0;
}

/**
 * Reads a WAV file, or all below a folder. Several channels become their mean.
 * @param rate to which all are resampled; by default that of most of the files.
 * @throws LatentkitError `data` where there is no WAV file, or one is not sound; `io` where one cannot be read.
 */
export async function readRecordings(path: string, rate?: number): Promise<Recordings> {
  const names = (await kindOf(path)) === 'folder' ? await wavsIn(path) : [''];
  if (names.length === 0) {
    throw new LatentkitError('data', `${path}: expected a folder with WAV files, got none. Name another folder.`);
  }
  const sounds: { name: string; rate: number; samples: Float32Array }[] = [];
  for (const name of names) {
    const file = name === '' ? path : `${path}/${name}`;
    const sound = decodeWav(await readFileBytes(file), file);
    sounds.push({ name: name || path, rate: sound.rate, samples: mono(sound) });
  }
  const common = rate ?? mostFrequent(sounds.map(sound => sound.rate));
  const all = sounds.map(({ name, rate: own, samples }) => ({
    name,
    folder: names[0] !== '' && name.includes('/') ? name.slice(0, name.indexOf('/')) : undefined,
    start: 0,
    samples: resample(samples, own, common),
  }));
  return { rate: common, all };
}

/** Fewer recordings than this are cut into pieces first, so that there is something to set aside. */
const FEW = 10;

/**
 * Whole recordings set aside for validation and test, by a fixed shuffle: what follows within one of them is alike, and is
 * not to be in two parts. Where there are fewer than ten, they are cut into ten pieces each.
 * @throws LatentkitError `data` where a part would be empty.
 */
export function splitRecordings(
  all: readonly Recording[],
  { validation, test, path }: { validation: Share; test: Share; path: string },
): { train: Recording[]; validation: Recording[]; test: Recording[] } {
  const pieces = all.length < FEW ? all.flatMap(inPieces) : all;
  const counts = [test, validation].map(share => Math.max(1, rowsOf(share, pieces.length))) as [number, number];
  if (counts[0] + counts[1] >= pieces.length) {
    throw new LatentkitError(
      'data',
      `${path}: expected more than ${counts[0] + counts[1]} recordings, of which ${counts[1]} validate and ${counts[0]} test, got ${pieces.length}. Set fewer aside.`,
    );
  }
  const order = permutation(pieces.length, { seed: 0, stream: streamOf('data/split'), step: 0 });
  const part = (start: number, end: number): Recording[] =>
    Array.from(order.slice(start, end).sort(), index => pieces[index]!);
  return {
    test: part(0, counts[0]),
    validation: part(counts[0], counts[0] + counts[1]),
    train: part(counts[0] + counts[1], pieces.length),
  };
}

function inPieces(recording: Recording): Recording[] {
  const { samples } = recording;
  const length = Math.ceil(samples.length / FEW);
  return Array.from({ length: Math.ceil(samples.length / length) }, (_, i) => ({
    ...recording,
    start: i * length,
    samples: samples.subarray(i * length, (i + 1) * length),
  }));
}

async function wavsIn(folder: string): Promise<string[]> {
  const { readdir } = await import('node:fs/promises');
  const names = await explained(folder, 'read', () => readdir(folder, { recursive: true }));
  return names
    .filter(isWav)
    .map(name => name.replaceAll('\\', '/'))
    .sort();
}

function isWav(path: string): boolean {
  return /\.wave?$/i.test(path);
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]![0];
}

// checkpoint/state.safetensors: everything that training needs to go on to the same bits, in one file that is replaced
// as a whole. The arrays' hash stands beside the counters, so a flipped bit is found, not trained on.

import { decodeSafetensors, encodeSafetensors } from '../arrays/index.ts';
import { LatentkitError } from '../errors.ts';
import { float32 } from '../runtime/index.ts';
import { sha256Hex } from '../sha256.ts';
import type { DoctorState } from './doctor.ts';
import type { Folder } from './folder.ts';

/** Where training stands. Randomness needs no state of its own: it is a function of the seed and these counters. */
export interface Counters {
  /** Epochs finished. */
  readonly epoch: number;
  /** Steps finished in the epoch under way. */
  readonly stepInEpoch: number;
  /** Steps finished in all. */
  readonly step: number;
  /** Sums over the steps of the epoch under way, of the batch means. */
  readonly sums: { readonly loss: number; readonly reconstruction: number; readonly kl: number };
  /** What the learning rate is multiplied by after rollbacks. */
  readonly learningRateScale: number;
  /** Rollbacks since an epoch was last finished. */
  readonly attempts: number;
  readonly best: { readonly epoch: number; readonly negElbo: number } | null;
  /** Seconds of training so far, and the rows seen in them; in all and in the epoch under way. */
  readonly seconds: number;
  readonly secondsInEpoch: number;
  readonly rows: number;
  readonly doctor: DoctorState;
}

/** Flat float32 arrays by name. */
export type Arrays = Readonly<Record<string, Float32Array>>;

/** Counters and arrays. */
export interface TrainingState {
  readonly counters: Counters;
  readonly arrays: Arrays;
}

/** What a checkpoint holds: the state, and the last epoch's end, to which training goes back when a loss is not finite. */
export interface Checkpoint {
  readonly current: TrainingState;
  readonly good: TrainingState;
}

const path = 'checkpoint/state.safetensors';

export async function writeCheckpoint(folder: Folder, { current, good }: Checkpoint): Promise<void> {
  const same = current.counters.step === good.counters.step;
  const arrays = { ...prefixed('current/', current.arrays), ...(same ? {} : prefixed('good/', good.arrays)) };
  const tensors = Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, float32(data, [data.length])]),
  );
  const counters = JSON.stringify({ current: current.counters, good: good.counters });
  await folder.write(
    path,
    encodeSafetensors(tensors, { format: 'latentkit', counters, sha256: hashOf(arrays, counters) }),
  );
}

/**
 * Reads the checkpoint; undefined where there is none yet.
 * @throws LatentkitError `artifact` where the file is damaged.
 */
export async function readCheckpoint(folder: Folder): Promise<Checkpoint | undefined> {
  if (!(await folder.has(path))) return undefined;
  const where = folder.describe(path);
  const { tensors, metadata } = decodeSafetensors(await folder.read(path), where);
  const arrays = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data as Float32Array]));
  const { counters, sha256 } = metadata;
  if (counters === undefined || sha256 !== hashOf(arrays, counters)) {
    throw new LatentkitError(
      'artifact',
      `${where}: the checkpoint is damaged: its contents do not have the SHA-256 that was written with them. ` +
        'Restore the file, or delete it to train from the start.',
    );
  }
  const { current, good } = JSON.parse(counters) as { current: Counters; good: Counters };
  const goodArrays = unprefixed('good/', arrays);
  const currentArrays = unprefixed('current/', arrays);
  return {
    current: { counters: current, arrays: currentArrays },
    good: { counters: good, arrays: current.step === good.step ? currentArrays : goodArrays },
  };
}

function prefixed(prefix: string, arrays: Arrays): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(arrays).map(([name, data]) => [prefix + name, data]));
}

function unprefixed(prefix: string, arrays: Arrays): Arrays {
  return Object.fromEntries(
    Object.entries(arrays).flatMap(([name, data]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), data]] : [],
    ),
  );
}

function hashOf(arrays: Arrays, counters: string): string {
  const parts = Object.keys(arrays)
    .sort()
    .map(name => {
      const data = arrays[name]!;
      return `${name} ${sha256Hex(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))}`;
    });
  return sha256Hex([counters, ...parts].join('\n'));
}

// metrics.jsonl: one line an epoch. It grows by whole lines, and is replaced as a whole, so that a killed run leaves no
// torn line and a resumed one no double.

import { LatentkitError } from '../errors.ts';
import type { BoundEstimate } from '../evaluate/index.ts';
import type { DoctorNote, Vitals } from './doctor.ts';
import type { Folder } from './folder.ts';

/** The terms of the objective, nats a row, averaged over the rows of a step or an epoch. */
export interface Terms {
  /** What was minimised: with the KL's weight, warm-up and free bits. */
  readonly loss: number;
  readonly reconstruction: number;
  /** The KL itself, unweighted. */
  readonly kl: number;
}

/** One finished epoch: a line of metrics.jsonl. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  readonly step: number;
  /** Means over the epoch's steps, while the parameters moved. */
  readonly train: Terms;
  /** The true bound (weight 1) on the validation rows after the epoch. */
  readonly validation: BoundEstimate;
  /** Whether this is the best validation bound so far. */
  readonly best: boolean;
  readonly learningRate: number;
  /** The weight of the KL, where the objective has one. */
  readonly klWeight?: number;
  /** Seconds of training in this epoch, without evaluation. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** What the doctor measured. */
  readonly vitals?: Vitals | undefined;
  /** What the doctor said, where there was anything to say. */
  readonly doctor?: readonly DoctorNote[] | undefined;
}

/** What the doctor said in these epochs and did not take back. */
export function standingNotes(records: readonly EpochRecord[]): DoctorNote[] {
  const last = new Map<string, DoctorNote>();
  for (const note of records.flatMap(({ doctor = [] }) => doctor)) last.set(note.diagnosis, note);
  return [...last.values()].filter(({ status }) => status === 'found');
}

const path = 'metrics.jsonl';

/** Replaces the metrics by these records. */
export async function writeMetrics(folder: Folder, records: readonly EpochRecord[]): Promise<void> {
  await folder.write(path, records.map(record => `${JSON.stringify(record)}\n`).join(''));
}

/** The records so far; none where there is no file. */
export async function readMetrics(folder: Folder): Promise<EpochRecord[]> {
  if (!(await folder.has(path))) return [];
  const text = new TextDecoder().decode(await folder.read(path));
  return text
    .split('\n')
    .filter(line => line !== '')
    .map((line, i) => {
      try {
        return JSON.parse(line) as EpochRecord;
      } catch (cause) {
        throw new LatentkitError(
          'artifact',
          `${folder.describe(path)}: line ${i + 1}: expected a JSON object, got ${JSON.stringify(line.slice(0, 40))}. ` +
            'Delete the line, or the run folder.',
          { cause },
        );
      }
    });
}

// The detector that a task scores by, and what is known of held-out rows: kept with the run, or made now and kept from here on.
// Data are only asked for where something has yet to be made.

import type { Folder } from '../artifact/index.ts';
import type { DataSplits, Dataset } from '../data/index.ts';
import {
  type Detector,
  divideHeldOut,
  fitDetector,
  type HeldOutFacts,
  measureHeldOut,
  type NormalRows,
  readCalibration,
  readDetector,
  readHeldOut,
  type ScoreName,
  scoreRows,
  sortedScores,
  writeCalibration,
  writeDetector,
  writeHeldOut,
} from '../detection/index.ts';
import { prepareData } from '../train/index.ts';
import { splitsOf } from './rows.ts';
import { keep } from './sampler.ts';
import type { TaskContext } from './task.ts';

/** A detector and what its scores mean. */
export interface CalibratedDetector {
  readonly detector: Detector;
  readonly heldOut: HeldOutFacts;
  /** Scores of the held-out rows, ascending. */
  readonly calibration: Float64Array;
}

/**
 * Opens the detector of a run.
 *
 * @param score that thresholds are to be set on.
 * @throws LatentkitError `data` where it has to be fitted and the run cannot load its data, or has too few of them.
 */
export async function detectorFor(context: TaskContext, score: ScoreName): Promise<CalibratedDetector> {
  const { vae, folder } = context.run;
  let divided: Promise<NormalRows & { readonly calibration: Dataset }> | undefined;
  const rows = () => {
    divided ??= rowsOf(context);
    return divided;
  };
  const detector = await kept(folder, {
    read: from => readDetector(from, vae),
    make: async () => fitDetector(vae, await rows(), context),
    write: writeDetector,
  });
  const heldOut = await kept(folder, {
    read: from => readHeldOut(from, vae),
    make: async () => measureHeldOut(vae, (await rows()).calibration, context),
    write: writeHeldOut,
  });
  const calibration = await kept(folder, {
    read: from => readCalibration(from, score),
    make: async () => {
      const { [score]: scores } = await scoreRows(detector, (await rows()).calibration, [score], context);
      return sortedScores(scores!);
    },
    write: (to, scores) => writeCalibration(to, score, scores),
  });
  return { detector, heldOut, calibration };
}

async function rowsOf(context: TaskContext): Promise<NormalRows & { readonly calibration: Dataset }> {
  const data: DataSplits = context.data ?? (await splitsOf(context.run));
  const { train, validation } = prepareData(data, context.run.vae.model.spec);
  const { fitting, calibration } = divideHeldOut(validation);
  return { train, validation: fitting, calibration };
}

/** What is kept in a folder, or made now and kept. */
async function kept<T>(
  folder: Folder | undefined,
  by: {
    readonly read: (folder: Folder) => Promise<T | undefined>;
    readonly make: () => Promise<T>;
    readonly write: (folder: Folder, made: T) => Promise<void>;
  },
): Promise<T> {
  const known = folder && (await by.read(folder));
  if (known !== undefined) return known;
  const made = await by.make();
  if (folder !== undefined) await keep(() => by.write(folder, made));
  return made;
}

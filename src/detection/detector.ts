// What a detector is: scores of rows by a trained model, higher where a row is less like the rows that were taken as normal.

import type { Folder } from '../artifact/index.ts';
import type { Dataset } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import type { TrainedVae } from '../models/index.ts';
import type { RowTensor } from '../runtime/index.ts';

/** The scores that there are; see scores/. */
export type ScoreName =
  | 'reconstructionError'
  | 'reconstructionProbability'
  | 'negElbo'
  | 'negIwae'
  | 'mahalanobis'
  | 'knn'
  | 'likelihoodRegret'
  | 'combined';

/** A number for each row by score. */
export type Scores = { readonly [name in ScoreName]?: Float64Array };

/** What a detector is fitted to. Never test rows. */
export interface NormalRows {
  /** Rows that are taken as normal: those that the model was trained on. */
  readonly train: Dataset;
  /** Held-out rows of the same kind, on whose scores the combination is calibrated. */
  readonly validation: Dataset;
}

/** How to fit. */
export interface DetectorOptions {
  /** Of what is drawn: reference codes and noise. 0 unless told. */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the share that is done, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
}

/** Scores of one trained model. */
export interface Detector {
  /** What `score` can be asked for. */
  readonly names: readonly ScoreName[];
  /**
   * Scores of rows as the model takes them, [n, ...input shape]; higher is more anomalous. Nothing is drawn that depends on
   * where a row stands, so a row has the same score in any batch. A table's missing values count neither for nor against it.
   *
   * @param which `['combined']` unless told.
   * @throws LatentkitError `data` where the rows are not what the model takes.
   */
  score(rows: RowTensor, which?: readonly ScoreName[]): Promise<Scores>;
  /** Frees what was compiled. */
  dispose(): Promise<void>;
}

/** Fits a detector to rows that are taken as normal. */
export async function fitDetector(
  _vae: TrainedVae,
  _data: NormalRows,
  _options: DetectorOptions = {},
): Promise<Detector> {
  throw new LatentkitError('internal', 'not written yet');
}

/** Keeps a detector in a run folder, under `detector/`. */
export async function writeDetector(_folder: Folder, _detector: Detector): Promise<void> {
  throw new LatentkitError('internal', 'not written yet');
}

/** The detector that was kept with a run; undefined where there is none of the model's present parameters. */
export async function readDetector(_folder: Folder, _vae: TrainedVae): Promise<Detector | undefined> {
  throw new LatentkitError('internal', 'not written yet');
}

// What training tells while it goes on.

import type { DoctorNote, EpochRecord, Terms } from '../artifact/index.ts';

/** One finished step. */
export interface StepEvent extends Terms {
  /** Counted from 1 over the whole training. */
  readonly step: number;
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  /** Rows a second over the training so far, without evaluation and checkpoints. */
  readonly imagesPerSecond: number;
  /** An estimate of what is left of the training, in seconds. */
  readonly secondsLeft: number;
}

/** Training went back to its last good state because a loss was not finite. */
export interface RollbackEvent {
  readonly step: number;
  readonly loss: number;
  /** The epoch that starts anew. */
  readonly epoch: number;
  /** What the learning rate is multiplied by from now on. */
  readonly learningRateScale: number;
  readonly attempt: number;
  readonly attempts: number;
}

/** What a caller may listen to. Callbacks run between steps; training waits for the promises they return. */
export interface TrainingCallbacks {
  readonly onStep?: (event: StepEvent) => void;
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /** Called after `onEpoch`, which has the same in its record. */
  readonly onDiagnosis?: (note: DoctorNote) => void;
  readonly onRollback?: (event: RollbackEvent) => void;
  readonly onCheckpoint?: (step: number) => void;
}

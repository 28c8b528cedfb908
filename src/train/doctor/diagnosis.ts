// A diagnosis: something that goes wrong with VAEs in training, how it shows, why it happens and what mends it.

import type { TrainingConfig, Treatment, Vitals } from '../../artifact/index.ts';
import type { BoundEstimate } from '../../evaluate/index.ts';
import type { ModelSpec } from '../../models/index.ts';

/** A model at an epoch's end, with all that a diagnosis may go by. */
export interface Patient {
  /** As treated so far. */
  readonly spec: ModelSpec;
  readonly training: TrainingConfig;
  readonly vitals: Vitals;
  /** On all validation rows. */
  readonly bound: BoundEstimate;
  /** The objective's scalars at the epoch's last step. */
  readonly scalars: Readonly<Record<string, number>>;
  readonly epochsLeft: number;
  readonly stepsPerEpoch: number;
}

/** Something to change: the option by which a user does it, and the fields by which the doctor does. */
export interface Mend extends Pick<Treatment, 'objective' | 'optimizer'> {
  readonly option: string;
}

/** What is found, each in a sentence without its end. */
export interface Finding {
  readonly severity: 'warning' | 'notice';
  readonly seen: string;
  readonly evidence: Readonly<Record<string, number>>;
  readonly why: string;
  readonly mends: readonly Mend[];
}

export interface Diagnosis {
  readonly title: string;
  /** Whether it harms at once: then it is told when it is first seen, and its treatment begins at the epoch before. */
  readonly acute: boolean;
  /** What is found; a sentence about its absence where it is not so. */
  examine(patient: Patient): Finding | string;
}

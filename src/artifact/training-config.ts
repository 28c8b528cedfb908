// How to train, as data: what a config file and the command line give, and what the run folder records.

import { z } from 'zod';
import {
  type OptimizerConfig,
  type OptimizerInput,
  optimizerSchema,
  type Schedule,
  type ScheduleInput,
  scheduleSchema,
} from '../optim/index.ts';

/** Everything that decides the course of a training run, beside the model and the data. */
export interface TrainingConfig {
  /** Passes over the training rows. */
  readonly epochs: number;
  /** Rows of one step. Rows left over at the end of an epoch's shuffled order are left out of that epoch. */
  readonly batchSize: number;
  readonly seed: number;
  readonly optimizer: OptimizerConfig;
  readonly schedule: Schedule;
  /** Of semi-supervised models: of so many training rows the class is known, as many of each class. All unless told. */
  readonly labelled?: number | undefined;
  /** Stop after so many epochs without a better validation bound. */
  readonly patience?: number | undefined;
  /** Seconds between checkpoints within an epoch; one is written after each epoch in any case. */
  readonly checkpointSeconds: number;
  /** Whether to look for what goes wrong: `watch` says what and how to mend it, `fix` mends it and goes on. */
  readonly doctor: 'off' | 'watch' | 'fix';
}

/** A training config as a user writes it: whatever differs from the defaults. */
export interface TrainingInput {
  readonly epochs?: number | undefined;
  readonly batchSize?: number | undefined;
  readonly seed?: number | undefined;
  readonly optimizer?: OptimizerInput | undefined;
  readonly schedule?: ScheduleInput | undefined;
  readonly labelled?: number | undefined;
  readonly patience?: number | undefined;
  readonly checkpointSeconds?: number | undefined;
  readonly doctor?: TrainingConfig['doctor'] | undefined;
}

/** Validates a training config and fills in its defaults. */
export const trainingSchema: z.ZodType<TrainingConfig, TrainingInput> = z.strictObject({
  epochs: z.int().positive().default(20).describe('passes over the training rows'),
  batchSize: z.int().positive().default(128).describe('rows of one step'),
  seed: z.int().min(0).default(1).describe('seed of everything random'),
  optimizer: optimizerSchema.prefault({ type: 'adam' }).describe('optimiser; Adam with learning rate 1e-3 unless told'),
  schedule: scheduleSchema.prefault({ type: 'constant' }).describe('course of the learning rate'),
  labelled: z.int().positive().optional().describe('training rows whose class is known; all unless told'),
  patience: z.int().positive().optional().describe('stop after so many epochs without a better validation bound'),
  checkpointSeconds: z.number().min(0).default(30).describe('seconds between checkpoints within an epoch'),
  doctor: z
    .enum(['off', 'watch', 'fix'])
    .default('watch')
    .describe('watch says what goes wrong with the model and how to mend it; fix mends it'),
});

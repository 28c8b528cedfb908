// Learning rates over a training run, as data and one pure function, so that a resumed run needs only its step number.

import { z } from 'zod';

interface WarmUp {
  /** Steps over which the rate first rises, linearly, to the base. */
  readonly warmupSteps: number;
}

/** How the learning rate moves after its warm-up. */
export type Schedule = WarmUp &
  (
    | { readonly type: 'constant' }
    /** Half a cosine from the base to `final` times the base at the end of training (Loshchilov and Hutter 2017, eq. 5). */
    | { readonly type: 'cosine'; readonly final: number }
    /** Times `factor` after each `every` steps. */
    | { readonly type: 'step'; readonly every: number; readonly factor: number }
    /** The same decay, spread evenly: factor^(steps / every). */
    | { readonly type: 'exponential'; readonly every: number; readonly factor: number }
    /** Stages that divide the training in proportion to their lengths, each at `factor` times the base. */
    | { readonly type: 'staged'; readonly stages: readonly Stage[] }
  );

/** A part of the training with one learning rate. */
interface Stage {
  /** Relative to the other stages' lengths. */
  readonly length: number;
  /** What the base is multiplied by. */
  readonly factor: number;
}

/** A schedule as a user writes it. */
export type ScheduleInput = { readonly warmupSteps?: number | undefined } & (
  | { readonly type: 'constant' }
  | { readonly type: 'cosine'; readonly final?: number | undefined }
  | { readonly type: 'step' | 'exponential'; readonly every: number; readonly factor?: number | undefined }
  | { readonly type: 'staged'; readonly stages: readonly Stage[] }
);

const warmUp = { warmupSteps: z.int().min(0).default(0).describe('steps of linear warm-up') };
const decay = {
  ...warmUp,
  every: z.int().positive().describe('steps in which the rate is multiplied by the factor'),
  factor: z.number().gt(0).max(1).default(0.5).describe('what the rate is multiplied by'),
};

const stage = z.strictObject({
  length: z.number().positive().describe('how long the stage is, relative to the others'),
  factor: z.number().positive().describe('what the rate is multiplied by'),
});

/** Validates a schedule and fills in its defaults. */
export const scheduleSchema: z.ZodType<Schedule, ScheduleInput> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('constant'), ...warmUp }),
  z.strictObject({
    type: z.literal('cosine'),
    ...warmUp,
    final: z.number().min(0).max(1).default(0).describe('rate at the end, as a share of the base'),
  }),
  z.strictObject({ type: z.literal('step'), ...decay }),
  z.strictObject({ type: z.literal('exponential'), ...decay }),
  z.strictObject({
    type: z.literal('staged'),
    ...warmUp,
    stages: z.array(stage).min(1).describe('parts of the training in turn, in proportion to their lengths'),
  }),
]);

/**
 * The learning rate of one step. The first step after the warm-up has the full base rate.
 *
 * @param base the optimiser's `learningRate`
 * @param step which step, counted from 1
 * @param totalSteps of the whole training; from there on the rate stays what it is at the end
 */
export function learningRateAt(schedule: Schedule, base: number, step: number, totalSteps: number): number {
  const { warmupSteps } = schedule;
  if (step <= warmupSteps) return (base * step) / warmupSteps;
  const done = step - 1 - warmupSteps;
  const progress = Math.min(1, done / Math.max(1, totalSteps - warmupSteps));
  switch (schedule.type) {
    case 'constant':
      return base;
    case 'cosine':
      return base * (schedule.final + ((1 - schedule.final) * (1 + Math.cos(Math.PI * progress))) / 2);
    case 'step':
      return base * schedule.factor ** Math.floor(done / schedule.every);
    case 'exponential':
      return base * schedule.factor ** (done / schedule.every);
    case 'staged':
      return base * stageAt(schedule.stages, progress).factor;
  }
}

/** The stage that the training is in, `progress` being the share of it that is done. */
function stageAt(stages: readonly Stage[], progress: number): Stage {
  let left = progress * stages.reduce((sum, { length }) => sum + length, 0);
  const current = stages.find(({ length }) => {
    left -= length;
    return left < 0;
  });
  return current ?? stages.at(-1)!;
}

// Training: the loop, and what it tells while it goes on.

export type { RollbackEvent, StepEvent, TrainingCallbacks } from './events.ts';
export {
  dataOf,
  type FitOptions,
  fit,
  prepareData,
  prepareRows,
  type ResumeOptions,
  type Run,
  resume,
  type SessionOptions,
} from './fit.ts';
export { suitedTraining } from './suited.ts';

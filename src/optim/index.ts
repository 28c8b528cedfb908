// Optimisers and learning rate schedules: both are data, checked by a schema; the work is one fused pass per step.

export {
  type AdamConfig,
  type AdamWConfig,
  type OptimizerConfig,
  type OptimizerInput,
  optimizerSchema,
  type SgdConfig,
} from './config.ts';
export { optimizerGraph, stepScalars, type Updated } from './emit.ts';
export { createOptimizer, type Optimizer, type StepReport, stateBytes, stateNames } from './optimizer.ts';
export { adamScalars, averagingRate, clipScale, sgdScalars } from './scalars.ts';
export { learningRateAt, type Schedule, type ScheduleInput, scheduleSchema } from './schedule.ts';

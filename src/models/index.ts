// Models: specs, the parts they choose from, and the graphs built of them.

export { buildModel, type Model } from './build.ts';
export { companionsAt, conditionFeeds } from './companions.ts';
export type { Condition, ConditionOptions } from './condition.ts';
export { corruptRows } from './corrupt-rows.ts';
export type { Corruption, Level } from './corruption.ts';
export { type Expectation, type Joint, jointOf } from './joint.ts';
export { type Likelihood, likelihoods } from './likelihoods/index.ts';
export type { KlWarmup } from './objectives/elbo.ts';
export {
  adversaryOptimizer,
  describeObjective,
  type Objective,
  type ObjectiveOptions,
  objectiveScalarsAt,
  objectives,
} from './objectives/index.ts';
export { type Posterior, posteriors } from './posteriors/index.ts';
export { type PresetName, presetNamed, presets } from './presets/index.ts';
export { networks } from './presets/network.ts';
export type { NetworkName, Preset, PresetOptions } from './presets/preset.ts';
export { type Prior, priors } from './priors/index.ts';
export { type Sampler, samplerSchema, samplerTypes } from './sampler.ts';
export {
  type Binarization,
  type InputSpec,
  type ModelOptions,
  type ModelSpec,
  modelJsonSchema,
  parseModel,
  vae,
} from './spec.ts';
export { checkRows, type DrawOptions, type RowGraph, type Rows, rowRange, TrainedVae } from './trained.ts';

// Latentkit's front door: what most programs need. Every part has a subpath of its own with all that it offers; graphs,
// ops and ONNX, of which models are made, have only those.

export {
  type DoctorNote,
  type EpochRecord,
  type Folder,
  memoryFolder,
  nodeFolder,
  type RunConfig,
  type TrainingConfig,
  type TrainingInput,
  type Verification,
} from './artifact/index.ts';
export {
  arrayDataset,
  type Column,
  type DataSource,
  type DataSplits,
  type Dataset,
  hostRows,
  loadData,
  split,
  subset,
  type TableRow,
  tableDataset,
  tableInput,
} from './data/index.ts';
export { type ErrorCode, LatentkitError } from './errors.ts';
export { type BoundEstimate, evaluateBound } from './evaluate/index.ts';
export { encodePng, imageGrid, type Picture, pairGrid } from './images/index.ts';
export {
  buildModel,
  type Model,
  type ModelOptions,
  type ModelSpec,
  type Preset,
  type PresetOptions,
  parseModel,
  presets,
  TrainedVae,
  vae,
} from './models/index.ts';
export {
  columnEmbedding,
  conv2d,
  convTranspose2d,
  dense,
  dropout,
  elu,
  flatten,
  gelu,
  type Layer,
  leakyRelu,
  relu,
  reshape,
  sigmoid,
  silu,
  softplus,
  tanh,
} from './nn/index.ts';
export { float32, type HostTensor, type NodeDevice, nodeRuntime, type Runtime } from './runtime/index.ts';
export { type FittedSampler, fitSampler } from './samplers/index.ts';
export {
  defineTask,
  duplicates,
  embed,
  evaluate,
  exportModel,
  generate,
  inspect,
  interpolate,
  type LoadOptions,
  load,
  neighbours,
  type OpenedRun,
  reconstruct,
  type Task,
  type TaskOptions,
  tasks,
  transfer,
  traverse,
  verify,
  walk,
} from './tasks/index.ts';
export {
  type FitOptions,
  fit,
  type ResumeOptions,
  type RollbackEvent,
  type Run,
  resume,
  type StepEvent,
  type TrainingCallbacks,
} from './train/index.ts';
export { version } from './version.ts';

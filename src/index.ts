// Latentkit's front door: what most programs need. Every part has a subpath of its own with all that it offers.

export { type Verification, verifyRun } from './artifact/index.ts';
export { grad } from './autodiff/index.ts';
export { type DataSplits, type Dataset, loadData } from './data/index.ts';
export { type ErrorCode, LatentkitError } from './errors.ts';
export { type BoundEstimate, evaluateBound } from './evaluate/index.ts';
export {
  constant,
  type Dim,
  type DType,
  type Graph,
  graph,
  input,
  noise,
  parameter,
  printGraph,
  type Shape,
  type Tensor,
  type TensorLike,
} from './graph/index.ts';
export { type ModelSpec, presetNamed, presets, TrainedVae, vae } from './models/index.ts';
export { emitOnnx } from './onnx/index.ts';
export * as ops from './ops/index.ts';
export { type NodeDevice, nodeRuntime, type Runtime } from './runtime/index.ts';
export { type FitOptions, fit, type Run, resume, type TrainingCallbacks } from './train/index.ts';

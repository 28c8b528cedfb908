// Latentkit's front door: what most programs need. Every part has a subpath of its own with all that it offers.

export { grad } from './autodiff/index.ts';
export { type ErrorCode, LatentkitError } from './errors.ts';
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
export { emitOnnx } from './onnx/index.ts';
export * as ops from './ops/index.ts';

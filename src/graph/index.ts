// Symbolic tensors: shapes, nodes, leaves, graphs.

export { type Graph, graph, leafName, noisesOf, parametersOf, topologicalOrder } from './graph.ts';
export {
  constant,
  constantOp,
  type Initial,
  input,
  inputOp,
  type NoiseAttributes,
  type NoiseDistribution,
  noise,
  noiseOp,
  type ParameterAttributes,
  type ParameterRole,
  parameter,
  parameterOp,
} from './leaf.ts';
export { printGraph } from './print.ts';
export {
  bindShape,
  broadcastShapes,
  coefficientOf,
  type Dim,
  type DType,
  equalShapes,
  formatShape,
  isSymbolic,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  scaleDim,
  sizeOf,
  staticSize,
  timesN,
} from './shape.ts';
export {
  defineOp,
  expectDType,
  isOp,
  type OnnxAttribute,
  type OnnxBuilder,
  type Op,
  type OpDefinition,
  shapeError,
  type Tensor,
  type TensorLike,
} from './tensor.ts';
export { verify } from './verify.ts';

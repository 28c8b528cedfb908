// Where graphs are executed, and the buffers that they are fed from.

export { type Companions, type DataOf, float32, type HostTensor, int32, type RowTensor } from './host.ts';
export { type NodeDevice, type NodeRuntimeOptions, nodeRuntime } from './node.ts';
export { type NoiseBuffers, type NoisePosition, noiseBuffers, noiseBytes } from './noise.ts';
export {
  initializeParameters,
  layoutOf,
  type ParameterLayout,
  type ParameterViews,
  partOf,
  viewsOf,
} from './parameters.ts';
export type { HostTensors, Program, Runtime } from './runtime.ts';

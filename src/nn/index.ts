// Layers as data: constructors for users, and what builds them.

export type { Padding, Pair } from './fields.ts';
export { biasInitial, type Fans, type Initializer, initializerSchema, weightInitial } from './initializer.ts';
export { defineLayer, innerShape, type LayerContext, type LayerDefinition, volume, type Width } from './layer.ts';
export {
  type Activation,
  type ActivationFunction,
  elu,
  gelu,
  leakyRelu,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from './layers/activation.ts';
export { type ConvTranspose2d, convTranspose2d } from './layers/conv-transpose2d.ts';
export { type Conv2d, conv2d } from './layers/conv2d.ts';
export { type Dense, dense } from './layers/dense.ts';
export { type Dropout, dropout } from './layers/dropout.ts';
export { type Flatten, flatten } from './layers/flatten.ts';
export { type Reshape, reshape } from './layers/reshape.ts';
export { buildNetwork, type Layer, layerSchema, layers, type NetworkContext } from './network.ts';
export { RootScope, type Scope } from './scope.ts';

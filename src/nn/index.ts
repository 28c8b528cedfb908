// Layers as data: constructors for users, and what builds them.

export type { LinePadding, Padding, Pair } from './fields.ts';
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
export { type Attention, attention } from './layers/attention.ts';
export { type BatchNorm, batchNorm } from './layers/batch-norm.ts';
export { type ColumnEmbedding, columnEmbedding } from './layers/column-embedding.ts';
export { type ConvTranspose1d, convTranspose1d } from './layers/conv-transpose1d.ts';
export { type ConvTranspose2d, convTranspose2d } from './layers/conv-transpose2d.ts';
export { type Conv1d, conv1d } from './layers/conv1d.ts';
export { type Conv2d, conv2d } from './layers/conv2d.ts';
export { type Dense, dense } from './layers/dense.ts';
export { type Dropout, dropout } from './layers/dropout.ts';
export { type Flatten, flatten } from './layers/flatten.ts';
export { type GroupNorm, groupNorm } from './layers/group-norm.ts';
export { type LayerNorm, layerNorm } from './layers/layer-norm.ts';
export { type PixelShuffle, pixelShuffle, type SpaceToDepth, spaceToDepth } from './layers/pixel-shuffle.ts';
export { type AvgPool2d, avgPool2d, type MaxPool2d, maxPool2d } from './layers/pool2d.ts';
export { type Reshape, reshape } from './layers/reshape.ts';
export { type Residual, residual } from './layers/residual.ts';
export { type Upsample, upsample } from './layers/upsample.ts';
export { degreeMask } from './made.ts';
export { buildNetwork, type Layer, layerSchema, layers, type NetworkContext } from './network.ts';
export { holding, RootScope, type Scope } from './scope.ts';

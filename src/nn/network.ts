// A network is a list of layers. Here stands the one table of all kinds, and what builds a list upon a tensor.

import type { Column } from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import type { Tensor } from '../graph/index.ts';
import { anyOf, type PartSchema } from '../schema.ts';
import type { LayerDefinition } from './layer.ts';
import { type Activation, activationLayer } from './layers/activation.ts';
import { type Attention, attentionLayer } from './layers/attention.ts';
import { type BatchNorm, batchNormLayer } from './layers/batch-norm.ts';
import { type ColumnEmbedding, columnEmbeddingLayer } from './layers/column-embedding.ts';
import { type ConvTranspose1d, convTranspose1dLayer } from './layers/conv-transpose1d.ts';
import { type ConvTranspose2d, convTranspose2dLayer } from './layers/conv-transpose2d.ts';
import { type Conv1d, conv1dLayer } from './layers/conv1d.ts';
import { type Conv2d, conv2dLayer } from './layers/conv2d.ts';
import { type Dense, denseLayer } from './layers/dense.ts';
import { type Dropout, dropoutLayer } from './layers/dropout.ts';
import { type Flatten, flattenLayer } from './layers/flatten.ts';
import { type GroupNorm, groupNormLayer } from './layers/group-norm.ts';
import { type LayerNorm, layerNormLayer } from './layers/layer-norm.ts';
import { type PixelShuffle, pixelShuffleLayer, type SpaceToDepth, spaceToDepthLayer } from './layers/pixel-shuffle.ts';
import { type AvgPool2d, avgPool2dLayer, type MaxPool2d, maxPool2dLayer } from './layers/pool2d.ts';
import { type Reshape, reshapeLayer } from './layers/reshape.ts';
import { type Residual, residualLayer } from './layers/residual.ts';
import { type Upsample, upsampleLayer } from './layers/upsample.ts';
import type { Scope } from './scope.ts';

/** Any layer, as data. */
export type Layer =
  | Dense
  | Flatten
  | Reshape
  | Activation
  | Conv2d
  | ConvTranspose2d
  | Conv1d
  | ConvTranspose1d
  | MaxPool2d
  | AvgPool2d
  | Upsample
  | PixelShuffle
  | SpaceToDepth
  | GroupNorm
  | LayerNorm
  | BatchNorm
  | Attention
  | Residual
  | Dropout
  | ColumnEmbedding;

type Definitions = { readonly [T in Layer['type']]: LayerDefinition<Extract<Layer, { readonly type: T }>> };

/** All kinds of layers by type; one that is missing here does not compile. */
export const layers: Definitions = {
  dense: denseLayer,
  flatten: flattenLayer,
  reshape: reshapeLayer,
  activation: activationLayer,
  conv2d: conv2dLayer,
  convTranspose2d: convTranspose2dLayer,
  conv1d: conv1dLayer,
  convTranspose1d: convTranspose1dLayer,
  maxPool2d: maxPool2dLayer,
  avgPool2d: avgPool2dLayer,
  upsample: upsampleLayer,
  pixelShuffle: pixelShuffleLayer,
  spaceToDepth: spaceToDepthLayer,
  groupNorm: groupNormLayer,
  layerNorm: layerNormLayer,
  batchNorm: batchNormLayer,
  attention: attentionLayer,
  residual: residualLayer(() => layerSchema),
  dropout: dropoutLayer,
  columnEmbedding: columnEmbeddingLayer,
};

/** Validates a layer of any kind. */
export const layerSchema: PartSchema<Layer> = anyOf<Layer>(layers);

/** What `buildNetwork` needs beside layers and input. */
export interface NetworkContext {
  /** Names the network in parameters (`encoder.0.weight`) and errors (`encoder layer 1 (dense): ...`). */
  readonly name: string;
  readonly scope: Scope;
  /** What a width of `'output'` refers to: [channels, height, width] or [width]. */
  readonly output?: readonly number[];
  /** What the numbers of `x` are, where they are a table's rows. */
  readonly columns?: readonly Column[] | undefined;
}

/**
 * Builds a list of layers one upon the other. Parameters are named `<name>.<index from 0>.<parameter>`.
 * @throws LatentkitError `shape` or `spec` that names the layer, counted from 1, and says what it expected.
 */
export function buildNetwork(list: readonly Layer[], x: Tensor, context: NetworkContext): Tensor {
  return stack(list, x, context, `${context.name} layer`);
}

/** Layers one upon the other; `title` is what an error calls each of them. */
function stack(
  list: readonly Layer[],
  x: Tensor,
  { name, scope, output, columns }: NetworkContext,
  title: string,
): Tensor {
  let y = x;
  list.forEach((layer, i) => {
    // The table holds, under a type, the definition of that type: TypeScript cannot follow the pair through the union.
    const { build } = layers[layer.type] as LayerDefinition<Layer>;
    const own = scope.child(`${name}.${i}`);
    const network = (inner: readonly Layer[], input: Tensor): Tensor =>
      stack(inner, input, { name: 'layers', scope: own, ...(output && { output }) }, 'its layer');
    try {
      y = build(layer, y, { scope: own, output, columns, network });
    } catch (error) {
      if (!(error instanceof LatentkitError)) throw error;
      throw new LatentkitError(error.code, `${title} ${i + 1} (${layer.type}): ${error.message}`, { cause: error });
    }
  });
  return y;
}

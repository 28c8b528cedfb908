// A network is a list of layers. Here stands the one table of all kinds, and what builds a list upon a tensor.

import { LatentkitError } from '../errors.ts';
import type { Tensor } from '../graph/index.ts';
import { anyOf, type PartSchema } from '../schema.ts';
import type { LayerDefinition } from './layer.ts';
import { type Activation, activationLayer } from './layers/activation.ts';
import { type ConvTranspose2d, convTranspose2dLayer } from './layers/conv-transpose2d.ts';
import { type Conv2d, conv2dLayer } from './layers/conv2d.ts';
import { type Dense, denseLayer } from './layers/dense.ts';
import { type Dropout, dropoutLayer } from './layers/dropout.ts';
import { type Flatten, flattenLayer } from './layers/flatten.ts';
import { type Reshape, reshapeLayer } from './layers/reshape.ts';
import type { Scope } from './scope.ts';

/** Any layer, as data. */
export type Layer = Dense | Flatten | Reshape | Activation | Conv2d | ConvTranspose2d | Dropout;

type Definitions = { readonly [T in Layer['type']]: LayerDefinition<Extract<Layer, { readonly type: T }>> };

/** All kinds of layers by type; one that is missing here does not compile. */
export const layers: Definitions = {
  dense: denseLayer,
  flatten: flattenLayer,
  reshape: reshapeLayer,
  activation: activationLayer,
  conv2d: conv2dLayer,
  convTranspose2d: convTranspose2dLayer,
  dropout: dropoutLayer,
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
}

/**
 * Builds a list of layers one upon the other. Parameters are named `<name>.<index from 0>.<parameter>`.
 * @throws LatentkitError `shape` or `spec` that names the layer, counted from 1, and says what it expected.
 */
export function buildNetwork(list: readonly Layer[], x: Tensor, { name, scope, output }: NetworkContext): Tensor {
  let y = x;
  list.forEach((layer, i) => {
    // The table holds, under a type, the definition of that type: TypeScript cannot follow the pair through the union.
    const { build } = layers[layer.type] as LayerDefinition<Layer>;
    try {
      y = build(layer, y, { scope: scope.child(`${name}.${i}`), output });
    } catch (error) {
      if (!(error instanceof LatentkitError)) throw error;
      throw new LatentkitError(error.code, `${name} layer ${i + 1} (${layer.type}): ${error.message}`, {
        cause: error,
      });
    }
  });
  return y;
}

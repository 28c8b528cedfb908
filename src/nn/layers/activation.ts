// A function of each number by itself.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import * as ops from '../../ops/index.ts';
import { defineLayer, type LayerDefinition } from '../layer.ts';

export type ActivationFunction = 'relu' | 'leakyRelu' | 'elu' | 'gelu' | 'silu' | 'tanh' | 'sigmoid' | 'softplus';

export interface Activation {
  readonly type: 'activation';
  readonly function: ActivationFunction;
}

const functions: Readonly<Record<ActivationFunction, (x: Tensor) => Tensor>> = {
  relu: ops.relu,
  leakyRelu: x => ops.leakyRelu(x),
  elu: ops.elu,
  gelu: ops.gelu,
  silu: ops.silu,
  tanh: ops.tanh,
  sigmoid: ops.sigmoid,
  softplus: ops.softplus,
};

export const activationLayer: LayerDefinition<Activation> = defineLayer<Activation>({
  type: 'activation',
  schema: z.strictObject({
    type: z.literal('activation'),
    function: z.enum(Object.keys(functions) as [ActivationFunction, ...ActivationFunction[]]),
  }),
  build: (spec, x) => functions[spec.function](x),
});

const activation = (name: ActivationFunction) => (): Activation => ({ type: 'activation', function: name });

/** max(x, 0). */
export const relu: () => Activation = activation('relu');
/** x where positive, 0.01 · x elsewhere. */
export const leakyRelu: () => Activation = activation('leakyRelu');
/** x where positive, eˣ − 1 elsewhere. */
export const elu: () => Activation = activation('elu');
/** x · Φ(x). */
export const gelu: () => Activation = activation('gelu');
/** x · sigmoid(x). */
export const silu: () => Activation = activation('silu');
/** The hyperbolic tangent. */
export const tanh: () => Activation = activation('tanh');
/** 1 / (1 + e⁻ˣ). */
export const sigmoid: () => Activation = activation('sigmoid');
/** log(1 + eˣ). */
export const softplus: () => Activation = activation('softplus');

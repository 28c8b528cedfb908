// The leaves of a graph: what is fed at each run (inputs, parameters, noise) and what is written into it (constants).

import { LatentkitError } from '../errors.ts';
import type { DType, Shape } from './shape.ts';
import { staticSize } from './shape.ts';
import { defineOp, type Op, type OpDefinition, type Tensor } from './tensor.ts';

/** Something fed at each run, by name. */
export interface InputAttributes {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** How a parameter starts: all one value, or uniform on [-bound, bound], or normal with mean 0. */
export type Initial =
  | { readonly type: 'constant'; readonly value: number }
  | { readonly type: 'uniform'; readonly bound: number }
  | { readonly type: 'normal'; readonly deviation: number };

/**
 * What changes a parameter in training:
 * - `model`: the optimiser, along the loss's gradient
 * - `adversary`: an optimiser of its own; these are the parameters of a network that the model plays against
 * - `state`: no gradient; the training step itself says what it becomes (running statistics, a codebook's averages)
 */
export type ParameterRole = 'model' | 'adversary' | 'state';

/** A float32 tensor that training changes. */
export interface ParameterAttributes {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  readonly role: ParameterRole;
}

/** The distributions that noise leaves may have: standard normal, or uniform on [0, 1). */
export type NoiseDistribution = 'normal' | 'uniform';

/** Random numbers that the runtime draws: keyed by (seed, step, name), counted by element of the global batch. */
export interface NoiseAttributes {
  readonly name: string;
  readonly shape: Shape;
  readonly distribution: NoiseDistribution;
}

/** Data written into the graph. */
export interface ConstantAttributes {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

function defineLeaf<A>(name: string, infer: (attributes: A) => { shape: Shape; dtype: DType }): Op<A> {
  const definition: OpDefinition<A> = {
    name,
    infer: (_, attributes) => infer(attributes),
    vjp: null,
    onnx: () => {
      throw new LatentkitError('internal', `the leaf ${name} is emitted as an input or initializer, not as a node`);
    },
  };
  return defineOp(definition);
}

const float32 = (a: { readonly shape: Shape }): { shape: Shape; dtype: DType } => ({
  shape: a.shape,
  dtype: 'float32',
});

export const inputOp: Op<InputAttributes> = defineLeaf('input', a => a);
export const parameterOp: Op<ParameterAttributes> = defineLeaf('parameter', float32);
export const noiseOp: Op<NoiseAttributes> = defineLeaf('noise', float32);
export const constantOp: Op<ConstantAttributes> = defineLeaf('constant', a => {
  const size = staticSize(a.shape);
  if (a.data.length !== size) {
    throw new LatentkitError(
      'shape',
      `constant: expected ${size} values for [${a.shape.join(', ')}], got ${a.data.length}`,
    );
  }
  return a;
});

/** A tensor fed at each run. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  return inputOp.apply([], { name, shape, dtype });
}

/** A tensor that training changes. */
export function parameter(
  name: string,
  shape: readonly number[],
  initial: Initial,
  role: ParameterRole = 'model',
): Tensor {
  return parameterOp.apply([], { name, shape, initial, role });
}

/** A tensor of random numbers, drawn anew at each step. */
export function noise(name: string, shape: Shape, distribution: NoiseDistribution = 'normal'): Tensor {
  return noiseOp.apply([], { name, shape, distribution });
}

/** A constant: a number, or row-major data with its shape. */
export function constant(
  value: number | readonly number[],
  shape: readonly number[] = typeof value === 'number' ? [] : [value.length],
  dtype: DType = 'float32',
): Tensor {
  return constantOp.apply([], { dtype, shape, data: typeof value === 'number' ? [value] : value });
}

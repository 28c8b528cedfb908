// What a layer is: plain data with a `type`, and one definition that validates it and builds its part of a graph.

import type { Column } from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import { coefficientOf, type Tensor } from '../graph/index.ts';
import { reshape, transpose } from '../ops/index.ts';
import type { PartSchema } from '../schema.ts';
import type { Layer } from './network.ts';
import type { Scope } from './scope.ts';

/** What a layer builds in. */
export interface LayerContext {
  readonly scope: Scope;
  /** The shape [channels, height, width] or [width] with which the network must end; unknown in an encoder. */
  readonly output: readonly number[] | undefined;
  /** What the numbers of the network's input are, where they are a table's rows. */
  readonly columns: readonly Column[] | undefined;
  /** Builds layers within this one, upon a tensor; their parameters lie in this layer's scope. */
  network(layers: readonly Layer[], x: Tensor): Tensor;
}

/** A kind of layer. `S` is its spec: JSON-able data. */
export interface LayerDefinition<S extends { readonly type: string }> {
  readonly type: S['type'];
  readonly schema: PartSchema<S>;
  /**
   * Builds the layer upon `x`, whose first axis is the batch.
   * @throws LatentkitError `shape` where it cannot take such an input; the caller adds which layer it was.
   */
  build(spec: S, x: Tensor, context: LayerContext): Tensor;
}

/** Defines a kind of layer. */
export function defineLayer<S extends { readonly type: string }>(definition: LayerDefinition<S>): LayerDefinition<S> {
  return definition;
}

/** `units` or `channels` in a spec: a number, or `'output'`, as many as the likelihood needs. */
export type Width = number | 'output';

/** The number that a width means, given what `'output'` stands for. */
export function resolveWidth(width: Width, output: number | undefined): number {
  if (width !== 'output') return width;
  if (output !== undefined) return output;
  throw new LatentkitError('spec', `expected a number, got "output", which has a meaning only in a decoder`);
}

/** A tensor's dimensions without the batch. */
export function innerShape(x: Tensor): number[] {
  return x.shape.slice(1).map(coefficientOf);
}

/** The product of dimensions. */
export function volume(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** A shape error of a layer, about what it was given. */
export function cannotTake(expected: string, x: Tensor): LatentkitError {
  return new LatentkitError('shape', `expected ${expected}, got an input of shape [${innerShape(x).join(', ')}]`);
}

/**
 * [N, channels, ...size] as vectors [N, volume], channels last. Convolutions are computed channels last (see
 * ops/convolution-onnx.ts), so in this order ONNX Runtime has nothing to move between them and a dense layer.
 */
export function toVector(x: Tensor): Tensor {
  const last = x.shape.map((_, i) => i).filter(i => i !== 1);
  const moved = x.shape.length > 2 && x.shape[1] !== 1 ? transpose(x, [...last, 1]) : x;
  return reshape(moved, [x.shape[0]!, volume(innerShape(x))]);
}

/** Vectors as [N, ...shape], the inverse of toVector. */
export function fromVector(x: Tensor, shape: readonly number[]): Tensor {
  const [channels, ...size] = shape as [number, ...number[]];
  const batch = x.shape[0]!;
  if (size.length === 0 || channels === 1) return reshape(x, [batch, ...shape]);
  const rank = shape.length + 1;
  const perm = [0, rank - 1, ...size.map((_, i) => i + 1)];
  return transpose(reshape(x, [batch, ...size, channels]), perm);
}

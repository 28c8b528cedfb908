// The symbolic tensor and the definition of an op. A tensor is an immutable node of a graph; everything that is known
// of what computes it (shape rule, gradient rule, ONNX lowering) stands in one entry, its op.

import { LatentkitError } from '../errors.ts';
import type { DType, Shape } from './shape.ts';

/** A symbolic tensor: an op applied to inputs. Immutable; shape and element type are known when it is built. */
export interface Tensor {
  readonly op: Op<unknown>;
  readonly inputs: readonly Tensor[];
  readonly attributes: unknown;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A tensor, or a number that stands for a float32 scalar. */
export type TensorLike = Tensor | number;

/** What shape inference gives. */
interface Inferred {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An ONNX attribute: integers are plain numbers, floats are marked. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

/** What an op's lowering may do: name its inputs, add standard ONNX nodes and constants. Values are named strings. */
export interface OnnxBuilder {
  /** The name of the ONNX value that holds `tensor`. */
  readonly value: (tensor: Tensor) => string;
  /** Adds a node with one output and returns the output's name. */
  node(opType: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>): string;
  /** An int64 vector, for shapes, axes and the like. */
  ints(values: readonly number[]): string;
  /** An int64 scalar. */
  int(value: number): string;
  /** A scalar of an element type. */
  scalar(value: number, dtype?: DType): string;
  /** An int64 vector of one element: the batch size N of this run. */
  batch(): string;
}

/** A method, not a function type: so an `Op<A>` is an `Op<unknown>`, the type under which graphs hold it. */
interface Gradient<A> {
  rule(cotangent: Tensor, node: Tensor, attributes: A): readonly (Tensor | null)[];
}

/** All that is known of an op. `A` is the type of its attributes (plain data). */
export interface OpDefinition<A> {
  readonly name: string;
  /** Each output element depends on the elements at its place in the (broadcast) inputs alone. */
  readonly elementwise?: true;
  /** The vjp takes a cotangent that merely broadcasts to the output's shape, as elementwise ops always do. */
  readonly lazyCotangent?: true;
  /** The result's shape and type; throws a LatentkitError('shape') that names the op where inputs do not fit. */
  infer(inputs: readonly Tensor[], attributes: A): Inferred;
  /**
   * Vector-Jacobian product, written with public ops: the cotangent of the output to one cotangent an input (null
   * where there is none). A cotangent may have the broadcast shape: the walk in autodiff/ sums it back. `null`: the op
   * stops gradients.
   */
  vjp: null | Gradient<A>['rule'];
  /** Adds ONNX nodes that compute the tensor; returns the name of the value. */
  onnx(builder: OnnxBuilder, node: Tensor, attributes: A): string;
}

/** An op: its definition, and `apply`, which builds a node. */
export interface Op<A> extends OpDefinition<A> {
  apply(inputs: readonly Tensor[], attributes: A): Tensor;
}

/** Makes an op of its definition. Shapes are inferred, and checked, when a node is built. */
export function defineOp<A>(definition: OpDefinition<A>): Op<A> {
  const op: Op<A> = {
    ...definition,
    apply(inputs, attributes) {
      const { shape, dtype } = definition.infer(inputs, attributes);
      return Object.freeze({ op, inputs, attributes, shape, dtype });
    },
  };
  return op;
}

/** Whether a node was built by an op; gives its attributes their type. */
export function isOp<A>(node: Tensor, op: Op<A>): node is Tensor & { readonly attributes: A } {
  return node.op === op;
}

/** A shape error of an op: what was expected and what came. */
export function shapeError(op: string, expected: string, ...got: readonly Tensor[]): LatentkitError {
  const shapes = got.map(t => `${t.dtype}[${t.shape.join(', ')}]`).join(' and ');
  return new LatentkitError('shape', `${op}: expected ${expected}, got ${shapes}`);
}

/** Checks that tensors have an element type. */
export function expectDType(op: string, dtype: DType, ...tensors: readonly Tensor[]): void {
  for (const tensor of tensors) if (tensor.dtype !== dtype) throw shapeError(op, `${dtype} tensors`, tensor);
}

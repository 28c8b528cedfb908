// Reductions over axes. Sums and maxima are primitive; means, log-sum-exp and softmax are composed in composed.ts.

import {
  type Dim,
  defineOp,
  expectDType,
  normalizeAxes,
  normalizeAxis,
  type OnnxBuilder,
  type Op,
  type Shape,
  type Tensor,
} from '../graph/index.ts';
import { cast, div, equal, mul } from './elementwise.ts';
import { reshape } from './movement.ts';
import { onnxType } from './onnx-type.ts';

export interface ReductionAttributes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function reducedShape(shape: Shape, { axes, keepDims }: ReductionAttributes): Dim[] {
  return shape.flatMap((dim, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [dim]));
}

/** The result (or its cotangent) with the reduced axes back as ones, so that it broadcasts against the input. */
function withOnes(reduced: Tensor, input: Tensor, { axes }: ReductionAttributes): Tensor {
  return reshape(reduced, reducedShape(input.shape, { axes, keepDims: true }));
}

function defineReduction(
  name: string,
  onnx: string,
  vjp: (g: Tensor, x: Tensor, y: Tensor, attributes: ReductionAttributes) => Tensor,
): Op<ReductionAttributes> {
  return defineOp<ReductionAttributes>({
    name,
    infer([x], attributes) {
      expectDType(name, 'float32', x!);
      return { shape: reducedShape(x!.shape, attributes), dtype: 'float32' };
    },
    vjp: (g, y, attributes) => [vjp(g, y.inputs[0]!, y, attributes)],
    onnx: (builder, node, { axes, keepDims }) => reduce(builder, onnx, builder.value(node.inputs[0]!), axes, keepDims),
  });
}

/** Adds an ONNX reduction. */
export function reduce(
  builder: OnnxBuilder,
  onnx: string,
  x: string,
  axes: readonly number[],
  keepDims: boolean,
): string {
  // Without axes ONNX would reduce all of them; no axes here means the input itself.
  if (axes.length === 0) return x;
  return builder.node(onnx, [x, builder.ints(axes)], { keepdims: keepDims ? 1 : 0 });
}

export const sumOp: Op<ReductionAttributes> = defineReduction('sum', 'ReduceSum', (g, x, _, attributes) =>
  withOnes(g, x, attributes),
);

/** Where several elements are the largest, each gets the whole cotangent divided by their number. */
export const maxReduceOp: Op<ReductionAttributes> = defineReduction('max', 'ReduceMax', (g, x, y, attributes) => {
  const hit = cast(equal(x, withOnes(y, x, attributes)), 'float32');
  const share = reduceWith(sumOp, hit, attributes.axes, true);
  return mul(hit, div(withOnes(g, x, attributes), share));
});

/** The place of the largest element along one axis (the first of equals), int32. */
export const argmaxOp: Op<{ readonly axis: number }> = defineOp<{ readonly axis: number }>({
  name: 'argmax',
  infer([x], { axis }) {
    expectDType('argmax', 'float32', x!);
    return { shape: x!.shape.filter((_, i) => i !== axis), dtype: 'int32' };
  },
  vjp: null,
  onnx: (builder, node, { axis }) =>
    builder.node('Cast', [builder.node('ArgMax', [builder.value(node.inputs[0]!)], { axis, keepdims: 0 })], {
      to: onnxType.int32,
    }),
});

export interface ReductionOptions {
  /** Keep the reduced axes with length 1. */
  readonly keepDims?: boolean;
}

function reduceWith(
  op: Op<ReductionAttributes>,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  keepDims: boolean,
): Tensor {
  return op.apply([x], { axes: normalizeAxes(axes, x.shape.length, op.name), keepDims });
}

/** The sum over axes (all by default). */
export function sum(x: Tensor, axes?: number | readonly number[], { keepDims = false }: ReductionOptions = {}): Tensor {
  return reduceWith(sumOp, x, axes, keepDims);
}

/** The largest element over axes (all by default). */
export function max(x: Tensor, axes?: number | readonly number[], { keepDims = false }: ReductionOptions = {}): Tensor {
  return reduceWith(maxReduceOp, x, axes, keepDims);
}

/** The index of the largest element along an axis, int32. */
export function argmax(x: Tensor, axis = -1): Tensor {
  return argmaxOp.apply([x], { axis: normalizeAxis(axis, x.shape.length, 'argmax') });
}

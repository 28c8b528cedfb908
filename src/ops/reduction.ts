// Reductions over axes. Sums and maxima are primitive; means, log-sum-exp and softmax are composed in composed.ts.

import {
  type Dim,
  defineOp,
  equalShapes,
  expectDType,
  isSymbolic,
  normalizeAxes,
  normalizeAxis,
  type OnnxBuilder,
  type Op,
  type Shape,
  staticSize,
  type Tensor,
} from '../graph/index.ts';
import { cast, div, equal, mul, softplusOp, subOp } from './elementwise.ts';
import { broadcastTo, dimensions, reshape } from './movement.ts';
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
function reduce(builder: OnnxBuilder, onnx: string, x: string, axes: readonly number[], keepDims: boolean): string {
  // Without axes ONNX would reduce all of them; no axes here means the input itself.
  if (axes.length === 0) return x;
  return builder.node(onnx, [x, builder.ints(axes)], { keepdims: keepDims ? 1 : 0 });
}

export const sumOp: Op<ReductionAttributes> = defineOp<ReductionAttributes>({
  name: 'sum',
  lazyCotangent: true,
  infer([x], attributes) {
    expectDType('sum', 'float32', x!);
    return { shape: reducedShape(x!.shape, attributes), dtype: 'float32' };
  },
  // A scalar cotangent broadcasts as it is; any other is aligned with the input's axes first.
  vjp: (g, y, attributes) => [g.shape.length === 0 ? g : withOnes(broadcastTo(g, y.shape), y.inputs[0]!, attributes)],
  onnx(builder, node, { axes, keepDims }) {
    const x = node.inputs[0]!;
    const fast = keepDims ? undefined : sumWithSoftplus(builder, x, axes);
    if (fast !== undefined) return fast;
    if (x.shape.length === 2 && axes.length === 1 && axes[0] === 0 && !keepDims) {
      return columnSums(builder, builder.value(x), x.shape[0]!);
    }
    return reduce(builder, 'ReduceSum', builder.value(x), axes, keepDims);
  },
});

/** The sum of softplus(y), or of a − softplus(y) (a Bernoulli log-probability), where a faster way exists. */
function sumWithSoftplus(builder: OnnxBuilder, x: Tensor, axes: readonly number[]): string | undefined {
  const first = trailingFrom(x.shape, axes);
  if (first === undefined) return undefined;
  if (x.op === softplusOp) return sumOfSoftplus(builder, x.inputs[0]!, first);
  const [a, b] = x.inputs;
  if (x.op !== subOp || b?.op !== softplusOp || !equalShapes(a!.shape, b.shape)) return undefined;
  const subtrahend = sumOfSoftplus(builder, b.inputs[0]!, first);
  return subtrahend && builder.node('Sub', [reduce(builder, 'ReduceSum', builder.value(a!), axes, false), subtrahend]);
}

/** The first of `axes` where they are all the axes from it on and free of N. */
function trailingFrom(shape: Shape, axes: readonly number[]): number | undefined {
  const first = shape.length - axes.length;
  const trailing = axes.length > 0 && axes[0] === first && !shape.slice(first).some(isSymbolic);
  return trailing ? first : undefined;
}

/**
 * Σ log(1 + eˣ) = Σ max(x, 0) − Σ log sigmoid(|x|) over the axes from `first` on. The sigmoids lie in [½, 1], so up to
 * 112 of them can be multiplied before one logarithm is taken without leaving float32's normal range: ONNX Runtime's
 * scalar logarithm, the dearest part, is taken a hundredth as often.
 */
function sumOfSoftplus(builder: OnnxBuilder, x: Tensor, first: number): string | undefined {
  const size = staticSize(x.shape.slice(first));
  let group = Math.min(size, 112);
  while (size % group !== 0) group -= 1;
  if (group < 8) return undefined;
  const value = builder.value(x);
  const leading = x.shape.slice(0, first).map(() => 0);
  const sigmoids = builder.node('Sigmoid', [builder.node('Abs', [value])]);
  const grouped = builder.node('Reshape', [sigmoids, builder.ints([...leading, size / group, group])]);
  const logs = builder.node('Log', [reduce(builder, 'ReduceProd', grouped, [first + 1], false)]);
  const axes = x.shape.map((_, i) => i).slice(first);
  return builder.node('Sub', [
    reduce(builder, 'ReduceSum', builder.node('Relu', [value]), axes, false),
    reduce(builder, 'ReduceSum', logs, [first], false),
  ]);
}

/** The sums of a matrix's columns as a product with a row of ones, several times faster than ReduceSum. */
function columnSums(builder: OnnxBuilder, x: string, rows: Dim): string {
  const ones = builder.node('Expand', [builder.scalar(1), dimensions(builder, [1, rows])]);
  return builder.node('Squeeze', [builder.node('MatMul', [ones, x]), builder.ints([0])]);
}

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

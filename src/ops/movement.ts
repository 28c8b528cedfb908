// Movement: ops that only place elements elsewhere. Each one's gradient is another of them.

import { LatentkitError } from '../errors.ts';
import {
  bindShape,
  broadcastShapes,
  coefficientOf,
  type Dim,
  defineOp,
  equalShapes,
  expectDType,
  formatShape,
  isSymbolic,
  normalizeAxis,
  type OnnxBuilder,
  type Op,
  type Shape,
  shapeError,
  sizeOf,
  staticSize,
  type Tensor,
} from '../graph/index.ts';
import { onnxType } from './onnx-type.ts';
import { sum } from './reduction.ts';

/** An int64 vector with the dimensions of a shape, N taken from this run. */
export function dimensions(builder: OnnxBuilder, shape: Shape): string {
  if (!shape.some(isSymbolic)) return builder.ints(bindShape(shape, 0));
  const parts = shape.map(dim => {
    if (!isSymbolic(dim)) return builder.ints([dim]);
    const factor = coefficientOf(dim);
    return factor === 1 ? builder.batch() : builder.node('Mul', [builder.batch(), builder.ints([factor])]);
  });
  return parts.length === 1 ? parts[0]! : builder.node('Concat', parts, { axis: 0 });
}

/** The same elements in row-major order under another shape; at most the spelling of N's multiples may differ. */
export const reshapeOp: Op<{ readonly shape: Shape }> = defineOp<{ readonly shape: Shape }>({
  name: 'reshape',
  infer([x], { shape }) {
    const [from, to] = [sizeOf(x!.shape), sizeOf(shape)];
    if (from.coefficient !== to.coefficient || from.power !== to.power) {
      throw shapeError('reshape', `as many elements as ${formatShape(shape)} has`, x!);
    }
    return { shape, dtype: x!.dtype };
  },
  vjp: (g, y) => [reshape(g, y.inputs[0]!.shape)],
  onnx(builder, node, { shape }) {
    const x = node.inputs[0]!;
    // ONNX infers one dimension (-1) by itself, which spares computing N.
    const target =
      shape.filter(isSymbolic).length === 1
        ? builder.ints(shape.map(dim => (isSymbolic(dim) ? -1 : dim)))
        : dimensions(builder, shape);
    return builder.node('Reshape', [builder.value(x), target]);
  },
});

/** The axes in another order. */
export const transposeOp: Op<{ readonly perm: readonly number[] }> = defineOp<{ readonly perm: readonly number[] }>({
  name: 'transpose',
  infer([x], { perm }) {
    const rank = x!.shape.length;
    if (perm.length !== rank || new Set(perm).size !== rank || perm.some(axis => axis < 0 || axis >= rank)) {
      throw shapeError('transpose', `a tensor whose axes [${perm.join(', ')}] permutes`, x!);
    }
    return { shape: perm.map(axis => x!.shape[axis]!), dtype: x!.dtype };
  },
  vjp: (g, _, { perm }) => [transpose(g, invertPermutation(perm))],
  onnx: (builder, node, { perm }) => builder.node('Transpose', [builder.value(node.inputs[0]!)], { perm }),
});

/** NumPy's broadcast_to. */
export const broadcastToOp: Op<{ readonly shape: Shape }> = defineOp<{ readonly shape: Shape }>({
  name: 'broadcastTo',
  infer([x], { shape }) {
    const both = broadcastShapes(x!.shape, shape);
    if (both === undefined || !equalShapes(both, shape)) {
      throw shapeError('broadcastTo', `a shape that broadcasts to ${formatShape(shape)}`, x!);
    }
    return { shape, dtype: x!.dtype };
  },
  vjp: g => [g],
  onnx(builder, node, { shape }) {
    const x = node.inputs[0]!;
    const lead = shape.length - x.shape.length;
    // Expand takes a 1 as "as it is", so N is needed only where it is new.
    const target = shape.map((dim, i) => (isSymbolic(dim) && x.shape[i - lead] === dim ? 1 : dim));
    return builder.node('Expand', [builder.value(x), dimensions(builder, target)]);
  },
});

export interface SliceAttributes {
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
}

/** Every `step`th element from `start` up to, not including, `end`, along each named axis. */
export const sliceOp: Op<SliceAttributes> = defineOp<SliceAttributes>({
  name: 'slice',
  infer([x], { axes, starts, ends, steps }) {
    const shape: Dim[] = [...x!.shape];
    axes.forEach((axis, i) => {
      const [start, end, step] = [starts[i]!, ends[i]!, steps[i]!];
      const dim = shape[axis];
      if (typeof dim !== 'number' || start < 0 || end > dim || start >= end || step < 1) {
        throw shapeError('slice', `axis ${axis} to hold the range ${start} to ${end} by ${step}`, x!);
      }
      shape[axis] = Math.ceil((end - start) / step);
    });
    return { shape, dtype: x!.dtype };
  },
  vjp(g, y, { axes, starts, steps }) {
    const full = y.inputs[0]!.shape;
    let spread = g;
    axes.forEach((axis, i) => {
      spread = place(spread, axis, starts[i]!, steps[i]!, full[axis] as number);
    });
    return [spread];
  },
  onnx: (builder, node, { axes, starts, ends, steps }) =>
    builder.node('Slice', [
      builder.value(node.inputs[0]!),
      builder.ints(starts),
      builder.ints(ends),
      builder.ints(axes),
      builder.ints(steps),
    ]),
});

/** Puts the elements along an axis at start, start + step, ... of a longer axis of zeros. */
function place(g: Tensor, axis: number, start: number, step: number, length: number): Tensor {
  const count = g.shape[axis] as number;
  let spread = g;
  if (step > 1) {
    const split: Dim[] = [...g.shape];
    split.splice(axis + 1, 0, 1);
    const before = split.map(() => 0);
    const after = split.map((_, i) => (i === axis + 1 ? step - 1 : 0));
    const merged = g.shape.map((dim, i) => (i === axis ? count * step : dim));
    spread = reshape(pad(reshape(g, split), before, after), merged);
  }
  const room = length - start;
  if (count * step > room) spread = slice(spread, axis, 0, room);
  const rest = room - Math.min(count * step, room);
  return pad(
    spread,
    spread.shape.map((_, i) => (i === axis ? start : 0)),
    spread.shape.map((_, i) => (i === axis ? rest : 0)),
  );
}

/** Tensors one after another along an axis. */
export const concatOp: Op<{ readonly axis: number }> = defineOp<{ readonly axis: number }>({
  name: 'concat',
  infer(inputs, { axis }) {
    const first = inputs[0]!;
    let length = 0;
    for (const x of inputs) {
      const dim = x.shape[axis];
      const fits =
        x.dtype === first.dtype &&
        x.shape.length === first.shape.length &&
        x.shape.every((d, i) => i === axis || d === first.shape[i]);
      if (!fits || typeof dim !== 'number') {
        throw shapeError('concat', `tensors alike in all but axis ${axis}, which has no N`, ...inputs);
      }
      length += dim;
    }
    return { shape: first.shape.map((dim, i) => (i === axis ? length : dim)), dtype: first.dtype };
  },
  vjp(g, y, { axis }) {
    let start = 0;
    return y.inputs.map(x => {
      const end = start + (x.shape[axis] as number);
      const part = slice(g, axis, start, end);
      start = end;
      return part;
    });
  },
  onnx: (builder, node, { axis }) => builder.node('Concat', node.inputs.map(builder.value), { axis }),
});

export interface PadAttributes {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

/** A constant added before and after the elements of each axis. */
export const padOp: Op<PadAttributes> = defineOp<PadAttributes>({
  name: 'pad',
  infer([x], { before, after }) {
    expectDType('pad', 'float32', x!);
    const shape = x!.shape.map((dim, i) => {
      const [b, a] = [before[i] ?? Number.NaN, after[i] ?? Number.NaN];
      if (!(b >= 0 && a >= 0) || (isSymbolic(dim) && b + a > 0)) {
        throw shapeError('pad', `padding [${before.join(', ')}] and [${after.join(', ')}] to fit, none on N`, x!);
      }
      return isSymbolic(dim) ? dim : b + dim + a;
    });
    return { shape, dtype: 'float32' };
  },
  vjp(g, y, { before }) {
    let inner = g;
    y.inputs[0]!.shape.forEach((dim, axis) => {
      if (typeof dim === 'number') inner = slice(inner, axis, before[axis]!, before[axis]! + dim);
    });
    return [inner];
  },
  onnx: (builder, node, { before, after, value }) =>
    builder.node('Pad', [builder.value(node.inputs[0]!), builder.ints([...before, ...after]), builder.scalar(value)]),
});

/** Rows of `x` (its first axis) by int32 indices of any shape. */
export const gatherOp: Op<Record<string, never>> = defineOp<Record<string, never>>({
  name: 'gather',
  infer([x, indices]) {
    expectDType('gather', 'int32', indices!);
    if (x!.shape.length === 0) throw shapeError('gather', 'a tensor with rows', x!);
    return { shape: [...indices!.shape, ...x!.shape.slice(1)], dtype: x!.dtype };
  },
  vjp: (g, y) => [scatterAdd(y.inputs[1]!, g, y.inputs[0]!.shape[0]!), null],
  onnx: (builder, node) => builder.node('Gather', node.inputs.map(builder.value), { axis: 0 }),
});

/** Zeros of `rows` rows, to which each update is added at the row that its index names. */
export const scatterAddOp: Op<{ readonly rows: Dim }> = defineOp<{ readonly rows: Dim }>({
  name: 'scatterAdd',
  infer([indices, updates], { rows }) {
    expectDType('scatterAdd', 'int32', indices!);
    expectDType('scatterAdd', 'float32', updates!);
    const rank = indices!.shape.length;
    if (!equalShapes(indices!.shape, updates!.shape.slice(0, rank))) {
      throw shapeError('scatterAdd', 'updates whose leading dimensions are the indices’', indices!, updates!);
    }
    return { shape: [rows, ...updates!.shape.slice(rank)], dtype: 'float32' };
  },
  vjp: (g, y) => [null, gather(g, y.inputs[0]!)],
  onnx(builder, node) {
    // As a product with one-hot rows. ONNX Runtime's ScatterND adds from several threads at once without minding that
    // indices repeat, so that sums come out wrong; its ScatterElements does not, and is a hundred times slower.
    const [indices, updates] = [node.inputs[0]!, node.inputs[1]!];
    const inner = updates.shape.slice(indices.shape.length);
    const lines = inner.some(isSymbolic) ? [staticSize(indices.shape), -1] : [-1, staticSize(inner)];
    const flat = builder.node('Reshape', [builder.value(updates), builder.ints(lines)]);
    const wide = builder.node('Cast', [builder.value(indices)], { to: onnxType.int64 });
    const column = builder.node('Reshape', [wide, builder.ints([-1, 1])]);
    const shape = dimensions(builder, node.shape);
    const count = builder.node('Gather', [shape, builder.int(0)], { axis: 0 });
    const places = builder.node('Range', [builder.int(0), count, builder.int(1)]);
    const chosen = builder.node('Cast', [builder.node('Equal', [column, places])], { to: onnxType.float32 });
    return builder.node('Reshape', [builder.node('Gemm', [chosen, flat], { transA: 1 }), shape]);
  },
});

/** 1 at the index and 0 elsewhere, along a new last axis. An index out of range gives zeros. */
export const oneHotOp: Op<{ readonly depth: number }> = defineOp<{ readonly depth: number }>({
  name: 'oneHot',
  infer([indices], { depth }) {
    expectDType('oneHot', 'int32', indices!);
    return { shape: [...indices!.shape, depth], dtype: 'float32' };
  },
  vjp: null,
  onnx(builder, node, { depth }) {
    // Compared, not by ONNX's OneHot, which lets negative indices count from the end.
    const rank = node.inputs[0]!.shape.length;
    const wide = builder.node('Cast', [builder.value(node.inputs[0]!)], { to: onnxType.int64 });
    const column = builder.node('Unsqueeze', [wide, builder.ints([rank])]);
    const places = builder.ints(Array.from({ length: depth }, (_, i) => i));
    return builder.node('Cast', [builder.node('Equal', [column, places])], { to: onnxType.float32 });
  },
});

/** The batch size N of the run, a float32 scalar. */
export const batchSizeOp: Op<Record<string, never>> = defineOp<Record<string, never>>({
  name: 'batchSize',
  infer: () => ({ shape: [], dtype: 'float32' }),
  vjp: null,
  onnx(builder) {
    const scalar = builder.node('Squeeze', [builder.batch(), builder.ints([0])]);
    return builder.node('Cast', [scalar], { to: onnxType.float32 });
  },
});

function invertPermutation(perm: readonly number[]): number[] {
  const inverse = perm.map(() => 0);
  perm.forEach((axis, i) => {
    inverse[axis] = i;
  });
  return inverse;
}

/** The same elements under another shape of as many. One dimension may be -1: whatever is left. */
export function reshape(x: Tensor, shape: readonly (Dim | -1)[]): Tensor {
  const target = shape.includes(-1) ? inferDimension(x, shape) : shape;
  return equalShapes(target, x.shape) ? x : reshapeOp.apply([x], { shape: target });
}

function inferDimension(x: Tensor, shape: readonly (Dim | -1)[]): Shape {
  const known = sizeOf(shape.filter(dim => dim !== -1));
  const whole = sizeOf(x.shape);
  const [factor, power] = [whole.coefficient / known.coefficient, whole.power - known.power];
  const rest: Dim | undefined = power === 0 ? factor : power === 1 ? (factor === 1 ? 'N' : `${factor}N`) : undefined;
  if (rest === undefined || !Number.isInteger(factor) || shape.filter(dim => dim === -1).length > 1) {
    throw shapeError('reshape', `a tensor that fits ${formatShape(shape)}`, x);
  }
  return shape.map(dim => (dim === -1 ? rest : dim));
}

/** The axes in the order `perm`; reversed by default. */
export function transpose(x: Tensor, perm: readonly number[] = x.shape.map((_, i) => i).reverse()): Tensor {
  return perm.every((axis, i) => axis === i) && perm.length === x.shape.length ? x : transposeOp.apply([x], { perm });
}

/** `x` repeated along new axes and axes of length 1 until it has the shape. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return equalShapes(x.shape, shape) ? x : broadcastToOp.apply([x], { shape });
}

/** The elements from `start` up to, not including, `end` (default: the last), by `step`, along an axis. */
export function slice(x: Tensor, axis: number, start: number, end?: number, step = 1): Tensor {
  const normal = normalizeAxis(axis, x.shape.length, 'slice');
  const dim = x.shape[normal]!;
  if (isSymbolic(dim)) throw shapeError('slice', `a numbered dimension on axis ${axis}`, x);
  const at = (index: number): number => (index < 0 ? index + dim : index);
  const [from, to] = [at(start), end === undefined ? dim : at(end)];
  if (from === 0 && to === dim && step === 1) return x;
  return sliceOp.apply([x], { axes: [normal], starts: [from], ends: [to], steps: [step] });
}

/** Tensors one after another along an axis. */
export function concat(tensors: readonly Tensor[], axis = -1): Tensor {
  const first = tensors[0];
  if (first === undefined) throw new LatentkitError('shape', 'concat: expected at least one tensor, got none');
  if (tensors.length === 1) return first;
  return concatOp.apply(tensors, { axis: normalizeAxis(axis, first.shape.length, 'concat') });
}

/** `value` added before and after each axis. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[], value = 0): Tensor {
  return [...before, ...after].every(n => n === 0) ? x : padOp.apply([x], { before, after, value });
}

/** The slices of `x` along an axis that int32 `indices` (any shape) name; their shape takes the axis's place. */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const normal = normalizeAxis(axis, x.shape.length, 'gather');
  if (normal === 0) return gatherOp.apply([x, indices], {});
  const others = x.shape.map((_, i) => i).filter(i => i !== normal);
  const rows = gatherOp.apply([transpose(x, [normal, ...others]), indices], {});
  // The indices' axes now lead; they go where the axis was.
  const k = indices.shape.length;
  const lead = Array.from({ length: k }, (_, i) => i);
  const rest = others.map((_, i) => k + i);
  return transpose(rows, [...rest.slice(0, normal), ...lead, ...rest.slice(normal)]);
}

/** A tensor of `rows` rows: the sum of the updates that go to each. */
export function scatterAdd(indices: Tensor, updates: Tensor, rows: Dim): Tensor {
  return scatterAddOp.apply([indices, updates], { rows });
}

/** One-hot vectors along a new last axis. */
export function oneHot(indices: Tensor, depth: number): Tensor {
  return oneHotOp.apply([indices], { depth });
}

/** The batch size N of the run, a float32 scalar. */
export function batchSize(): Tensor {
  return batchSizeOp.apply([], {});
}

/** Sums a cotangent of a broadcast result back to the shape of one operand. */
export function unbroadcast(g: Tensor, shape: Shape): Tensor {
  const lead = g.shape.length - shape.length;
  const axes = g.shape.flatMap((dim, i) => (i < lead || (shape[i - lead] === 1 && dim !== 1) ? [i] : []));
  return axes.length === 0 ? g : reshape(sum(g, axes), shape);
}

// What every op means, computed element by element from its definition: no ONNX, no speed, no sharing of code with the
// lowerings that it is held against.

import { LatentkitError } from '../../errors.ts';
import { bindShape, constantOp, isOp, type Op, type Tensor } from '../../graph/index.ts';
import { conv2dFilterGradOp, conv2dOp, convTranspose2dOp } from '../../ops/convolution.ts';
import { castOp } from '../../ops/elementwise.ts';
import type { OpName } from '../../ops/index.ts';
import { matmulOp } from '../../ops/linear.ts';
import { concatOp, padOp, sliceOp, transposeOp } from '../../ops/movement.ts';
import { argmaxOp, maxReduceOp, sumOp } from '../../ops/reduction.ts';
import * as convolution from './convolution.ts';
import { broadcastAt, type Dense, elementAt, forEachIndex, lengthOf, offsetOf, tabulate } from './dense.ts';
import { erf, sigmoid, softplus } from './special.ts';

/** Computes a node from its inputs' values. `shape` is the node's with N bound; `batch` is N. */
export type Kernel = (inputs: readonly Dense[], call: Call) => Dense;

interface Call {
  readonly node: Tensor;
  readonly shape: readonly number[];
  readonly batch: number;
}

/** A kernel that reads its op's attributes. */
function withAttributes<A>(
  op: Op<A>,
  compute: (inputs: readonly Dense[], attributes: A, shape: readonly number[]) => Dense,
): Kernel {
  return (inputs, { node, shape }) => {
    if (!isOp(node, op)) throw new LatentkitError('internal', `reference: ${node.op.name} was given to ${op.name}`);
    return compute(inputs, node.attributes, shape);
  };
}

const leaf: Kernel = (_, { node }) => {
  throw new LatentkitError('internal', `reference: the leaf ${node.op.name} is fed, not computed`);
};

const unary =
  (f: (x: number) => number): Kernel =>
  ([x], { shape }) => ({ shape, data: x!.data.map(f) });

const binary =
  (f: (a: number, b: number) => number): Kernel =>
  ([a, b], { shape }) =>
    tabulate(shape, at => f(broadcastAt(a!, at), broadcastAt(b!, at)));

/** Folds the elements along axes; the reduced axes may or may not be left in `shape`, which changes no order. */
function fold(x: Dense, axes: readonly number[], shape: readonly number[], start: number, f: typeof Math.max): Dense {
  const kept = x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
  const data = new Float64Array(lengthOf(shape)).fill(start);
  forEachIndex(x.shape, at => {
    const to = offsetOf(
      kept,
      at.map((index, i) => (axes.includes(i) ? 0 : index)),
    );
    data[to] = f(data[to]!, elementAt(x, at));
  });
  return { shape, data };
}

const casts: Readonly<Record<Tensor['dtype'], (x: number) => number>> = {
  float32: x => x,
  int32: Math.trunc,
  uint8: Math.trunc,
  bool: x => Number(x !== 0),
};

/** A row's number: negative ones count from the end, as in ONNX. */
function rowOf(index: number, rows: number): number {
  const row = index < 0 ? index + rows : index;
  if (row < 0 || row >= rows)
    throw new LatentkitError('runtime', `reference: expected a row below ${rows}, got ${index}`);
  return row;
}

export const kernels: Readonly<Record<OpName, Kernel>> = {
  input: leaf,
  parameter: leaf,
  noise: leaf,
  constant: withAttributes(constantOp, (_, { shape, data }) => ({ shape, data: Float64Array.from(data) })),

  neg: unary(x => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  floor: unary(Math.floor),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  sigmoid: unary(sigmoid),
  relu: unary(x => Math.max(x, 0)),
  erf: unary(erf),
  softplus: unary(softplus),
  cast: withAttributes(castOp, ([x], { to }, shape) => ({ shape, data: x!.data.map(casts[to]) })),
  stopGradient: ([x]) => x!,

  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  pow: binary(Math.pow),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  greater: binary((a, b) => Number(a > b)),
  greaterOrEqual: binary((a, b) => Number(a >= b)),
  equal: binary((a, b) => Number(a === b)),
  isNan: unary(x => Number(Number.isNaN(x))),
  select: ([condition, a, b], { shape }) =>
    tabulate(shape, at => (broadcastAt(condition!, at) !== 0 ? broadcastAt(a!, at) : broadcastAt(b!, at))),

  sum: withAttributes(sumOp, ([x], { axes }, shape) => fold(x!, axes, shape, 0, (a = 0, b = 0) => a + b)),
  max: withAttributes(maxReduceOp, ([x], { axes }, shape) => fold(x!, axes, shape, -Infinity, Math.max)),
  argmax: withAttributes(argmaxOp, ([x], { axis }, shape) =>
    tabulate(shape, at => {
      let [best, value] = [0, -Infinity];
      for (let i = 0; i < x!.shape[axis]!; i++) {
        const candidate = elementAt(x!, [...at.slice(0, axis), i, ...at.slice(axis)]);
        if (candidate > value) [best, value] = [i, candidate];
      }
      return best;
    }),
  ),

  matmul: withAttributes(matmulOp, ([a, b], { transposeA, transposeB }, shape) => {
    const inner = a!.shape.at(transposeA ? -2 : -1)!;
    return tabulate(shape, at => {
      const lead = at.slice(0, -2);
      const [row, column] = [at.at(-2)!, at.at(-1)!];
      let total = 0;
      for (let k = 0; k < inner; k++) {
        const x = broadcastAt(a!, transposeA ? [...lead, k, row] : [...lead, row, k]);
        total += x * broadcastAt(b!, transposeB ? [...lead, column, k] : [...lead, k, column]);
      }
      return total;
    });
  }),
  conv2d: withAttributes(conv2dOp, ([x, w], a, shape) => convolution.conv2d(x!, w!, a, shape)),
  convTranspose2d: withAttributes(convTranspose2dOp, ([x, w], a, shape) =>
    convolution.convTranspose2d(x!, w!, a, shape),
  ),
  conv2dFilterGrad: withAttributes(conv2dFilterGradOp, ([x, g], a, shape) =>
    convolution.conv2dFilterGrad(x!, g!, a, shape),
  ),

  reshape: ([x], { shape }) => ({ shape, data: x!.data }),
  transpose: withAttributes(transposeOp, ([x], { perm }, shape) =>
    tabulate(shape, at => {
      const from = at.map(() => 0);
      perm.forEach((axis, i) => {
        from[axis] = at[i]!;
      });
      return elementAt(x!, from);
    }),
  ),
  broadcastTo: ([x], { shape }) => tabulate(shape, at => broadcastAt(x!, at)),
  slice: withAttributes(sliceOp, ([x], { axes, starts, steps }, shape) =>
    tabulate(shape, at => {
      const from = [...at];
      axes.forEach((axis, i) => {
        from[axis] = starts[i]! + at[axis]! * steps[i]!;
      });
      return elementAt(x!, from);
    }),
  ),
  concat: withAttributes(concatOp, (inputs, { axis }, shape) =>
    tabulate(shape, at => {
      let index = at[axis]!;
      const source = inputs.find(x => {
        if (index < x.shape[axis]!) return true;
        index -= x.shape[axis]!;
        return false;
      });
      return elementAt(source!, at.with(axis, index));
    }),
  ),
  pad: withAttributes(padOp, ([x], { before, value }, shape) =>
    tabulate(shape, at => {
      const from = at.map((index, i) => index - before[i]!);
      return from.every((index, i) => index >= 0 && index < x!.shape[i]!) ? elementAt(x!, from) : value;
    }),
  ),
  gather: ([x, indices], { shape }) => {
    const rank = indices!.shape.length;
    return tabulate(shape, at => {
      const row = rowOf(elementAt(indices!, at.slice(0, rank)), x!.shape[0]!);
      return elementAt(x!, [row, ...at.slice(rank)]);
    });
  },
  scatterAdd: ([indices, updates], { shape }) => {
    const data = new Float64Array(lengthOf(shape));
    const rank = indices!.shape.length;
    forEachIndex(updates!.shape, at => {
      const row = rowOf(elementAt(indices!, at.slice(0, rank)), shape[0]!);
      data[offsetOf(shape, [row, ...at.slice(rank)])]! += elementAt(updates!, at);
    });
    return { shape, data };
  },
  oneHot: ([indices], { shape }) => tabulate(shape, at => Number(elementAt(indices!, at.slice(0, -1)) === at.at(-1))),
  batchSize: (_, { shape, batch }) => ({ shape, data: Float64Array.of(batch) }),
};

/** The static shape with N bound, for those who call kernels. */
export function callOf(node: Tensor, batch: number): Call {
  return { node, batch, shape: bindShape(node.shape, batch) };
}

// The conformance suite's cases, by op. The table is total: a new op does not compile before it has its cases here.

import { constant, type DType, noise, parameter, type Shape, type Tensor } from '../graph/index.ts';
import type { OpName } from './index.ts';
import * as ops from './index.ts';
import { between, type Draw, whole } from './testing.ts';

/** A leaf of a case; float32, and drawn clear of kinks, unless it says otherwise. */
interface Leaf {
  readonly shape: Shape;
  readonly dtype?: DType;
  readonly draw?: Draw;
}

/** An expression around one op. Its gradients, first and second, are checked by every float32 leaf. */
export interface Case {
  readonly leaves: Readonly<Record<string, Leaf>>;
  readonly build: (leaves: Readonly<Record<string, Tensor>>) => Tensor;
}

function on<K extends string>(
  leaves: Readonly<Record<K, Leaf>>,
  build: (leaves: Readonly<Record<K, Tensor>>) => Tensor,
): Case {
  return { leaves, build };
}

const f32 = (...shape: Shape): Leaf => ({ shape });
const positive = (...shape: Shape): Leaf => ({ shape, draw: between(0.3, 3) });
const indices = (count: number, ...shape: Shape): Leaf => ({ shape, dtype: 'int32', draw: whole(count) });

const unary = (f: (x: Tensor) => Tensor, leaf: typeof f32 = f32): Case[] => [
  on({ x: leaf('N', 3) }, ({ x }) => f(x)),
  on({ x: leaf() }, ({ x }) => f(x)),
];

/** An op of two operands in every way that they can broadcast. */
const binary = (f: (a: Tensor, b: Tensor) => Tensor, leaf: typeof f32 = f32): Case[] =>
  [
    { a: leaf('N', 3), b: leaf('N', 3) },
    { a: leaf('N', 3), b: leaf(3) },
    { a: leaf(), b: leaf('N', 3) },
    { a: leaf('N', 1, 3), b: leaf(2, 1) },
    { a: leaf('N', 1), b: leaf(1, 'N') },
  ].map(leaves => on(leaves, ({ a, b }) => f(a, b)));

const reductions = (f: typeof ops.sum): Case[] => [
  on({ x: f32('N', 3) }, ({ x }) => f(x)),
  on({ x: f32('N', 2, 3) }, ({ x }) => f(x, 0)),
  on({ x: f32('N', 2, 3) }, ({ x }) => f(x, [0, -1], { keepDims: true })),
  on({ x: f32('N', 2, 3) }, ({ x }) => f(x, 1)),
  on({ x: f32('N', 3) }, ({ x }) => f(x, [])),
];

const images = { x: f32('N', 2, 5, 4), w: f32(3, 2, 3, 2) };
const geometry = { strides: [2, 1], pads: [1, 0, 2, 1], dilations: [1, 2] } as const;

export const cases: Readonly<Record<OpName, readonly Case[]>> = {
  input: [
    on({ x: f32('N', 3) }, ({ x }) => x),
    on({ x: f32('4N', 2) }, ({ x }) => ops.neg(x)),
    on({ x: { shape: ['N'], dtype: 'uint8', draw: whole(256) } }, ({ x }) => ops.cast(x, 'float32')),
  ],
  parameter: [on({ x: f32('N', 3) }, ({ x }) => ops.mul(x, parameter('weights', [3], { type: 'constant', value: 1 })))],
  noise: [on({ x: f32('N', 3) }, ({ x }) => ops.mul(x, noise('noise', ['N', 3])))],
  constant: [
    on({ x: f32('N', 3) }, ({ x }) => ops.add(x, constant([1, -2, 0.1]))),
    on({ x: f32('N', 2) }, ({ x }) => ops.mul(x, constant([1, 2, 3, 4], [2, 1, 2]))),
    on({ x: f32('N', 2) }, ({ x }) => ops.mul(x, -0.25)),
  ],

  neg: unary(ops.neg),
  exp: unary(ops.exp),
  log: unary(ops.log, positive),
  sqrt: unary(ops.sqrt, positive),
  abs: unary(ops.abs),
  sign: unary(ops.sign),
  floor: unary(ops.floor),
  sin: unary(ops.sin),
  cos: unary(ops.cos),
  tanh: unary(ops.tanh),
  sigmoid: unary(ops.sigmoid),
  relu: unary(ops.relu),
  erf: unary(ops.erf),
  softplus: unary(ops.softplus),

  add: binary(ops.add),
  sub: binary(ops.sub),
  mul: binary(ops.mul),
  div: binary(ops.div),
  pow: [...binary(ops.pow, positive), on({ x: f32('N', 3) }, ({ x }) => ops.pow(x, 3))],
  maximum: binary(ops.maximum),
  minimum: binary(ops.minimum),
  greater: binary((a, b) => ops.cast(ops.greater(a, b), 'float32')),
  greaterOrEqual: [
    ...binary((a, b) => ops.cast(ops.greaterOrEqual(a, b), 'float32')),
    on({ a: indices(3, 'N', 4) }, ({ a }) =>
      ops.cast(ops.greaterOrEqual(ops.cast(a, 'float32'), constant([0, 1, 2, 3])), 'float32'),
    ),
  ],
  equal: [
    ...binary((a, b) => ops.cast(ops.equal(a, b), 'float32')),
    on({ a: indices(3, 'N'), b: indices(3, 4, 1) }, ({ a, b }) => ops.cast(ops.equal(a, b), 'float32')),
  ],
  // A leaf that is NaN has no finite differences; the logarithm of a negative number is NaN around it as well.
  isNan: [
    on({ x: f32('N', 3) }, ({ x }) => ops.cast(ops.isNan(ops.log(x)), 'float32')),
    on({ x: f32('N', 3) }, ({ x }) => ops.select(ops.isNan(ops.log(x)), ops.mul(x, x), x)),
  ],
  select: [
    ...binary((a, b) => ops.select(ops.greater(a, b), a, ops.mul(b, b))),
    on({ x: f32('N', 3), c: { shape: ['N', 1], dtype: 'bool', draw: whole(2) } }, ({ x, c }) => ops.select(c, x, -1)),
  ],
  cast: [
    on({ x: indices(9, 'N', 2) }, ({ x }) => ops.cast(x, 'float32')),
    on({ x: { shape: ['N', 2], draw: between(-4, 4) } }, ({ x }) => ops.cast(ops.cast(x, 'int32'), 'float32')),
    on({ x: { shape: ['N', 5], draw: whole(2) } }, ({ x }) => ops.cast(ops.cast(x, 'bool'), 'float32')),
    on({ x: { shape: ['N', 2], draw: between(0, 255) } }, ({ x }) => ops.cast(ops.cast(x, 'uint8'), 'float32')),
  ],
  // On what is constant around each point: elsewhere its gradient is not the derivative (grad.test.ts).
  stopGradient: [on({ x: f32('N', 3) }, ({ x }) => ops.mul(x, ops.stopGradient(ops.floor(x))))],

  sum: [
    ...reductions(ops.sum),
    // Sums that have lowerings of their own.
    on({ x: f32('N', 3) }, ({ x }) => ops.sum(x, 0)),
    on({ x: f32(4, 3), n: f32('N', 1) }, ({ x, n }) => ops.add(ops.sum(x, 0), n)),
    on({ x: f32('N', 20) }, ({ x }) => ops.sum(ops.softplus(x), 1)),
    on({ x: f32('N', 2, 16) }, ({ x }) => ops.sum(ops.softplus(x), [1, 2])),
    on({ x: f32('N', 20), a: f32('N', 20) }, ({ x, a }) => ops.sum(ops.sub(a, ops.softplus(x)), -1)),
  ],
  max: reductions(ops.max),
  argmax: [
    on({ x: f32('N', 3) }, ({ x }) => ops.cast(ops.argmax(x), 'float32')),
    on({ x: f32('N', 4, 2) }, ({ x }) => ops.cast(ops.argmax(x, 1), 'float32')),
    on({ x: indices(2, 'N', 5) }, ({ x }) => ops.cast(ops.argmax(ops.cast(x, 'float32')), 'float32')),
  ],

  matmul: [
    on({ a: f32('N', 3), b: f32(3, 2) }, ({ a, b }) => ops.matmul(a, b)),
    on({ a: f32('N', 3), b: f32('N', 2) }, ({ a, b }) => ops.matmul(a, b, { transposeA: true })),
    on({ a: f32('N', 3), b: f32(2, 3) }, ({ a, b }) => ops.matmul(a, b, { transposeB: true })),
    on({ a: f32(3, 4), b: f32('N', 3) }, ({ a, b }) => ops.matmul(a, b, { transposeA: true, transposeB: true })),
    on({ a: f32('N', 2, 3), b: f32('N', 3, 4) }, ({ a, b }) => ops.matmul(a, b)),
    on({ a: f32('N', 2, 3), b: f32(4, 3) }, ({ a, b }) => ops.matmul(a, b, { transposeB: true })),
    on({ a: f32(2, 3, 4), b: f32('N', 1, 3, 2) }, ({ a, b }) => ops.matmul(a, b, { transposeA: true })),
  ],
  conv2d: [
    on(images, ({ x, w }) => ops.conv2d(x, w)),
    on(images, ({ x, w }) => ops.conv2d(x, w, geometry)),
    on({ x: f32('N', 2, 6, 6), w: f32(3, 2, 4, 4) }, ({ x, w }) => ops.conv2d(x, w, { strides: 2, pads: 1 })),
    // Of 8 channels or more, which take another lowering (convolution-onnx.ts).
    on({ x: f32('N', 8, 6, 6), w: f32(9, 8, 4, 4) }, ({ x, w }) => ops.conv2d(x, w, { strides: 2, pads: 1 })),
    on({ x: f32('N', 8, 5, 4), w: f32(8, 8, 3, 2) }, ({ x, w }) => ops.conv2d(x, w, geometry)),
  ],
  convTranspose2d: [
    on({ ...images, w: f32(2, 3, 3, 2) }, ({ x, w }) => ops.convTranspose2d(x, w)),
    on({ ...images, w: f32(2, 3, 3, 2) }, ({ x, w }) =>
      ops.convTranspose2d(x, w, { ...geometry, outputPadding: [1, 0] }),
    ),
    on({ x: f32('N', 3, 3, 3), w: f32(3, 2, 4, 4) }, ({ x, w }) => ops.convTranspose2d(x, w, { strides: 2, pads: 1 })),
    on({ x: f32('N', 8, 3, 3), w: f32(8, 9, 4, 4) }, ({ x, w }) => ops.convTranspose2d(x, w, { strides: 2, pads: 1 })),
    on({ x: f32('N', 8, 4, 3), w: f32(8, 8, 6, 2) }, ({ x, w }) =>
      ops.convTranspose2d(x, w, { strides: [2, 1], pads: [3, 0, 2, 1], outputPadding: [1, 0] }),
    ),
  ],
  conv2dFilterGrad: [
    on({ x: f32('N', 2, 5, 4), g: f32('N', 3, 3, 3) }, ({ x, g }) => ops.conv2dFilterGrad(x, g, { kernel: [3, 2] })),
    on({ x: f32('N', 2, 5, 4), g: f32('N', 3, 3, 3) }, ({ x, g }) =>
      ops.conv2dFilterGrad(x, g, { ...geometry, kernel: [3, 2] }),
    ),
    on({ x: f32('N', 2, 6, 6), g: f32('N', 3, 3, 3) }, ({ x, g }) =>
      ops.conv2dFilterGrad(x, g, { strides: 2, pads: 1, kernel: [4, 4] }),
    ),
    on({ x: f32('N', 1, 3, 2), g: f32('N', 130, 2, 2) }, ({ x, g }) =>
      ops.conv2dFilterGrad(x, g, { pads: [0, 0, 0, 1], kernel: [2, 2] }),
    ),
    on({ x: f32('N', 8, 6, 6), g: f32('N', 9, 3, 3) }, ({ x, g }) =>
      ops.conv2dFilterGrad(x, g, { strides: 2, pads: 1, kernel: [4, 4] }),
    ),
  ],

  reshape: [
    on({ x: f32('N', 2, 6) }, ({ x }) => ops.reshape(x, ['N', 3, 4])),
    on({ x: f32('N', 7, 7, 2) }, ({ x }) => ops.reshape(x, ['49N', 2])),
    on({ x: f32('49N', 2) }, ({ x }) => ops.reshape(x, ['N', 7, 7, 2])),
    on({ x: f32('N', 'N', 2) }, ({ x }) => ops.reshape(x, ['2N', 'N'])),
    on({ x: f32(1, 1), n: f32('N') }, ({ x, n }) => ops.add(ops.reshape(x, []), n)),
  ],
  transpose: [
    on({ x: f32('N', 3) }, ({ x }) => ops.transpose(x)),
    on({ x: f32('N', 2, 3, 4) }, ({ x }) => ops.transpose(x, [2, 0, 3, 1])),
  ],
  broadcastTo: [
    on({ x: f32(3), n: f32('N', 1) }, ({ x, n }) => ops.add(ops.broadcastTo(x, ['N', 3]), n)),
    on({ x: f32('N', 1, 3) }, ({ x }) => ops.broadcastTo(x, ['N', 2, 3])),
    on({ x: f32('N', 1) }, ({ x }) => ops.broadcastTo(x, [2, 'N', 'N'])),
  ],
  slice: [
    on({ x: f32('N', 7) }, ({ x }) => ops.slice(x, 1, 1, 7, 3)),
    on({ x: f32('N', 7) }, ({ x }) => ops.slice(x, -1, -3)),
    on({ x: f32('N', 5, 6) }, ({ x }) => ops.slice(ops.slice(x, 1, 1, 4, 2), 2, 0, 5, 2)),
  ],
  concat: [
    on({ a: f32('N', 2), b: f32('N', 3) }, ({ a, b }) => ops.concat([a, b, a])),
    on({ a: f32('N', 1, 2), b: f32('N', 2, 2) }, ({ a, b }) => ops.concat([a, b], 1)),
  ],
  pad: [
    on({ x: f32('N', 3) }, ({ x }) => ops.pad(x, [0, 1], [0, 2])),
    on({ x: f32('N', 2, 3) }, ({ x }) => ops.pad(x, [0, 2, 0], [0, 0, 1], -7)),
  ],
  gather: [
    on({ x: f32(4, 2), i: indices(4, 'N', 3) }, ({ x, i }) => ops.gather(x, i)),
    on({ x: f32('N', 4, 2), i: indices(4, 5) }, ({ x, i }) => ops.gather(x, i, 1)),
    on({ x: f32(3), i: indices(3, 'N') }, ({ x, i }) => ops.gather(x, i)),
  ],
  scatterAdd: [
    on({ i: indices(4, 'N', 3), u: f32('N', 3, 2) }, ({ i, u }) => ops.scatterAdd(i, u, 4)),
    on({ i: indices(1, 5), u: f32(5), n: f32('N') }, ({ i, u, n }) => ops.mul(ops.scatterAdd(i, u, 'N'), n)),
  ],
  oneHot: [on({ i: { ...indices(5, 'N', 2), draw: u => Math.floor(u() * 7) - 1 } }, ({ i }) => ops.oneHot(i, 5))],
  batchSize: [on({ x: f32('N', 2) }, ({ x }) => ops.mul(x, ops.batchSize()))],
};

/** The composed functions, held to the same suite. */
export const composedCases: Readonly<Record<string, readonly Case[]>> = {
  square: unary(ops.square),
  clip: unary(x => ops.clip(x, -0.5, 1.5)),
  mean: reductions(ops.mean),
  logSumExp: reductions(ops.logSumExp),
  softmax: [on({ x: f32('N', 2, 3) }, ({ x }) => ops.softmax(x)), on({ x: f32('N', 3) }, ({ x }) => ops.softmax(x, 0))],
  logSoftmax: [on({ x: f32('N', 2, 3) }, ({ x }) => ops.logSoftmax(x, 1))],
  leakyRelu: unary(x => ops.leakyRelu(x, 0.2)),
  elu: unary(ops.elu),
  gelu: unary(ops.gelu),
  silu: unary(ops.silu),
  less: binary((a, b) => ops.cast(ops.less(a, b), 'float32')),
  conv1d: [
    on({ x: f32('N', 2, 9), w: f32(3, 2, 4) }, ({ x, w }) =>
      ops.conv1d(x, w, { stride: 2, pads: [1, 2], dilation: 2 }),
    ),
  ],
  convTranspose1d: [
    on({ x: f32('N', 2, 4), w: f32(2, 3, 4) }, ({ x, w }) =>
      ops.convTranspose1d(x, w, { stride: 3, pads: 1, outputPadding: 2 }),
    ),
  ],
  maxPool2d: [
    on({ x: f32('N', 2, 5, 4) }, ({ x }) => ops.maxPool2d(x, { kernel: 2 })),
    on({ x: f32('N', 2, 5, 4) }, ({ x }) => ops.maxPool2d(x, { kernel: [3, 2], strides: [2, 1], pads: [1, 0, 2, 1] })),
  ],
  avgPool2d: [
    on({ x: f32('N', 2, 5, 4) }, ({ x }) => ops.avgPool2d(x, { kernel: 2 })),
    on({ x: f32('N', 2, 5, 4) }, ({ x }) => ops.avgPool2d(x, { kernel: [3, 2], strides: [2, 1], pads: [1, 0, 2, 1] })),
  ],
  upsampleNearest2d: [on({ x: f32('N', 2, 2, 3) }, ({ x }) => ops.upsampleNearest2d(x, [2, 3]))],
};

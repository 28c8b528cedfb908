// Every op, once: the table of all definitions, and the functions that build nodes.

import { constantOp, inputOp, noiseOp, type Op, parameterOp } from '../graph/index.ts';
import * as convolution from './convolution.ts';
import * as elementwise from './elementwise.ts';
import * as linear from './linear.ts';
import * as movement from './movement.ts';
import * as reduction from './reduction.ts';

/** The names of all ops. A new op is added here first; what must know every op then fails to compile until it does. */
export type OpName =
  | 'input'
  | 'parameter'
  | 'noise'
  | 'constant'
  | 'neg'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'abs'
  | 'sign'
  | 'floor'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'sigmoid'
  | 'relu'
  | 'erf'
  | 'softplus'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'maximum'
  | 'minimum'
  | 'greater'
  | 'greaterOrEqual'
  | 'equal'
  | 'isNan'
  | 'select'
  | 'cast'
  | 'stopGradient'
  | 'sum'
  | 'max'
  | 'argmax'
  | 'matmul'
  | 'conv2d'
  | 'convTranspose2d'
  | 'conv2dFilterGrad'
  | 'reshape'
  | 'transpose'
  | 'broadcastTo'
  | 'slice'
  | 'concat'
  | 'pad'
  | 'gather'
  | 'scatterAdd'
  | 'oneHot'
  | 'batchSize';

/** All ops by name. */
export const ops: Readonly<Record<OpName, Op<unknown>>> = {
  input: inputOp,
  parameter: parameterOp,
  noise: noiseOp,
  constant: constantOp,
  neg: elementwise.negOp,
  exp: elementwise.expOp,
  log: elementwise.logOp,
  sqrt: elementwise.sqrtOp,
  abs: elementwise.absOp,
  sign: elementwise.signOp,
  floor: elementwise.floorOp,
  sin: elementwise.sinOp,
  cos: elementwise.cosOp,
  tanh: elementwise.tanhOp,
  sigmoid: elementwise.sigmoidOp,
  relu: elementwise.reluOp,
  erf: elementwise.erfOp,
  softplus: elementwise.softplusOp,
  add: elementwise.addOp,
  sub: elementwise.subOp,
  mul: elementwise.mulOp,
  div: elementwise.divOp,
  pow: elementwise.powOp,
  maximum: elementwise.maxOp,
  minimum: elementwise.minOp,
  greater: elementwise.greaterOp,
  greaterOrEqual: elementwise.greaterOrEqualOp,
  equal: elementwise.equalOp,
  isNan: elementwise.isNanOp,
  select: elementwise.selectOp,
  cast: elementwise.castOp,
  stopGradient: elementwise.stopGradientOp,
  sum: reduction.sumOp,
  max: reduction.maxReduceOp,
  argmax: reduction.argmaxOp,
  matmul: linear.matmulOp,
  conv2d: convolution.conv2dOp,
  convTranspose2d: convolution.convTranspose2dOp,
  conv2dFilterGrad: convolution.conv2dFilterGradOp,
  reshape: movement.reshapeOp,
  transpose: movement.transposeOp,
  broadcastTo: movement.broadcastToOp,
  slice: movement.sliceOp,
  concat: movement.concatOp,
  pad: movement.padOp,
  gather: movement.gatherOp,
  scatterAdd: movement.scatterAddOp,
  oneHot: movement.oneHotOp,
  batchSize: movement.batchSizeOp,
};

export * from './composed.ts';
export {
  type Conv1dOptions,
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv2dFilterGrad,
  convTranspose1d,
  convTranspose2d,
} from './convolution.ts';
export {
  abs,
  add,
  asTensor,
  cast,
  cos,
  div,
  equal,
  erf,
  exp,
  floor,
  greater,
  greaterOrEqual,
  isNan,
  less,
  log,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  relu,
  select,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  stopGradient,
  sub,
  tanh,
} from './elementwise.ts';
export { matmul } from './linear.ts';
export {
  batchSize,
  broadcastTo,
  concat,
  gather,
  oneHot,
  pad,
  reshape,
  scatterAdd,
  slice,
  transpose,
} from './movement.ts';
export { avgPool2d, maxPool2d, type PoolOptions, upsampleNearest2d } from './pooling.ts';
export { argmax, max, sum } from './reduction.ts';

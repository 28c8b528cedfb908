// Between data as they are kept (channels last, bytes or floats) and data as networks see them (channels first, scaled
// to [0, 1]). All of it is part of the model's graph, so an exported model takes the data as they are.

import { type Dim, input, type Tensor } from '../graph/index.ts';
import type { Scope } from '../nn/index.ts';
import { cast, less, mul, reshape, sub, transpose } from '../ops/index.ts';
import type { InputSpec, ModelSpec } from './spec.ts';
import { standardize } from './table.ts';

/** The input `x` of a model: [N, height, width, channels] or [N, width], in the data's own type and range. */
export function dataInput({ shape, dtype }: InputSpec): Tensor {
  return input('x', ['N', ...shape], dtype);
}

/** An example's shape as networks see it: [channels, height, width], or [width]. */
export function networkShape({ shape }: InputSpec): number[] {
  return shape.length === 1 ? [...shape] : [shape.at(-1)!, ...shape.slice(0, -1)];
}

/** Data as networks see them: float32, (value − low) / (high − low), channels first; a table's columns standardised. */
export function toNetwork(x: Tensor, spec: InputSpec): Tensor {
  if (spec.columns !== undefined) return standardize(x, spec.columns);
  const [low, high] = spec.range;
  const scaled = cast(channelsFirst(x), 'float32');
  const shifted = low === 0 ? scaled : sub(scaled, low);
  return mul(shifted, 1 / (high - low));
}

function channelsFirst(x: Tensor): Tensor {
  const [batch, ...shape] = x.shape as [Dim, ...number[]];
  if (shape.length === 1) return x;
  const channels = shape.at(-1)!;
  // One channel is only another reading of the same memory; several are moved while they are still bytes.
  if (channels === 1) return reshape(x, [batch, 1, ...shape.slice(0, -1)]);
  return transpose(x, [0, shape.length, ...shape.slice(0, -1).map((_, i) => i + 1)]);
}

/** Channels first back to channels last, on the scale of [0, 1]. */
export function channelsLast(y: Tensor): Tensor {
  const [batch, channels, ...size] = y.shape as [Dim, number, ...number[]];
  if (size.length === 0) return y;
  if (channels === 1) return reshape(y, [batch, ...size, 1]);
  return transpose(y, [0, ...size.map((_, i) => i + 2), 1]);
}

/** Dynamic binarisation: each pixel is 1 with its grey value as probability (Salakhutdinov & Murray 2008). */
export function binarize(x: Tensor, { binarization }: ModelSpec, scope: Scope): Tensor {
  if (binarization !== 'dynamic') return x;
  return cast(less(scope.noise('binarization', x.shape, 'uniform'), x), 'float32');
}

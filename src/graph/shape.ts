// Shapes with a symbolic batch. A dimension is a number, or a whole multiple of the batch size N: `N`, `10N`.
// Multiples let a batch be laid out flat ([N, 49, C] as [49N, C]) while one compiled model serves every batch size.

import { LatentkitError } from '../errors.ts';

/** One dimension: a number, the batch size `'N'`, or a multiple of it such as `'49N'`. */
export type Dim = number | 'N' | `${number}N`;

/** A tensor's dimensions, outermost first; `[]` is a scalar. */
export type Shape = readonly Dim[];

/** The element types that graphs use. `bool` is what comparisons give; int32 is what indices are. */
export type DType = 'float32' | 'int32' | 'uint8' | 'bool';

/** A count of elements as coefficient · Nᵖᵒʷᵉʳ. */
export interface Size {
  readonly coefficient: number;
  readonly power: number;
}

export function isSymbolic(dim: Dim): dim is 'N' | `${number}N` {
  return typeof dim === 'string';
}

/** How many times N a symbolic dimension is, or the number itself. */
export function coefficientOf(dim: Dim): number {
  if (typeof dim === 'number') return dim;
  return dim === 'N' ? 1 : Number(dim.slice(0, -1));
}

/** `factor` times N, in the one spelling that makes equal dimensions equal strings. */
export function timesN(factor: number): Dim {
  return factor === 1 ? 'N' : `${factor}N`;
}

/** A dimension times a number: 3 × `'N'` is `'3N'`. */
export function scaleDim(dim: Dim, factor: number): Dim {
  return typeof dim === 'number' ? dim * factor : timesN(coefficientOf(dim) * factor);
}

/** The number of elements of a shape, in terms of N. */
export function sizeOf(shape: Shape): Size {
  let coefficient = 1;
  let power = 0;
  for (const dim of shape) {
    coefficient *= coefficientOf(dim);
    if (isSymbolic(dim)) power += 1;
  }
  return { coefficient, power };
}

/** The shape with N bound to a batch size. */
export function bindShape(shape: Shape, batch: number): number[] {
  return shape.map(dim => (isSymbolic(dim) ? coefficientOf(dim) * batch : dim));
}

/** The number of elements of a shape without N. Throws where the shape has a symbolic dimension. */
export function staticSize(shape: Shape): number {
  const { coefficient, power } = sizeOf(shape);
  if (power > 0) throw new LatentkitError('shape', `expected a shape without N, got ${formatShape(shape)}`);
  return coefficient;
}

export function equalShapes(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** NumPy's broadcasting of two shapes, or undefined where they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    out.push(x === 1 ? y : x);
  }
  return out;
}

/** Axes as non-negative, sorted and unique numbers. Negative axes count from the end; `undefined` means all. */
export function normalizeAxes(axes: number | readonly number[] | undefined, rank: number, op: string): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === 'number' ? [axes] : axes).map(axis => normalizeAxis(axis, rank, op));
  const unique = [...new Set(list)].sort((x, y) => x - y);
  if (unique.length !== list.length) {
    throw new LatentkitError('shape', `${op}: an axis is named twice in [${list.join(', ')}]`);
  }
  return unique;
}

/** One axis as a non-negative number. */
export function normalizeAxis(axis: number, rank: number, op: string): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    throw new LatentkitError('shape', `${op}: expected an axis from ${-rank} to ${rank - 1}, got ${axis}`);
  }
  return normal;
}

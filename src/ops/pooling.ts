// Pooling and upsampling of images [N, C, H, W], composed of reductions, slices and reshapes.

import { constant, shapeError, type Tensor } from '../graph/index.ts';
import { padsOf, pair } from './convolution.ts';
import { add, div, maximum } from './elementwise.ts';
import { broadcastTo, pad, reshape, slice } from './movement.ts';
import { max, sum } from './reduction.ts';

/** A window that slides over an image. */
export interface PoolOptions {
  /** Height and width of the window; one number for both. */
  readonly kernel: number | readonly [number, number];
  /** Vertical and horizontal step. Default: the kernel, so that windows tile the image. */
  readonly strides?: number | readonly [number, number];
  /** Padding [top, left, bottom, right], or one number for all; smaller than the kernel. Default 0. */
  readonly pads?: number | readonly [number, number, number, number];
}

interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  /** Height and width of the image, and of the result. */
  readonly size: readonly [number, number];
  readonly result: readonly [number, number];
}

function windowOf(op: string, x: Tensor, options: PoolOptions): Window {
  const [height, width] = x.shape.slice(2);
  if (x.shape.length !== 4 || typeof height !== 'number' || typeof width !== 'number') {
    throw shapeError(op, 'images [batch, channels, height, width]', x);
  }
  const kernel = pair(op, 'kernel', options.kernel, 1);
  const strides = pair(op, 'strides', options.strides ?? kernel, 1);
  const pads = padsOf(op, options.pads ?? 0);
  const along = (axis: 0 | 1, length: number): number =>
    Math.floor((length + pads[axis] + pads[axis + 2]! - kernel[axis]) / strides[axis]) + 1;
  const result = [along(0, height), along(1, width)] as const;
  if (result.some(n => n < 1) || pads.some((n, i) => n >= kernel[i % 2]!)) {
    throw shapeError(op, `an image that holds the window [${kernel.join(', ')}], padded by less than the window`, x);
  }
  return { kernel, strides, pads, size: [height, width], result };
}

/** Where windows tile the image: rows and columns of a window as axes 3 and 5 of [N, C, H′, kh, W′, kw]. */
function tiles(x: Tensor, { kernel, strides, pads, result }: Window): Tensor | undefined {
  if (pads.some(n => n > 0) || strides.some((n, i) => n !== kernel[i])) return undefined;
  const cut = slice(slice(x, 2, 0, result[0] * kernel[0]), 3, 0, result[1] * kernel[1]);
  return reshape(cut, [x.shape[0]!, x.shape[1]!, result[0], kernel[0], result[1], kernel[1]]);
}

/** Combines the taps of all windows, first along the columns of a window, then along its rows. */
function slide(x: Tensor, window: Window, padding: number, combine: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const [top, left, bottom, right] = window.pads;
  let y = pad(x, [0, 0, top, left], [0, 0, bottom, right], padding);
  for (const axis of [0, 1] as const) {
    const step = window.strides[axis];
    const taps = Array.from({ length: window.kernel[axis] }, (_, tap) =>
      slice(y, axis + 2, tap, tap + (window.result[axis] - 1) * step + 1, step),
    );
    y = taps.reduce(combine);
  }
  return y;
}

/** The lowest float32: what never wins a maximum, and unlike −∞ leaves no NaN behind. */
const lowest = -3.4028234663852886e38;

/**
 * The largest pixel of each window: [N, C, H, W] → [N, C, H′, W′], H′ = ⌊(H + top + bottom − kernel) / stride⌋ + 1.
 * Padding never wins. Among equals the gradient is shared where windows tile the image, else goes to the first.
 */
export function maxPool2d(x: Tensor, options: PoolOptions): Tensor {
  const window = windowOf('maxPool2d', x, options);
  const tiled = tiles(x, window);
  return tiled === undefined ? slide(x, window, lowest, maximum) : max(tiled, [3, 5]);
}

/** The mean of each window's pixels, padding not counted: [N, C, H, W] → [N, C, H′, W′] (H′ as in `maxPool2d`). */
export function avgPool2d(x: Tensor, options: PoolOptions): Tensor {
  const window = windowOf('avgPool2d', x, options);
  const tiled = tiles(x, window);
  const total = tiled === undefined ? slide(x, window, 0, add) : sum(tiled, [3, 5]);
  const rows = counts(window, 0);
  const columns = counts(window, 1);
  return div(
    total,
    constant(
      rows.flatMap(r => columns.map(c => r * c)),
      window.result,
    ),
  );
}

/** How many rows (columns) of each window lie on the image. */
function counts({ kernel, strides, pads, size, result }: Window, axis: 0 | 1): number[] {
  return Array.from({ length: result[axis] }, (_, i) => {
    const start = i * strides[axis] - pads[axis];
    return Math.min(start + kernel[axis], size[axis]) - Math.max(start, 0);
  });
}

/** Each pixel repeated into a block of `scale`: [N, C, H, W] → [N, C, H · scale, W · scale]. */
export function upsampleNearest2d(x: Tensor, scale: number | readonly [number, number]): Tensor {
  const [vertical, horizontal] = pair('upsampleNearest2d', 'scale', scale, 1);
  const [batch, channels, height, width] = x.shape;
  if (x.shape.length !== 4 || typeof height !== 'number' || typeof width !== 'number') {
    throw shapeError('upsampleNearest2d', 'images [batch, channels, height, width]', x);
  }
  const blocks = reshape(x, [batch!, channels!, height, 1, width, 1]);
  return reshape(broadcastTo(blocks, [batch!, channels!, height, vertical, width, horizontal]), [
    batch!,
    channels!,
    height * vertical,
    width * horizontal,
  ]);
}

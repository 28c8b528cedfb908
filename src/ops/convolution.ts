// Two-dimensional convolution, NCHW. Three primitives, each bilinear, and each one's gradients are the other two
// (Dumoulin & Visin 2016, "A guide to convolution arithmetic"): with x the large image, y the small one and w the
// kernel, conv2d gives y from (x, w), convTranspose2d gives x from (y, w), conv2dFilterGrad gives w from (x, y).

import { LatentkitError } from '../errors.ts';
import {
  type Dim,
  defineOp,
  expectDType,
  formatShape,
  type Op,
  type Shape,
  shapeError,
  type Tensor,
} from '../graph/index.ts';
import type { Geometry } from './convolution-gather.ts';
import { lowerConv, lowerConvTranspose, lowerFilterGrad } from './convolution-onnx.ts';
import { reshape } from './movement.ts';

/** Steps of the kernel, zeros around the image, and spacing of the kernel's taps. */
export interface ConvOptions {
  /** Vertical and horizontal step; one number for both. Default 1. */
  readonly strides?: number | readonly [number, number];
  /** Rows and columns of zeros around the image: [top, left, bottom, right], or one number for all. Default 0. */
  readonly pads?: number | readonly [number, number, number, number];
  /** Distance between taps of the kernel; one number for both axes. Default 1. */
  readonly dilations?: number | readonly [number, number];
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Rows and columns more at the bottom and right, each smaller than its stride. Default 0. */
  readonly outputPadding?: number | readonly [number, number];
}

/** Where the kernel stands, in full. */
export interface ConvAttributes {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
}
export interface ConvTransposeAttributes extends ConvAttributes {
  readonly outputPadding: readonly [number, number];
}
export interface FilterGradAttributes extends ConvAttributes {
  readonly kernel: readonly [number, number];
}

/** Pixels from the first to the last tap of a kernel. */
function reach(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/** Height and width that a convolution gives. */
function convSize(image: readonly number[], kernel: readonly number[], a: ConvAttributes): [number, number] {
  const along = (axis: 0 | 1): number => {
    const room = image[axis]! + a.pads[axis] + a.pads[axis + 2]! - reach(kernel[axis]!, a.dilations[axis]);
    return Math.floor(room / a.strides[axis]) + 1;
  };
  return [along(0), along(1)];
}

/** Rows and columns that no stride of the kernel reaches: what a transpose needs to give the image's size back. */
function lostSize(image: readonly number[], kernel: readonly number[], a: ConvAttributes): [number, number] {
  const along = (axis: 0 | 1): number => {
    const room = image[axis]! + a.pads[axis] + a.pads[axis + 2]! - reach(kernel[axis]!, a.dilations[axis]);
    return room % a.strides[axis];
  };
  return [along(0), along(1)];
}

/** An image's batch, channels, and [height, width]; only the batch may be N. */
function imageOf(op: string, x: Tensor): { batch: Dim; channels: number; size: [number, number] } {
  const [batch, channels, height, width] = x.shape;
  if (x.shape.length !== 4 || [channels, height, width].some(dim => typeof dim !== 'number')) {
    throw shapeError(op, 'images [batch, channels, height, width]', x);
  }
  return { batch: batch!, channels: channels as number, size: [height as number, width as number] };
}

function kernelOf(op: string, w: Tensor): number[] {
  if (w.shape.length !== 4 || w.shape.some(dim => typeof dim !== 'number')) {
    throw shapeError(op, 'a kernel of four numbered dimensions', w);
  }
  return w.shape as number[];
}

/** [N, C, H, W] ∗ [O, C, kh, kw] → [N, O, H′, W′]. */
export const conv2dOp: Op<ConvAttributes> = defineOp<ConvAttributes>({
  name: 'conv2d',
  infer([x, w], a) {
    expectDType('conv2d', 'float32', x!, w!);
    const image = imageOf('conv2d', x!);
    const [outputs, channels, ...kernel] = kernelOf('conv2d', w!);
    if (channels !== image.channels) throw shapeError('conv2d', 'an image and a kernel of as many channels', x!, w!);
    const size = convSize(image.size, kernel, a);
    if (size.some(n => n < 1)) throw shapeError('conv2d', 'an image that holds the kernel', x!, w!);
    return { shape: [image.batch, outputs!, ...size], dtype: 'float32' };
  },
  vjp: (g, y, a) => {
    const [x, w] = [y.inputs[0]!, y.inputs[1]!];
    return [transposeLike(x.shape, g, w, a), filterGradLike(w.shape, x, g, a)];
  },
  onnx: (builder, node, a) =>
    lowerConv(builder, node.inputs[0]!, node.inputs[1]!, geometry(node.inputs[0]!, node, node.inputs[1]!.shape, a)),
});

/** [N, C, H, W] and [C, O, kh, kw] → [N, O, H′, W′]: each pixel lays the kernel, times itself, on a larger image. */
export const convTranspose2dOp: Op<ConvTransposeAttributes> = defineOp<ConvTransposeAttributes>({
  name: 'convTranspose2d',
  infer([x, w], a) {
    expectDType('convTranspose2d', 'float32', x!, w!);
    const image = imageOf('convTranspose2d', x!);
    const [channels, outputs, ...kernel] = kernelOf('convTranspose2d', w!);
    if (channels !== image.channels) {
      throw shapeError('convTranspose2d', 'an image and a kernel of as many input channels', x!, w!);
    }
    if (a.outputPadding.some((n, axis) => n >= a.strides[axis]!)) {
      throw optionError('convTranspose2d', 'outputPadding smaller than the stride', a.outputPadding);
    }
    const along = (axis: 0 | 1): number =>
      (image.size[axis] - 1) * a.strides[axis] +
      reach(kernel[axis]!, a.dilations[axis]) +
      a.outputPadding[axis] -
      a.pads[axis] -
      a.pads[axis + 2]!;
    const size = [along(0), along(1)];
    if (size.some(n => n < 1)) throw shapeError('convTranspose2d', 'an image larger than its padding', x!, w!);
    return { shape: [image.batch, outputs!, ...size], dtype: 'float32' };
  },
  vjp: (g, y, { strides, pads, dilations }) => {
    const [x, w] = [y.inputs[0]!, y.inputs[1]!];
    const a = { strides, pads, dilations };
    return [conv2dOp.apply([g, w], a), filterGradLike(w.shape, g, x, a)];
  },
  onnx: (builder, node, a) =>
    lowerConvTranspose(
      builder,
      node.inputs[0]!,
      node.inputs[1]!,
      geometry(node, node.inputs[0]!, node.inputs[1]!.shape, a),
    ),
});

/** From an image [N, C, H, W] and the cotangent [N, O, H′, W′] of its convolution, that of the kernel [O, C, kh, kw]. */
export const conv2dFilterGradOp: Op<FilterGradAttributes> = defineOp<FilterGradAttributes>({
  name: 'conv2dFilterGrad',
  infer([x, g], a) {
    expectDType('conv2dFilterGrad', 'float32', x!, g!);
    const [image, cotangent] = [imageOf('conv2dFilterGrad', x!), imageOf('conv2dFilterGrad', g!)];
    const size = convSize(image.size, a.kernel, a);
    if (image.batch !== cotangent.batch || size.some((n, axis) => n !== cotangent.size[axis])) {
      throw shapeError(
        'conv2dFilterGrad',
        `an image and a cotangent [${image.batch}, channels, ${size.join(', ')}]`,
        x!,
        g!,
      );
    }
    return { shape: [cotangent.channels, image.channels, ...a.kernel], dtype: 'float32' };
  },
  vjp: (c, y, { strides, pads, dilations }) => {
    const [x, g] = [y.inputs[0]!, y.inputs[1]!];
    const a = { strides, pads, dilations };
    return [transposeLike(x.shape, g, c, a), conv2dOp.apply([x, c], a)];
  },
  onnx: (builder, node, a) =>
    lowerFilterGrad(
      builder,
      node.inputs[0]!,
      node.inputs[1]!,
      geometry(node.inputs[0]!, node.inputs[1]!, node.shape, a),
    ),
});

/** The transposed convolution that gives an image of this very shape. */
function transposeLike(image: Shape, g: Tensor, w: Tensor, a: ConvAttributes): Tensor {
  const outputPadding = lostSize(image.slice(2) as number[], w.shape.slice(2) as number[], a);
  return convTranspose2dOp.apply([g, w], { ...a, outputPadding });
}

function filterGradLike(kernel: Shape, x: Tensor, g: Tensor, a: ConvAttributes): Tensor {
  return conv2dFilterGradOp.apply([x, g], { ...a, kernel: kernel.slice(2) as [number, number] });
}

function geometry(large: Tensor, small: Tensor, kernel: Shape, a: ConvAttributes): Geometry {
  return {
    strides: a.strides,
    pads: a.pads,
    dilations: a.dilations,
    kernel: [kernel[2] as number, kernel[3] as number],
    large: large.shape.slice(1) as [number, number, number],
    small: small.shape.slice(1) as [number, number, number],
  };
}

/**
 * Convolution (cross-correlation, as everywhere in the field): [N, C, H, W] with [O, C, kh, kw] → [N, O, H′, W′],
 * H′ = ⌊(H + top + bottom − dilation · (kh − 1) − 1) / stride⌋ + 1.
 */
export function conv2d(x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor {
  return conv2dOp.apply([x, w], normalize('conv2d', options));
}

/**
 * Transposed convolution, the gradient of `conv2d` with respect to its image: [N, C, H, W] with a kernel
 * [C, O, kh, kw] → [N, O, H′, W′], H′ = (H − 1) · stride + dilation · (kh − 1) + 1 + outputPadding − top − bottom.
 */
export function convTranspose2d(x: Tensor, w: Tensor, options: ConvTransposeOptions = {}): Tensor {
  const outputPadding = pair('convTranspose2d', 'outputPadding', options.outputPadding ?? 0, 0);
  return convTranspose2dOp.apply([x, w], { ...normalize('convTranspose2d', options), outputPadding });
}

/** The gradient of `conv2d` with respect to its kernel: [N, C, H, W] and [N, O, H′, W′] → [O, C, kh, kw]. */
export function conv2dFilterGrad(
  x: Tensor,
  g: Tensor,
  { kernel, ...options }: ConvOptions & { readonly kernel: readonly [number, number] },
): Tensor {
  return conv2dFilterGradOp.apply([x, g], { ...normalize('conv2dFilterGrad', options), kernel });
}

/** The options of a convolution along one axis; `pads` is [before, after], or one number for both. */
export interface Conv1dOptions {
  readonly stride?: number;
  readonly pads?: number | readonly [number, number];
  readonly dilation?: number;
}

/** Convolution along one axis: [N, C, L] with [O, C, k] → [N, O, L′]. */
export function conv1d(x: Tensor, w: Tensor, options: Conv1dOptions = {}): Tensor {
  return flatten(conv2d(asRow('conv1d', x), asRow('conv1d', w), rowOptions(options)));
}

/** Transposed convolution along one axis: [N, C, L] with [C, O, k] → [N, O, L′]. */
export function convTranspose1d(
  x: Tensor,
  w: Tensor,
  { outputPadding = 0, ...options }: Conv1dOptions & { readonly outputPadding?: number } = {},
): Tensor {
  const row = { ...rowOptions(options), outputPadding: [0, outputPadding] as const };
  return flatten(convTranspose2d(asRow('convTranspose1d', x), asRow('convTranspose1d', w), row));
}

function asRow(op: string, x: Tensor): Tensor {
  if (x.shape.length !== 3) throw shapeError(op, 'tensors of rank 3', x);
  return reshape(x, [x.shape[0]!, x.shape[1]!, 1, x.shape[2]!]);
}

function flatten(y: Tensor): Tensor {
  return reshape(y, [y.shape[0]!, y.shape[1]!, y.shape[3]!]);
}

function rowOptions({ stride = 1, pads = 0, dilation = 1 }: Conv1dOptions): ConvOptions {
  const [before, after] = typeof pads === 'number' ? [pads, pads] : pads;
  return { strides: [1, stride], pads: [0, before, 0, after], dilations: [1, dilation] };
}

/** Options in full, checked. */
function normalize(op: string, { strides = 1, pads = 0, dilations = 1 }: ConvOptions): ConvAttributes {
  return {
    strides: pair(op, 'strides', strides, 1),
    pads: padsOf(op, pads),
    dilations: pair(op, 'dilations', dilations, 1),
  };
}

/** Padding [top, left, bottom, right], or one number for all; whole and from 0. */
export function padsOf(op: string, pads: number | readonly [number, number, number, number]): ConvAttributes['pads'] {
  const four = typeof pads === 'number' ? ([pads, pads, pads, pads] as const) : pads;
  if (four.length === 4 && four.every(n => Number.isInteger(n) && n >= 0)) return four;
  throw optionError(op, 'pads [top, left, bottom, right] of whole numbers from 0', four);
}

/** One number for both axes, or one each; whole and at least `least`. */
export function pair(
  op: string,
  what: string,
  value: number | readonly [number, number],
  least: number,
): readonly [number, number] {
  const both = typeof value === 'number' ? ([value, value] as const) : value;
  if (both.length !== 2 || !both.every(n => Number.isInteger(n) && n >= least)) {
    throw optionError(op, `${what} of one or two whole numbers from ${least}`, both);
  }
  return both;
}

function optionError(op: string, expected: string, got: readonly number[]): LatentkitError {
  return new LatentkitError('shape', `${op}: expected ${expected}, got ${formatShape(got)}`);
}

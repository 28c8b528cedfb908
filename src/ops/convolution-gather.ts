// Convolutions as one matrix product for the whole batch. Pixels are gathered channels last, so that a pixel is a run of
// memory, and ONNX Runtime's optimiser cancels the transposes between such layers. A convolution and its filter gradient
// gather the same patches, and equal nodes are emitted once.

import type { OnnxBuilder, Tensor } from '../graph/index.ts';

/** The large and the small image ([channels, height, width]), and how the kernel relates them. */
export interface Geometry {
  readonly large: readonly [number, number, number];
  readonly small: readonly [number, number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
}

const toChannelsLast = { perm: [0, 2, 3, 1] };
const toChannelsFirst = { perm: [0, 3, 1, 2] };

/** Floats in the patches of one image. */
export function patchSize({ small, kernel, large }: Geometry): number {
  return small[1] * small[2] * kernel[0] * kernel[1] * large[0];
}

/** large, kernel → small: patches times filters. */
export function convByPatches(builder: OnnxBuilder, x: Tensor, w: Tensor, g: Geometry): string {
  const { small } = g;
  const filters = reshape(builder, builder.node('Transpose', [builder.value(w)], toChannelsLast), [small[0], -1]);
  const product = builder.node('Gemm', [patches(builder, builder.value(x), g), filters], { transB: 1 });
  return channelsFirst(builder, product, small);
}

/** large, small → kernel: patches, transposed, times cotangents. */
export function filterGradByPatches(builder: OnnxBuilder, x: Tensor, y: Tensor, g: Geometry): string {
  const { kernel, small, large } = g;
  const rows = reshape(builder, channelsLast(builder, builder.value(y), small), [-1, small[0]]);
  const taps = patches(builder, builder.value(x), g);
  // ONNX Runtime transposes the first factor again for each 128 columns of the second.
  if (small[0] > 128) {
    const product = reshape(builder, builder.node('Gemm', [rows, taps], { transA: 1 }), [
      small[0],
      kernel[0],
      kernel[1],
      large[0],
    ]);
    return builder.node('Transpose', [product], toChannelsFirst);
  }
  const product = reshape(builder, builder.node('Gemm', [taps, rows], { transA: 1 }), [
    kernel[0],
    kernel[1],
    large[0],
    small[0],
  ]);
  return builder.node('Transpose', [product], { perm: [3, 2, 0, 1] });
}

/**
 * The patches under each place of the kernel, [N · H′ · W′, kh · kw · C]: gathered from the padded image, channels last.
 * Taps that stand side by side in memory are moved together.
 */
function patches(
  builder: OnnxBuilder,
  x: string,
  { large, small, kernel, strides, pads, dilations }: Geometry,
): string {
  const [channels, height, width] = large;
  const together = dilations[1] === 1 ? greatestCommonDivisor(kernel[1], strides[1]) : 1;
  const [rows, columns] = [height + pads[0] + pads[2], width + pads[1] + pads[3]];
  const spare = (together - (columns % together)) % together;
  const image = padLast(builder, channelsLast(builder, x, large), [pads[0], pads[1], pads[2], pads[3] + spare]);
  const stride = (columns + spare) / together;
  const indices: number[] = [];
  for (let i = 0; i < small[1]; i++)
    for (let j = 0; j < small[2]; j++)
      for (let a = 0; a < kernel[0]; a++)
        for (let b = 0; b < kernel[1]; b += together)
          indices.push((i * strides[0] + a * dilations[0]) * stride + (j * strides[1] + b * dilations[1]) / together);
  const source = reshape(builder, image, [-1, rows * stride, together * channels]);
  const gathered = builder.node('Gather', [source, builder.ints(indices)], { axis: 1 });
  return reshape(builder, gathered, [-1, kernel[0] * kernel[1] * channels]);
}

/** One axis of a transposed convolution, in phases: the large image's places v · stride + phase, padding counted. */
export interface Phases {
  /** Taps of the kernel that a phase meets: a phase takes every stride-th tap. */
  readonly taps: number;
  /** The first v, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** Zeros that the small image needs before and after it, for v − tap to be in it. */
  readonly before: number;
  readonly after: number;
}

export function phasesOf({ large, small, kernel, strides, pads }: Geometry, axis: 0 | 1): Phases {
  const stride = strides[axis];
  const taps = Math.floor(kernel[axis] / stride);
  const first = Math.floor(pads[axis] / stride);
  const last = Math.floor((pads[axis] + large[axis + 1]! - 1) / stride);
  const before = Math.max(0, taps - 1 - first);
  const after = Math.max(0, last - (small[axis + 1]! - 1));
  return { taps, first, count: last - first + 1, before, after };
}

/**
 * Transposed convolution as one product: the pixels of one v, in all their phases, depend on the same few pixels of the
 * small image (v, v − 1, ...). Those are gathered, multiplied with the kernel's taps sorted by phase, and the result's
 * phases interleaved, and cropped, by a second gather.
 */
export function transposeByPhases(builder: OnnxBuilder, x: Tensor, w: Tensor, g: Geometry): string {
  const { large, small, strides, pads } = g;
  const [vertical, horizontal] = [phasesOf(g, 0), phasesOf(g, 1)];
  const image = padLast(builder, channelsLast(builder, builder.value(x), small), [
    vertical.before,
    horizontal.before,
    vertical.after,
    horizontal.after,
  ]);
  const width = small[2] + horizontal.before + horizontal.after;
  const height = small[1] + vertical.before + vertical.after;
  const near: number[] = [];
  for (let v = 0; v < vertical.count; v++)
    for (let h = 0; h < horizontal.count; h++)
      for (let s = 0; s < vertical.taps; s++)
        for (let t = 0; t < horizontal.taps; t++)
          near.push((v + vertical.first - s + vertical.before) * width + h + horizontal.first - t + horizontal.before);
  const source = reshape(builder, image, [-1, height * width, small[0]]);
  const gathered = builder.node('Gather', [source, builder.ints(near)], { axis: 1 });
  const rows = reshape(builder, gathered, [-1, vertical.taps * horizontal.taps * small[0]]);

  // [O, C, tap · stride + phase, ...] → [taps · O, phases · C].
  const split = reshape(builder, builder.value(w), [
    small[0],
    large[0],
    vertical.taps,
    strides[0],
    horizontal.taps,
    strides[1],
  ]);
  const sorted = builder.node('Transpose', [split], { perm: [2, 4, 0, 3, 5, 1] });
  const filters = reshape(builder, sorted, [
    vertical.taps * horizontal.taps * small[0],
    strides[0] * strides[1] * large[0],
  ]);

  const product = builder.node('Gemm', [rows, filters]);
  const places: number[] = [];
  for (let i = pads[0]; i < pads[0] + large[1]; i++)
    for (let j = pads[1]; j < pads[1] + large[2]; j++) {
      const [v, h] = [Math.floor(i / strides[0]) - vertical.first, Math.floor(j / strides[1]) - horizontal.first];
      places.push(((v * horizontal.count + h) * strides[0] + (i % strides[0])) * strides[1] + (j % strides[1]));
    }
  const blocks = vertical.count * horizontal.count * strides[0] * strides[1];
  const pixels = reshape(builder, product, [-1, blocks, large[0]]);
  const inOrder = places.length === blocks && places.every((place, i) => place === i);
  return channelsFirst(
    builder,
    inOrder ? pixels : builder.node('Gather', [pixels, builder.ints(places)], { axis: 1 }),
    large,
  );
}

/** For each pixel of the large image, the places [pixel of the small image, tap of the kernel] that add to it. */
function tapsOf({ large, small, kernel, strides, pads, dilations }: Geometry): [number, number][][] {
  const taps = Array.from({ length: large[1] * large[2] }, (): [number, number][] => []);
  for (let i = 0; i < small[1]; i++)
    for (let j = 0; j < small[2]; j++)
      for (let a = 0; a < kernel[0]; a++)
        for (let b = 0; b < kernel[1]; b++) {
          const y = i * strides[0] + a * dilations[0] - pads[0];
          const z = j * strides[1] + b * dilations[1] - pads[1];
          if (y < 0 || y >= large[1] || z < 0 || z >= large[2]) continue;
          taps[y * large[2] + z]!.push([i * small[2] + j, a * kernel[1] + b]);
        }
  return taps;
}

/**
 * Transposed convolution to few channels: each pixel of the small image times each tap, in one product; then for each
 * pixel of the large image, the products that fall on it are gathered and summed. One more tap, of zeros, stands for
 * what a pixel near the border lacks.
 */
export function transposeByTaps(builder: OnnxBuilder, x: Tensor, w: Tensor, g: Geometry): string {
  const { large, small, kernel } = g;
  const taps = kernel[0] * kernel[1];
  const rows = reshape(builder, channelsLast(builder, builder.value(x), small), [-1, small[0]]);
  const last = reshape(builder, builder.node('Transpose', [builder.value(w)], toChannelsLast), [
    small[0],
    taps * large[0],
  ]);
  const filters = builder.node('Pad', [last, builder.ints([0, 0, 0, large[0]]), builder.scalar(0)]);
  const products = reshape(builder, builder.node('Gemm', [rows, filters]), [
    -1,
    small[1] * small[2] * (taps + 1),
    large[0],
  ]);
  const places = tapsOf(g);
  const most = Math.max(1, ...places.map(list => list.length));
  const indices = Array.from({ length: most }, (_, i) =>
    places.map(list => {
      const [pixel, tap] = list[i] ?? [0, taps];
      return pixel * (taps + 1) + tap;
    }),
  );
  const gathered = builder.node('Gather', [products, builder.ints(indices.flat())], { axis: 1 });
  const terms = reshape(builder, gathered, [-1, most, places.length * large[0]]);
  return channelsFirst(builder, builder.node('ReduceSum', [terms, builder.ints([1])], { keepdims: 0 }), large);
}

/** An image with its channels last. With one channel that is a reshape, which moves nothing. */
function channelsLast(builder: OnnxBuilder, x: string, [channels, height, width]: Geometry['large']): string {
  if (channels === 1) return reshape(builder, x, [-1, height, width, 1]);
  return builder.node('Transpose', [x], toChannelsLast);
}

/** Rows of channels as images, channels first. */
function channelsFirst(builder: OnnxBuilder, rows: string, [channels, height, width]: Geometry['large']): string {
  if (channels === 1) return reshape(builder, rows, [-1, 1, height, width]);
  return builder.node('Transpose', [reshape(builder, rows, [-1, height, width, channels])], toChannelsFirst);
}

/** Zeros around an image whose channels are last: [top, left, bottom, right]. */
function padLast(builder: OnnxBuilder, image: string, pads: readonly [number, number, number, number]): string {
  if (pads.every(n => n === 0)) return image;
  const [top, left, bottom, right] = pads;
  return builder.node('Pad', [image, builder.ints([0, top, left, 0, 0, bottom, right, 0]), builder.scalar(0)]);
}

function reshape(builder: OnnxBuilder, x: string, shape: readonly number[]): string {
  return builder.node('Reshape', [x, builder.ints(shape)]);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

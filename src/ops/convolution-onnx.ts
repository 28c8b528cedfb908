// How the three convolutions become ONNX nodes. ONNX Runtime's Conv and ConvTranspose multiply one small matrix an image
// and gain little from a second core at the sizes of autoencoders; there, one product for the whole batch is taken
// (convolution-gather.ts). The bounds were measured on two cores of a Xeon, on layers from 8×8 to 64×64 pixels.

import type { OnnxBuilder, Tensor } from '../graph/index.ts';
import {
  convByPatches,
  filterGradByPatches,
  type Geometry,
  patchSize,
  phasesOf,
  transposeByPhases,
  transposeByTaps,
} from './convolution-gather.ts';

/**
 * Patches of an image, in floats, up to which gathering them for the whole batch beats ONNX Runtime's own kernels: by
 * measurement, about what stays in a core's second-level cache.
 */
const mostPatches = 40_000;
/** Filter gradients gain from gathering further out: up to what a batch's memory allows. */
const mostPatchesOfFilterGrad = 250_000;
/** Channels that a product must give to be worth its while. */
const fewestChannels = 8;

/** large, kernel → small. */
export function lowerConv(builder: OnnxBuilder, x: Tensor, w: Tensor, g: Geometry): string {
  const { kernel, strides, pads, dilations, small } = g;
  if (small[0] < fewestChannels || patchSize(g) > mostPatches) {
    return builder.node('Conv', [builder.value(x), builder.value(w)], {
      kernel_shape: kernel,
      strides,
      pads,
      dilations,
    });
  }
  return convByPatches(builder, x, w, g);
}

/** large, small → kernel. */
export function lowerFilterGrad(builder: OnnxBuilder, x: Tensor, y: Tensor, g: Geometry): string {
  const { small, large } = g;
  const most = large[0] < fewestChannels ? mostPatches : mostPatchesOfFilterGrad;
  if (small[0] < fewestChannels || patchSize(g) > most) return filterGradByConv(builder, x, y, g);
  return filterGradByPatches(builder, x, y, g);
}

/**
 * A convolution whose kernel is the small image, with batch and channels swapped, and stride and dilation too. Where the
 * stride does not divide, it gives rows and columns more than the kernel has; they are cut off.
 */
function filterGradByConv(builder: OnnxBuilder, x: Tensor, y: Tensor, g: Geometry): string {
  const { kernel, strides, pads, dilations, small } = g;
  const swap = { perm: [1, 0, 2, 3] };
  const grad = builder.node(
    'Conv',
    [builder.node('Transpose', [builder.value(x)], swap), builder.node('Transpose', [builder.value(y)], swap)],
    { kernel_shape: small.slice(1), strides: dilations, pads, dilations: strides },
  );
  const cut = builder.node('Slice', [grad, builder.ints([0, 0]), builder.ints(kernel), builder.ints([2, 3])]);
  return builder.node('Transpose', [cut], swap);
}

/** small, kernel → large. */
export function lowerConvTranspose(builder: OnnxBuilder, x: Tensor, w: Tensor, g: Geometry): string {
  if (worthPhases(g)) return transposeByPhases(builder, x, w, g);
  if (worthTaps(g)) return transposeByTaps(builder, x, w, g);
  const { kernel, strides, pads, dilations, large, small } = g;
  const outputPadding = [0, 1].map(
    axis =>
      large[axis + 1]! -
      ((small[axis + 1]! - 1) * strides[axis]! +
        dilations[axis]! * (kernel[axis]! - 1) +
        1 -
        pads[axis]! -
        pads[axis + 2]!),
  );
  return builder.node('ConvTranspose', [builder.value(x), builder.value(w)], {
    kernel_shape: kernel,
    strides,
    pads,
    dilations,
    output_padding: outputPadding,
  });
}

/** Whether phases are possible, waste no taps, and gather little. */
function worthPhases(g: Geometry): boolean {
  const { large, small, kernel, strides, dilations } = g;
  const [vertical, horizontal] = [phasesOf(g, 0), phasesOf(g, 1)];
  const gathered = vertical.count * horizontal.count * vertical.taps * horizontal.taps * small[0];
  return (
    dilations.every(d => d === 1) &&
    kernel.every((k, axis) => k % strides[axis]! === 0) &&
    Math.min(large[0], small[0]) >= fewestChannels &&
    gathered <= mostPatches
  );
}

/** Whether few channels come of many, at few enough places. */
function worthTaps({ large, small, kernel, strides }: Geometry): boolean {
  const overlap = Math.ceil(kernel[0] / strides[0]) * Math.ceil(kernel[1] / strides[1]);
  const gathered = large[1] * large[2] * overlap * large[0];
  return large[0] < fewestChannels && small[0] >= fewestChannels && gathered <= mostPatches;
}

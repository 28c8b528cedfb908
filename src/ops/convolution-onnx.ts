// How the three convolutions become ONNX nodes.

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

/** large, kernel → small. */
export function lowerConv(builder: OnnxBuilder, x: Tensor, w: Tensor, g: Geometry): string {
  const { kernel, strides, pads, dilations } = g;
  return builder.node('Conv', [builder.value(x), builder.value(w)], {
    kernel_shape: kernel,
    strides,
    pads,
    dilations,
  });
}

/** small, kernel → large. */
export function lowerConvTranspose(builder: OnnxBuilder, x: Tensor, w: Tensor, g: Geometry): string {
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

/**
 * large, small → kernel: a convolution whose kernel is the small image, with batch and channels swapped, and stride and
 * dilation too. Where the stride does not divide, it gives rows and columns more than the kernel has; they are cut off.
 */
export function lowerFilterGrad(builder: OnnxBuilder, x: Tensor, y: Tensor, g: Geometry): string {
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

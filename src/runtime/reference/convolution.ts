// Convolutions by their textbook sum. One walk over all pairs (pixel of the small image, tap of the kernel) serves the
// three: each product of two of (large, small, kernel) is added to the third.

import type { ConvAttributes } from '../../ops/convolution.ts';
import { type Dense, lengthOf, offsetOf } from './dense.ts';

/** [batch, channels, height, width] of both images and [small's channels, large's channels, height, width] of the kernel. */
interface Shapes {
  readonly large: readonly number[];
  readonly small: readonly number[];
  readonly kernel: readonly number[];
}

/** Visits every triple of flat indices whose product the convolution sums. */
function forEachTap(
  { large, small, kernel }: Shapes,
  { strides, pads, dilations }: ConvAttributes,
  visit: (large: number, small: number, kernel: number) => void,
): void {
  const [batch, outputs, rows, columns] = small as [number, number, number, number];
  const [, channels, kh, kw] = kernel as [number, number, number, number];
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++)
          for (let c = 0; c < channels; c++)
            for (let a = 0; a < kh; a++)
              for (let b = 0; b < kw; b++) {
                const y = i * strides[0] + a * dilations[0] - pads[0];
                const x = j * strides[1] + b * dilations[1] - pads[1];
                if (y < 0 || y >= large[2]! || x < 0 || x >= large[3]!) continue;
                visit(offsetOf(large, [n, c, y, x]), offsetOf(small, [n, o, i, j]), offsetOf(kernel, [o, c, a, b]));
              }
}

export function conv2d(x: Dense, w: Dense, attributes: ConvAttributes, shape: readonly number[]): Dense {
  const data = new Float64Array(lengthOf(shape));
  forEachTap({ large: x.shape, small: shape, kernel: w.shape }, attributes, (large, small, kernel) => {
    data[small]! += x.data[large]! * w.data[kernel]!;
  });
  return { shape, data };
}

export function convTranspose2d(x: Dense, w: Dense, attributes: ConvAttributes, shape: readonly number[]): Dense {
  const data = new Float64Array(lengthOf(shape));
  forEachTap({ large: shape, small: x.shape, kernel: w.shape }, attributes, (large, small, kernel) => {
    data[large]! += x.data[small]! * w.data[kernel]!;
  });
  return { shape, data };
}

export function conv2dFilterGrad(x: Dense, g: Dense, attributes: ConvAttributes, shape: readonly number[]): Dense {
  const data = new Float64Array(lengthOf(shape));
  forEachTap({ large: x.shape, small: g.shape, kernel: shape }, attributes, (large, small, kernel) => {
    data[kernel]! += x.data[large]! * g.data[small]!;
  });
  return { shape, data };
}

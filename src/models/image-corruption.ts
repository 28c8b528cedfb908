// What befalls whole images: blur, and JPEG's rounding (ITU-T T.81, annex A.3.3 and table K.1; quality as libjpeg scales the
// table). Images are [N, channels, height, width] on the scale of [0, 1].

import { rounded } from '../distributions/index.ts';
import { constant, type Tensor, type TensorLike } from '../graph/index.ts';
import {
  add,
  clip,
  concat,
  div,
  exp,
  floor,
  less,
  matmul,
  mul,
  reshape,
  select,
  slice,
  square,
  sub,
  sum,
  transpose,
} from '../ops/index.ts';

/** Blurred by a Gaussian of a deviation in pixels, [N, 1, 1, 1] or one for all; beyond the border nothing counts. */
export function blurred(x: Tensor, deviation: TensorLike): Tensor {
  const [height, width] = x.shape.slice(2) as [number, number];
  const precision = div(-0.5, square(asLevel(deviation)));
  return matmul(matmul(weights(height, precision), x), weights(width, precision), { transposeB: true });
}

/** How much each of `size` places takes from each: [N or 1, 1, size, size], rows that add up to 1. */
function weights(size: number, precision: Tensor): Tensor {
  const distances = Array.from({ length: size * size }, (_, i) => (Math.floor(i / size) - (i % size)) ** 2);
  const kernel = exp(mul(precision, constant(distances, [1, 1, size, size])));
  return div(kernel, sum(kernel, 3, { keepDims: true }));
}

const block = 8;

/** Table K.1, the luminance quantisation of quality 50, row by row. */
const luminance = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];

/** Through JPEG's transform and rounding, for a quality from 1 to 100, [N, 1, 1, 1] or one for all. */
export function jpegCoded(x: Tensor, quality: TensorLike): Tensor {
  const [rows, channels, height, width] = x.shape as [Tensor['shape'][number], number, number, number];
  const [down, across] = [Math.ceil(height / block), Math.ceil(width / block)];
  const whole = extended(extended(x, 2, down * block), 3, across * block);
  const blocks = transpose(reshape(whole, [rows, channels, down, block, across, block]), [0, 1, 2, 4, 3, 5]);
  const cosines = constant(cosineTransform(), [block, block]);
  const levels = sub(mul(blocks, 255), 128);
  const coefficients = matmul(matmul(cosines, levels), cosines, { transposeB: true });
  const steps = stepsAt(quality);
  const kept = mul(rounded(div(coefficients, steps)), steps);
  const back = matmul(matmul(cosines, kept, { transposeA: true }), cosines);
  const image = reshape(transpose(back, [0, 1, 2, 4, 3, 5]), [rows, channels, down * block, across * block]);
  return clip(mul(add(slice(slice(image, 2, 0, height), 3, 0, width), 128), 1 / 255), 0, 1);
}

/** The table's steps at a quality: [N or 1, 1, 1, 1, 8, 8]. */
function stepsAt(quality: TensorLike): Tensor {
  const level = asLevel(quality);
  const percent = select(less(level, 50), div(5000, level), sub(200, mul(2, level)));
  const scale = reshape(percent, [percent.shape[0]!, 1, 1, 1, 1, 1]);
  const table = constant(luminance, [1, 1, 1, 1, block, block]);
  return clip(floor(mul(add(mul(table, scale), 50), 0.01)), 1, 255);
}

/** The orthonormal cosine transform of 8 numbers, row by row. */
function cosineTransform(): number[] {
  return Array.from({ length: block * block }, (_, i) => {
    const [k, n] = [Math.floor(i / block), i % block];
    return Math.sqrt((k === 0 ? 1 : 2) / block) * Math.cos(((2 * n + 1) * k * Math.PI) / (2 * block));
  });
}

/** An axis made longer by its last place, again and again. */
function extended(x: Tensor, axis: number, length: number): Tensor {
  const size = x.shape[axis] as number;
  const last = slice(x, axis, size - 1, size);
  return concat([x, ...Array.from({ length: length - size }, () => last)], axis);
}

/** One level for all, or one for each row, as [1 or N, 1, 1, 1]. */
function asLevel(level: TensorLike): Tensor {
  return typeof level === 'number' ? constant(level, [1, 1, 1, 1]) : level;
}

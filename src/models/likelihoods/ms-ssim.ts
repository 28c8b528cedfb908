// Whole images are compared by their multi-scale structural similarity (Wang, Simoncelli and Bovik 2003, "Multiscale
// Structural Similarity for Image Quality Assessment", equation 7; as a loss of autoencoders: Snell et al. 2017, "Learning
// to Generate Images with Perceptual Similarity Metrics"). No density: the pseudo-log-likelihood is −weight · D · (1 −
// MS-SSIM) with D the numbers of an image. That is on the scale of nats: for small errors at one scale, D · (1 − SSIM) is
// Σ error² / (2 · variance), as of a normal likelihood whose variance is the image's own about each place.

import { z } from 'zod';
import { constant, type Tensor } from '../../graph/index.ts';
import {
  add,
  avgPool2d,
  concat,
  div,
  exp,
  log,
  matmul,
  maximum,
  mean,
  mul,
  sigmoid,
  square,
  sub,
  transpose,
} from '../../ops/index.ts';
import { defineLikelihood, type LikelihoodDefinition, partsOf } from './likelihood.ts';

export interface MsSsimLikelihood {
  readonly type: 'msSsim';
  /** What the pseudo-log-likelihood is multiplied by. Default 1. */
  readonly weight: number;
  /** How many scales at most, each half as large as the one before. Default 5; fewer where the window would not fit. */
  readonly scales: number;
}

/** Σ over scales of these exponents is 1; of fewer scales they are the first, divided by their sum (Wang et al. 2003). */
const exponents: readonly number[] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/** The window's pixels along an axis, and the deviation of its Gaussian. */
const [window, deviation] = [11, 1.5];

/** (K₁ L)² and (K₂ L)² with K₁ = 0.01, K₂ = 0.03 and L = 1 (Wang et al. 2004). */
const [c1, c2] = [0.01 ** 2, 0.03 ** 2];

/** Where powers are taken, similarities below this count as this: no power of a negative number, and a slope at 0. */
const least = 1e-3;

/** A smaller image is all within one deviation or two of the window's middle. */
const leastSide = 4;

export const msSsimLikelihood: LikelihoodDefinition<MsSsimLikelihood> = defineLikelihood<MsSsimLikelihood>({
  type: 'msSsim',
  schema: z.strictObject({
    type: z.literal('msSsim'),
    weight: z.number().gt(0).default(1),
    scales: z.int().min(1).max(exponents.length).default(exponents.length),
  }),
  byName: { type: 'msSsim', weight: 1, scales: exponents.length },
  binary: false,
  measure: () => 'pseudo',
  misfit({ shape }) {
    if (shape.length === 3 && shape[0]! >= leastSide && shape[1]! >= leastSide) return undefined;
    return (
      `it compares images under a window, for which it needs an input [height, width, channels] of at least ` +
      `${leastSide}×${leastSide}, got [${shape.join(', ')}]`
    );
  },
  outputsPerChannel: () => 1,
  build({ weight, scales }, _, { shape }) {
    const numbers = shape.reduce((product, dim) => product * dim, 1);
    return {
      logProb: (x, output) => mul(weight * numbers, sub(msSsim(x, sigmoid(output), scales), 1)),
      mean: sigmoid,
    };
  },
});

/**
 * MS-SSIM of images [N, channels, height, width] on the scale of [0, 1], averaged over channels: [N]. Each scale but the
 * coarsest has its mean of contrast and structure, the coarsest its SSIM. An odd row or column at the end is left out of
 * the next scale.
 */
function msSsim(a: Tensor, b: Tensor, most: number): Tensor {
  const sides = a.shape.slice(2) as number[];
  const scales = Math.min(most, scalesOf(Math.min(...sides)));
  if (scales === 1) return mean(similarity(a, b).whole, 1);
  const total = exponents.slice(0, scales).reduce((x, y) => x + y);
  let [x, y] = [a, b];
  let logarithm: Tensor | undefined;
  for (let scale = 0; scale < scales; scale++) {
    if (scale > 0) [x, y] = [avgPool2d(x, { kernel: 2 }), avgPool2d(y, { kernel: 2 })];
    const { contrast, whole } = similarity(x, y);
    const factor = log(maximum(scale < scales - 1 ? contrast : whole, least));
    const term = mul(exponents[scale]! / total, factor);
    logarithm = logarithm ? add(logarithm, term) : term;
  }
  return mean(exp(logarithm!), 1);
}

/** At how many scales the window fits: one at least, for which an image may be smaller. */
function scalesOf(side: number): number {
  let count = 1;
  while (Math.floor(side / 2 ** count) >= window) count += 1;
  return count;
}

interface Similarity {
  /** The mean over places of contrast and structure: [N, channels]. */
  readonly contrast: Tensor;
  /** The mean over places of SSIM, which is these times luminance: [N, channels]. */
  readonly whole: Tensor;
}

/** Wang et al. 2004, equations 6, 9 and 10, at all places where the window fits. */
function similarity(x: Tensor, y: Tensor): Similarity {
  // All five means under the window in one product along each axis.
  const [meanX, meanY, xx, yy, xy] = partsOf(blurred(concat([x, y, square(x), square(y), mul(x, y)], 1)), 5) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const product = mul(meanX, meanY);
  const squares = add(square(meanX), square(meanY));
  const luminance = div(add(mul(2, product), c1), add(squares, c1));
  const structure = div(add(mul(2, sub(xy, product)), c2), add(sub(add(xx, yy), squares), c2));
  return { contrast: mean(structure, [2, 3]), whole: mean(mul(luminance, structure), [2, 3]) };
}

/**
 * Means under the window: [N, planes, height, width] → [N, planes, width′, height′]. The Gaussian is separable: a product
 * with a banded matrix along the width, then one along the height, which leaves the axes swapped.
 */
function blurred(planes: Tensor): Tensor {
  const [height, width] = planes.shape.slice(2) as [number, number];
  return matmul(transpose(matmul(planes, band(width)), [0, 1, 3, 2]), band(height));
}

/** The window at all places along an axis where it fits, one a column: [size, places]. */
function band(size: number): Tensor {
  const length = Math.min(window, size);
  const places = size - length + 1;
  const raw = Array.from({ length }, (_, i) => Math.exp(-0.5 * ((i - (length - 1) / 2) / deviation) ** 2));
  const total = raw.reduce((a, b) => a + b);
  const data = Array.from({ length: size * places }, (_, i) => {
    const tap = Math.floor(i / places) - (i % places);
    return (raw[tap] ?? 0) / total;
  });
  return constant(data, [size, places]);
}

// The cases of likelihoods that explain an image as a whole: not sums over its numbers. Formulas are written out in
// float64 place by place, with windows of two dimensions, sharing no code with the graphs.

import type { InputSpec } from '../spec.ts';
import type { MsSsimLikelihood } from './ms-ssim.ts';

/** A likelihood of whole images, and what it must give. Images and outputs are channels first, laid flat. */
export interface ImageCase {
  readonly spec: MsSsimLikelihood;
  readonly input: InputSpec;
  readonly pairs: readonly (readonly [image: readonly number[], output: readonly number[]])[];
  logProb(image: readonly number[], output: readonly number[]): number;
  mean(output: readonly number[]): number[];
}

const sigmoid = (y: number): number => 1 / (1 + Math.exp(-y));

interface Plane {
  readonly height: number;
  readonly width: number;
  at(row: number, column: number): number;
}

/** Contrast and structure, and SSIM, averaged over places. */
function similarities(x: Plane, y: Plane): { readonly contrast: number; readonly whole: number } {
  const [rows, columns] = [Math.min(11, x.height), Math.min(11, x.width)];
  const gauss = (i: number, length: number): number => Math.exp(-((i - (length - 1) / 2) ** 2) / (2 * 1.5 ** 2));
  const sums = { contrast: 0, whole: 0, places: 0 };
  for (let top = 0; top + rows <= x.height; top++) {
    for (let left = 0; left + columns <= x.width; left++) {
      const taps = Array.from({ length: rows * columns }, (_, i) => {
        const [r, c] = [Math.floor(i / columns), i % columns];
        return { w: gauss(r, rows) * gauss(c, columns), x: x.at(top + r, left + c), y: y.at(top + r, left + c) };
      });
      const total = taps.reduce((sum, { w }) => sum + w, 0);
      const average = (f: (tap: { x: number; y: number }) => number): number =>
        taps.reduce((sum, tap) => sum + (tap.w / total) * f(tap), 0);
      const [mx, my] = [average(tap => tap.x), average(tap => tap.y)];
      const [vx, vy] = [average(tap => (tap.x - mx) ** 2), average(tap => (tap.y - my) ** 2)];
      const covariance = average(tap => (tap.x - mx) * (tap.y - my));
      const contrast = (2 * covariance + 0.0009) / (vx + vy + 0.0009);
      sums.contrast += contrast;
      sums.whole += (contrast * (2 * mx * my + 0.0001)) / (mx ** 2 + my ** 2 + 0.0001);
      sums.places += 1;
    }
  }
  return { contrast: sums.contrast / sums.places, whole: sums.whole / sums.places };
}

function halved(plane: Plane): Plane {
  const at = (r: number, c: number): number =>
    (plane.at(2 * r, 2 * c) +
      plane.at(2 * r + 1, 2 * c) +
      plane.at(2 * r, 2 * c + 1) +
      plane.at(2 * r + 1, 2 * c + 1)) /
    4;
  return { height: Math.floor(plane.height / 2), width: Math.floor(plane.width / 2), at };
}

/** MS-SSIM of one channel, given the exponents of its scales. */
function msSsim(x: Plane, y: Plane, [exponent, ...rest]: readonly number[]): number {
  const { contrast, whole } = similarities(x, y);
  if (rest.length === 0) return exponent === 1 ? whole : Math.max(whole, 1e-3) ** exponent!;
  return Math.max(contrast, 1e-3) ** exponent! * msSsim(halved(x), halved(y), rest);
}

const wave = (i: number): number => 0.5 + 0.5 * Math.sin(0.37 * i + 2 * Math.sin(0.011 * i ** 1.5));
const logit = (p: number): number => Math.log(p / (1 - p));

/** A case of images of random waves: outputs near the image, apart from it, and its negative. */
function caseOf(
  spec: MsSsimLikelihood,
  [height, width, channels]: readonly [number, number, number],
  exponents: readonly number[],
): ImageCase {
  const size = height * width;
  const numbers = size * channels;
  const image = Array.from({ length: numbers }, (_, i) => wave(i));
  const held = image.map(v => 0.05 + 0.9 * v);
  const near = held.map((v, i) => logit(v) + 0.3 * Math.sin(5 * i));
  const apart = image.map((_, i) => 2 * Math.sin(0.7 * i + 1));
  const negative = held.map(v => -logit(v));
  const planeOf = (values: readonly number[], channel: number): Plane => ({
    height,
    width,
    at: (r, c) => values[channel * size + r * width + c]!,
  });
  const mean = (output: readonly number[]): number[] => output.map(sigmoid);
  return {
    spec,
    input: { shape: [height, width, channels], dtype: 'uint8', range: [0, 255] },
    pairs: [near, negative, apart].map(output => [image, output] as const),
    mean,
    logProb(x, output) {
      const y = mean(output);
      const each = Array.from({ length: channels }, (_, c) => msSsim(planeOf(x, c), planeOf(y, c), exponents));
      return -spec.weight * numbers * (1 - each.reduce((a, b) => a + b) / channels);
    },
  };
}

/** All cases: as many scales as fit, one scale, and images that are smaller than the window. */
export const imageCases: readonly ImageCase[] = [
  caseOf(
    { type: 'msSsim', weight: 1, scales: 5 },
    [44, 45, 1],
    [0.0448, 0.2856, 0.3001].map(e => e / 0.6305),
  ),
  caseOf(
    { type: 'msSsim', weight: 0.5, scales: 2 },
    [23, 22, 2],
    [0.0448, 0.2856].map(e => e / 0.3304),
  ),
  caseOf({ type: 'msSsim', weight: 1, scales: 1 }, [23, 22, 2], [1]),
  caseOf({ type: 'msSsim', weight: 2, scales: 5 }, [5, 12, 3], [1]),
];

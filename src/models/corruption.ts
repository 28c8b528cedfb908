// Denoising (Vincent et al. 2008, "Extracting and Composing Robust Features with Denoising Autoencoders"; Im et al. 2017
// for VAEs): in training the encoder sees the data corrupted, while the likelihood is that of the data as they are.
//
// A level may be a range, of which each row draws its own each time: what is learned then takes noise of unknown level.
// Data of bytes cannot hold what is below black or above white, so there the corrupted are clipped as well.

import { z } from 'zod';
import { rounded } from '../distributions/index.ts';
import type { Dim, Tensor, TensorLike } from '../graph/index.ts';
import type { Scope } from '../nn/index.ts';
import { add, clip, div, greaterOrEqual, less, maximum, mul, select, sqrt } from '../ops/index.ts';
import { blurred, jpegCoded } from './image-corruption.ts';
import type { InputSpec, ModelSpec } from './spec.ts';

/** How much: the same for every row, or drawn evenly from a range for each. */
export type Level = number | readonly [low: number, high: number];

/**
 * All on the data's scale of [0, 1].
 * - `gaussian`: normal noise of a standard deviation is added
 * - `speckle`: as `gaussian`, times the number itself
 * - `poisson`: what so many `photons` make of a number of 1: counts over their greatest mean, a count being taken as the
 *   nearest whole number to a normal one of the same mean and variance
 * - `saltAndPepper`: each number becomes 0 or 1, either as likely, with the probability `rate`
 * - `mask`: each number is set to 0 with the probability `rate`, or in a table's row hidden: set to NaN, as if missing
 * - `blur`: an image is blurred by a Gaussian of a standard deviation in pixels
 * - `jpeg`: an image goes through JPEG's 8×8 cosine transform, rounded for a `quality` from 1 to 100, each channel as luminance
 */
export type Corruption =
  | { readonly type: 'gaussian' | 'speckle' | 'blur'; readonly deviation: Level }
  | { readonly type: 'poisson'; readonly photons: Level }
  | { readonly type: 'saltAndPepper' | 'mask'; readonly rate: Level }
  | { readonly type: 'jpeg'; readonly quality: Level };

const levelOf = (number: z.ZodNumber): z.ZodType<Level> => {
  const range = z.tuple([number, number]).refine(([low, high]) => low <= high, 'expected [low, high] with low ≤ high');
  return z.union([number, range]);
};
const positive = levelOf(z.number().gt(0));
const share = levelOf(z.number().gt(0).lt(1));

export const corruptionSchema: z.ZodType<Corruption> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['gaussian', 'speckle', 'blur']), deviation: positive }),
  z.strictObject({ type: z.literal('poisson'), photons: positive }),
  z.strictObject({ type: z.enum(['saltAndPepper', 'mask']), rate: share }),
  z.strictObject({ type: z.literal('jpeg'), quality: levelOf(z.number().min(1).max(100)) }),
]);

/** What the encoder sees of data x [N, channels, ...]: in training, x corrupted anew each time. */
export function corrupt(x: Tensor, { corruption, input }: ModelSpec, scope: Scope): Tensor {
  return corruption === undefined || !scope.training ? x : corrupted(x, corruption, input, scope);
}

/** Data x [N, channels, ...] on the scale of [0, 1], corrupted by noise of the scope. */
export function corrupted(x: Tensor, corruption: Corruption, input: InputSpec, scope: Scope): Tensor {
  const y = damaged(x, corruption, input, scope);
  return input.dtype === 'uint8' ? clip(y, 0, 1) : y;
}

function damaged(x: Tensor, corruption: Corruption, { columns }: InputSpec, scope: Scope): Tensor {
  const level = (of: Level): TensorLike => drawnLevel(of, x, scope);
  const noise = (kind: 'normal' | 'uniform'): Tensor => scope.noise('corruption', x.shape, kind);
  switch (corruption.type) {
    case 'gaussian':
      return add(x, mul(level(corruption.deviation), noise('normal')));
    case 'speckle':
      return mul(x, add(1, mul(level(corruption.deviation), noise('normal'))));
    case 'poisson': {
      const photons = level(corruption.photons);
      const mean = maximum(mul(photons, x), 0);
      return div(maximum(rounded(add(mean, mul(sqrt(mean), noise('normal')))), 0), photons);
    }
    case 'saltAndPepper': {
      // One number decides both: below half the rate pepper, below the rate salt.
      const [drawn, rate] = [noise('uniform'), level(corruption.rate)];
      return select(less(drawn, rate), select(less(drawn, mul(rate, 0.5)), 0, 1), x);
    }
    case 'mask':
      return select(
        greaterOrEqual(noise('uniform'), level(corruption.rate)),
        x,
        columns === undefined ? 0 : Number.NaN,
      );
    case 'blur':
      return blurred(x, level(corruption.deviation));
    case 'jpeg':
      return jpegCoded(x, level(corruption.quality));
  }
}

/** A level as it is, or drawn for each row: [N, 1, ...], as many axes as x has. */
function drawnLevel(level: Level, x: Tensor, scope: Scope): TensorLike {
  if (typeof level === 'number') return level;
  const [low, high] = level;
  const [rows, ...rest] = x.shape as [Dim, ...Dim[]];
  return add(low, mul(high - low, scope.noise('corruptionLevel', [rows, ...rest.map(() => 1)], 'uniform')));
}

/** Why a corruption cannot befall such data, as a sentence without its end; undefined where it can. */
export function misfitOf({ type }: Corruption, { shape, columns }: InputSpec): string | undefined {
  if (columns !== undefined) {
    return type === 'mask'
      ? undefined
      : `the corruption "${type}" would change the indices of categories; choose "mask", which hides values`;
  }
  if ((type === 'blur' || type === 'jpeg') && shape.length !== 3) {
    return `the corruption "${type}" is one of images [height, width, channels], got rows of [${shape.join(', ')}]`;
  }
  return undefined;
}

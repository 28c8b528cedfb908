// The kinds of fields that layer schemas share.

import { z } from 'zod';
import type { Width } from './layer.ts';

/** One number for both axes, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number];

/** Zeros around an image: one number for all sides, [top, left, bottom, right], or as many as keep its size. */
export type Padding = number | readonly [number, number, number, number] | 'same';

/** Zeros around a signal: one number for both ends, [before, after], or as many as keep its length. */
export type LinePadding = number | readonly [number, number] | 'same';

/** A whole number of at least 1. */
export const countSchema: z.ZodType<number> = z.int().min(1);

/** A whole number of at least 1, or `'output'`. */
export const widthSchema: z.ZodType<Width> = z.union([countSchema, z.literal('output')]);

const size: z.ZodType<number> = z.int().min(0);

/** One or two whole numbers of at least 1. */
export const pairSchema: z.ZodType<Pair> = z.union([countSchema, z.tuple([countSchema, countSchema])]);

/** One or two whole numbers of at least 0. */
export const sizePairSchema: z.ZodType<Pair> = z.union([size, z.tuple([size, size])]);

export const paddingSchema: z.ZodType<Padding> = z.union([size, z.tuple([size, size, size, size]), z.literal('same')]);

export const linePaddingSchema: z.ZodType<LinePadding> = z.union([size, z.tuple([size, size]), z.literal('same')]);

/** Both axes of a pair. */
export function both(pair: Pair): readonly [number, number] {
  return typeof pair === 'number' ? [pair, pair] : pair;
}

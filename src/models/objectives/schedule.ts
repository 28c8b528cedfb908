// Courses of an objective's scalars over training.

import { z } from 'zod';
import type { Position } from './objective.ts';

/** A length of training. */
export type Duration = { readonly epochs: number } | { readonly steps: number };

export const positive: z.ZodType<number> = z.number().gt(0);
export const nonNegative: z.ZodType<number> = z.number().min(0);

/** A length in steps. */
export function stepsOf(duration: Duration, { stepsPerEpoch }: Position): number {
  return 'steps' in duration ? duration.steps : duration.epochs * stepsPerEpoch;
}

/** From one value to another in a line within so many steps; from then on the latter. */
export function line(from: number, to: number, step: number, steps: number): number {
  return from + (to - from) * Math.min(1, step / steps);
}

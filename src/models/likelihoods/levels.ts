// What likelihoods over levels share.

import { z } from 'zod';

/** A number of levels: a whole number from 2 to 65,536. */
export const levelsSchema: z.ZodType<number> = z.int().min(2).max(65536);

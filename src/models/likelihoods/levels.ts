// What likelihoods over levels share.

import { z } from 'zod';

/** A number of levels: a whole number from 2 to 65,536; 256 unless told. */
export const levelsSchema: z.ZodType<number> = z.int().min(2).max(65536).default(256);

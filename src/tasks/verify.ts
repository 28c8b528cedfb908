// Whether a run is what was written: the hash of every file, and the exported models against the engine's numbers.

import { z } from 'zod';
import { type Verification, verifyRun } from '../artifact/index.ts';
import { folderOf } from './run-folder.ts';
import { summaries } from './summaries.ts';
import { defineTask, type NoInput, noInput, type Task } from './task.ts';

const output: z.ZodType<Verification> = z.object({
  ok: z.boolean(),
  files: z.object({ checked: z.int(), missing: z.array(z.string()), changed: z.array(z.string()) }),
  models: z.array(
    z.object({
      model: z.enum(['encoder', 'decoder', 'score']),
      // Infinite where a model is missing or gives something else altogether.
      difference: z.number().or(z.literal(Number.POSITIVE_INFINITY)),
      ok: z.boolean(),
    }),
  ),
});

export const verify: Task<NoInput, Verification> = defineTask({
  name: 'verify',
  summary: summaries.verify,
  example: 'verify runs/mnist-mlp',
  input: noInput,
  output,
  async run({ run, progress }) {
    const found = await verifyRun(folderOf(run, 'verify'), run.vae.runtime);
    progress?.(1);
    return found;
  },
});

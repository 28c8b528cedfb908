// What a run is, in one object: config, parameters, course of the training, files.

import { z } from 'zod';
import { noteSentences, type RunConfig, readMetrics, standingNotes } from '../artifact/index.ts';
import { folderOf } from './run-folder.ts';
import { summaries } from './summaries.ts';
import { defineTask, type NoInput, noInput, type Task } from './task.ts';

export interface Inspection {
  readonly config: RunConfig;
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[]; readonly size: number }[];
  /** All parameters' numbers. */
  readonly size: number;
  /** Whether training came to its end. */
  readonly finished: boolean;
  readonly epochs: number;
  /** The epoch whose parameters are kept, and its true bound on the validation rows in nats; none before the first. */
  readonly best?:
    | { readonly epoch: number; readonly negElbo: number; readonly reconstruction: number; readonly kl: number }
    | undefined;
  /** What the doctor found in training and did not see resolved, in sentences. */
  readonly doctor: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

const terms = { negElbo: z.number(), reconstruction: z.number(), kl: z.number() };

const output: z.ZodType<Inspection> = z.object({
  config: z.custom<RunConfig>(value => typeof value === 'object' && value !== null).describe('config.json'),
  parameters: z.array(z.object({ name: z.string(), shape: z.array(z.int()), size: z.int() })),
  size: z.int(),
  finished: z.boolean(),
  epochs: z.int(),
  best: z.object({ epoch: z.int(), ...terms }).optional(),
  doctor: z.array(z.string()),
  files: z.array(z.object({ path: z.string(), bytes: z.int() })),
});

export const inspect: Task<NoInput, Inspection> = defineTask({
  name: 'inspect',
  summary: summaries.inspect,
  example: 'inspect runs/mnist-mlp',
  input: noInput,
  output,
  async run({ run }) {
    const folder = folderOf(run, 'inspect');
    const records = await readMetrics(folder);
    const best = records.findLast(record => record.best);
    const parameters = run.vae.model.parameters.map(({ name, shape }) => ({
      name,
      shape,
      size: shape.reduce((a, b) => a * b, 1),
    }));
    const paths = await folder.list();
    const files = await Promise.all(paths.map(async path => ({ path, bytes: (await folder.read(path)).length })));
    const { negElbo = 0, reconstruction = 0, kl = 0 } = best?.validation ?? {};
    return {
      config: run.config,
      parameters,
      size: parameters.reduce((sum, { size }) => sum + size, 0),
      finished: paths.includes('golden.json'),
      epochs: records.length,
      ...(best && { best: { epoch: best.epoch, negElbo, reconstruction, kl } }),
      doctor: standingNotes(records).map(note => noteSentences(note).join(' ')),
      files,
    };
  },
});

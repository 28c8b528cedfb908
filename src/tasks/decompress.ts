// What was compressed, to the last bit.

import { z } from 'zod';
import { decodeRows } from '../compression/index.ts';
import { readFileBytes } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import type { HostTensor } from '../runtime/index.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Task } from './task.ts';
import { uint8Tensor } from './tensors.ts';

export interface DecompressInput {
  /** Path of a file that `compress` gave. */
  readonly file?: string | undefined;
}

export interface Decompressed {
  /** [n, ...shape of the data]. */
  readonly rows: HostTensor<'uint8'>;
  /** What the rows were called, where they had names: paths of images. */
  readonly names?: readonly string[] | undefined;
}

const input: z.ZodType<DecompressInput, DecompressInput> = z.strictObject({
  file: z.string().min(1).optional().describe('the compressed file'),
});

const output: z.ZodType<Decompressed> = z.object({ rows: uint8Tensor, names: z.array(z.string()).optional() });

export const decompress: Task<DecompressInput, Decompressed> = defineTask({
  name: 'decompress',
  summary: summaries.decompress,
  example: 'decompress runs/mnist-mlp digits.lkz --out again',
  input,
  output,
  async run({ run, signal, progress }, { file }) {
    if (file === undefined) {
      throw new LatentkitError('usage', 'decompress: expected a file that `latentkit compress` wrote. Name it.');
    }
    return decodeRows(run.vae, await readFileBytes(file), { signal, progress });
  },
});

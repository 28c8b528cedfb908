// Data as codes: the means of their posteriors, for search, clustering and other models.

import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import type { Rows } from '../models/index.ts';
import { float32, type HostTensor } from '../runtime/index.ts';
import { datasetOf, eachChunk, type RowsInput, rowsFields } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor, int32Tensor } from './tensors.ts';

export interface EmbedInput extends RowsInput {
  /** Give the log-variances of the posteriors too. */
  readonly logVar?: boolean | undefined;
}

export interface Embedded {
  /** The posteriors' means, [rows, latent]. */
  readonly mean: HostTensor<'float32'>;
  /** [rows, latent], where asked for. */
  readonly logVar?: HostTensor<'float32'> | undefined;
  /** Class numbers [rows], where the data have labels. */
  readonly labels?: HostTensor<'int32'> | undefined;
  readonly labelNames?: readonly string[] | undefined;
}

const input: z.ZodType<Filled<EmbedInput, 'split' | 'logVar'>, EmbedInput> = z.strictObject({
  ...rowsFields,
  logVar: z.boolean().default(false).describe('give the log-variances of the posteriors too'),
});

const output: z.ZodType<Embedded> = z.object({
  mean: float32Tensor,
  logVar: float32Tensor.optional(),
  labels: int32Tensor.optional(),
  labelNames: z.array(z.string()).optional(),
});

export const embed: Task<EmbedInput, Embedded> = defineTask({
  name: 'embed',
  summary: summaries.embed,
  example: 'embed runs/mnist-mlp --split train --out codes.npy',
  input,
  output,
  async run(context, { data: source, split, logVar: wanted }) {
    const { vae } = context.run;
    const data = await datasetOf(context, { data: source, split });
    const { latent } = vae.model.spec;
    const empty = (): HostTensor<'float32'> => float32(new Float32Array(data.size * latent), [data.size, latent]);
    const [mean, logVar] = [empty(), empty()];
    await eachChunk(data, { start: 0, end: data.size }, context, async (rows, first) => {
      const posterior = await vae.run('encoder', rows);
      mean.data.set(posterior.mean!.data, first * latent);
      if (wanted) logVar.data.set(logVarOf(posterior), first * latent);
    });
    const { values, names } = data.labels ?? {};
    return {
      mean,
      ...(wanted && { logVar }),
      ...(values && { labels: { dtype: 'int32', shape: [data.size], data: Int32Array.from(values) } as const }),
      ...(names && { labelNames: names }),
    };
  },
});

function logVarOf({ logVar }: Rows): Float32Array {
  if (logVar !== undefined) return logVar.data;
  throw new LatentkitError(
    'usage',
    'embed: expected a posterior that has log-variances, which those of this model have not; leave logVar out.',
  );
}

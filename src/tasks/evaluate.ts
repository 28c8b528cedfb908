// The evidence lower bound on data, as `evaluate/bound.ts` estimates it, with its kind.

import { z } from 'zod';
import { evaluateBound } from '../evaluate/index.ts';
import type { Binarization } from '../models/index.ts';
import { datasetOf, type RowsInput, rowsFields } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';

export interface EvaluateInput extends RowsInput {
  /** Draws of z for each row; their bounds are averaged. Default 1. */
  readonly samples?: number | undefined;
  readonly seed?: number | undefined;
}

/** A bound: nats a row, summed over dimensions, averaged over rows and draws. negElbo = reconstruction + kl. */
export interface Evaluation {
  readonly negElbo: number;
  readonly reconstruction: number;
  readonly kl: number;
  /** An upper bound on −log p(x), in expectation; no estimate of it. */
  readonly kind: 'bound';
  readonly unit: 'nats per row';
  readonly likelihood: string;
  readonly binarization: Binarization;
  readonly samples: number;
  readonly rows: number;
  readonly data: string;
  readonly split: string;
}

const input: z.ZodType<Filled<EvaluateInput, 'split' | 'samples' | 'seed'>, EvaluateInput> = z.strictObject({
  ...rowsFields,
  samples: z.int().min(1).max(10_000).default(1).describe('draws of z for each row, whose bounds are averaged'),
  seed: z.int().min(0).default(0).describe('seed of the draws'),
});

const output: z.ZodType<Evaluation> = z.object({
  negElbo: z.number(),
  reconstruction: z.number(),
  kl: z.number(),
  kind: z.literal('bound'),
  unit: z.literal('nats per row'),
  likelihood: z.string(),
  binarization: z.enum(['none', 'static', 'dynamic']),
  samples: z.int(),
  rows: z.int(),
  data: z.string(),
  split: z.string(),
});

export const evaluate: Task<EvaluateInput, Evaluation> = defineTask({
  name: 'evaluate',
  summary: summaries.evaluate,
  example: 'evaluate runs/mnist-mlp --split test --samples 10',
  input,
  output,
  async run(context, { data: source, split, samples, seed }) {
    const { vae, config } = context.run;
    const data = await datasetOf(context, { data: source, split });
    const sums = { reconstruction: 0, kl: 0 };
    for (let draw = 0; draw < samples; draw++) {
      context.signal?.throwIfAborted();
      const bound = await evaluateBound(vae, data, seed + draw);
      sums.reconstruction += bound.reconstruction;
      sums.kl += bound.kl;
      context.progress?.((draw + 1) / samples);
    }
    const reconstruction = sums.reconstruction / samples;
    const kl = sums.kl / samples;
    const { likelihood, binarization } = config.model;
    return {
      negElbo: reconstruction + kl,
      reconstruction,
      kl,
      kind: 'bound',
      unit: 'nats per row',
      likelihood: likelihood.type,
      binarization,
      samples,
      rows: data.size,
      data: data.name,
      split,
    };
  },
});

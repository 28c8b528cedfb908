// The flags of `train`, as schemas: those that choose the model, and those that say how to train. What they mean is
// checked once more, in full, by the schemas of the model and the training.

import { z } from 'zod';
import type { TrainingInput } from '../artifact/index.ts';
import {
  type Condition,
  likelihoods,
  type ModelOptions,
  networks,
  type PresetOptions,
  posteriors,
  priors,
  samplerTypes,
} from '../models/index.ts';

/** What may be chosen of a model on the command line. */
export interface ModelFlags {
  readonly network?: PresetOptions['network'];
  readonly latent?: number | undefined;
  readonly hidden?: number | readonly number[] | undefined;
  readonly likelihood?: ModelOptions['likelihood'];
  readonly posterior?: ModelOptions['posterior'];
  readonly prior?: ModelOptions['prior'];
  readonly sampler?: ModelOptions['sampler'];
  readonly condition?: Condition['type'] | undefined;
  readonly klWeight?: number | undefined;
  readonly klWarmupEpochs?: number | undefined;
  readonly freeBits?: number | undefined;
  readonly binarization?: ModelOptions['binarization'];
}

const width = z.int().min(1);

/** One of a table of parts, by its name. */
function partOf<K extends string>(table: Readonly<Record<K, unknown>>): z.ZodOptional<z.ZodEnum<{ [T in K]: T }>> {
  return z.enum(Object.keys(table) as [K, ...K[]]).optional();
}

export const modelFlags: z.ZodType<ModelFlags> = z.strictObject({
  network: partOf(networks).describe("layers to take instead of the model's own"),
  latent: width.optional().describe('dimensions of the code (default: 32)'),
  hidden: z
    .union([width, z.array(width)])
    .optional()
    .describe('widths of the hidden layers, such as 512,256'),
  likelihood: partOf(likelihoods).describe('how the decoder explains the data'),
  posterior: partOf(posteriors).describe('family of q(z|x)'),
  prior: partOf(priors).describe('p(z)'),
  sampler: z.enum(samplerTypes).optional().describe('what `generate` draws codes by (default: prior)'),
  condition: z
    .enum(['label', 'attributes', 'semiSupervised'])
    .optional()
    .describe('what the model is told of each row: its class, its attributes, or the class of some rows'),
  klWeight: z.number().min(0).optional().describe("weight of the KL in training (default: 1, the bound's own)"),
  klWarmupEpochs: z.number().gt(0).optional().describe('epochs in which the KL weight grows from 0'),
  freeBits: z.number().gt(0).optional().describe('nats for each latent dimension that cost nothing'),
  binarization: z.enum(['none', 'static', 'dynamic']).optional().describe('how grey values become black and white'),
});

/** What may be said of the training on the command line. */
export interface TrainingFlags {
  readonly epochs?: number | undefined;
  readonly batchSize?: number | undefined;
  readonly seed?: number | undefined;
  readonly labelled?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly optimizer?: 'adam' | 'adamw' | 'sgd' | undefined;
  readonly schedule?: 'constant' | 'cosine' | undefined;
  readonly clipNorm?: number | undefined;
  readonly ema?: number | undefined;
  readonly patience?: number | undefined;
  readonly checkpointSeconds?: number | undefined;
  readonly doctor?: TrainingInput['doctor'];
}

export const trainingFlags: z.ZodType<TrainingFlags> = z.strictObject({
  epochs: z
    .int()
    .positive()
    .optional()
    .describe('passes over the training rows (default: 20; of few rows, what makes 6,000 steps)'),
  batchSize: z
    .int()
    .positive()
    .optional()
    .describe('rows of one step (default: 128; of few rows, a sixteenth of them)'),
  seed: z.int().min(0).optional().describe('seed of everything random (default: 1)'),
  labelled: z
    .int()
    .positive()
    .optional()
    .describe('training rows whose class is known, where it may be inferred (default: all)'),
  learningRate: z.number().positive().optional().describe('learning rate (default: 1e-3, for sgd 1e-2)'),
  optimizer: z.enum(['adam', 'adamw', 'sgd']).optional().describe('optimiser (default: adam)'),
  schedule: z.enum(['constant', 'cosine']).optional().describe('course of the learning rate (default: constant)'),
  clipNorm: z.number().positive().optional().describe('largest norm of the whole gradient'),
  ema: z.number().gt(0).lt(1).optional().describe('decay of a moving average of the parameters, such as 0.999'),
  patience: z.int().positive().optional().describe('stop after so many epochs without a better validation bound'),
  checkpointSeconds: z.number().min(0).optional().describe('seconds between checkpoints within an epoch (default: 30)'),
  doctor: z
    .enum(['off', 'watch', 'fix'])
    .optional()
    .describe('watch says what goes wrong with the model and what mends it (default), fix mends it and goes on'),
});

/** Model flags as a preset takes them. */
export function presetOptionsOf(flags: ModelFlags): PresetOptions {
  const { klWeight: _, klWarmupEpochs: __, freeBits: ___, condition: ____, ...parts } = flags;
  const objective = objectiveOf(flags);
  return { ...parts, ...(Object.keys(objective).length > 0 && { objective }) };
}

type ObjectiveOptions = Exclude<ModelOptions['objective'], string | undefined>;

/** The part of the model flags that bends the bound. */
export function objectiveOf({ klWeight, klWarmupEpochs, freeBits }: ModelFlags): ObjectiveOptions {
  return {
    ...(klWeight !== undefined && { klWeight }),
    ...(klWarmupEpochs !== undefined && { klWarmup: { epochs: klWarmupEpochs } }),
    ...(freeBits !== undefined && { freeBits }),
  };
}

/** A config's training with the flags laid over it. Another optimiser or schedule begins with its own defaults. */
export function withTrainingFlags(config: TrainingInput, flags: TrainingFlags): TrainingInput {
  const { learningRate, optimizer, schedule, clipNorm, ema, ...counts } = flags;
  const type = optimizer ?? config.optimizer?.type ?? 'adam';
  const settings = {
    ...(learningRate !== undefined && { learningRate }),
    ...(clipNorm !== undefined && { clipNorm }),
    ...(ema !== undefined && { ema }),
  };
  return {
    ...config,
    ...counts,
    optimizer: { ...(type === config.optimizer?.type && config.optimizer), type, ...settings },
    ...(schedule !== undefined && schedule !== config.schedule?.type && { schedule: { type: schedule } }),
  };
}

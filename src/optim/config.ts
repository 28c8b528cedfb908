// Optimisers as data: what a training config, the command line and the server accept, and what a run folder records.

import { z } from 'zod';

interface Common {
  /** The base that a schedule scales. */
  readonly learningRate: number;
  /** Gradients whose norm over all parameters is larger are scaled down to it. */
  readonly clipNorm?: number | undefined;
  /** Decay of an exponential moving average of the parameters. */
  readonly ema?: number | undefined;
}

interface AdamCommon extends Common {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization". */
export interface AdamConfig extends AdamCommon {
  readonly type: 'adam';
}

/** Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization". */
export interface AdamWConfig extends AdamCommon {
  readonly type: 'adamw';
  readonly weightDecay: number;
}

/** Stochastic gradient descent with momentum, as Sutskever et al. 2013 or (not nesterov) Polyak 1964. */
export interface SgdConfig extends Common {
  readonly type: 'sgd';
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** An optimiser with every setting filled in. */
export type OptimizerConfig = AdamConfig | AdamWConfig | SgdConfig;

type Defaulted<T extends { type: string }> = Pick<T, 'type'> & {
  readonly [K in Exclude<keyof T, 'type'>]?: T[K] | undefined;
};

/** An optimiser as a user writes it: the type, and what differs from the defaults. */
export type OptimizerInput = Defaulted<AdamConfig> | Defaulted<AdamWConfig> | Defaulted<SgdConfig>;

const fraction = z.number().min(0).lt(1);

const common = {
  learningRate: z.number().positive().default(1e-3).describe('learning rate that the schedule scales'),
  clipNorm: z.number().positive().optional().describe('largest norm of the whole gradient'),
  ema: z.number().gt(0).lt(1).optional().describe('decay of a moving average of the parameters, such as 0.999'),
};

const adamCommon = {
  ...common,
  beta1: fraction.default(0.9).describe('decay of the first moment'),
  beta2: fraction.default(0.999).describe('decay of the second moment'),
  epsilon: z.number().positive().default(1e-8).describe('added to the root of the second moment'),
};

/** Validates an optimiser and fills in its defaults; a setting that its type does not have is refused. */
export const optimizerSchema: z.ZodType<OptimizerConfig, OptimizerInput> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('adam'), ...adamCommon }),
  z.strictObject({
    type: z.literal('adamw'),
    ...adamCommon,
    weightDecay: z
      .number()
      .min(0)
      .default(0.01)
      .describe('share of a parameter lost per step, per unit of learning rate'),
  }),
  z.strictObject({
    type: z.literal('sgd'),
    ...common,
    learningRate: z.number().positive().default(1e-2).describe('learning rate that the schedule scales'),
    momentum: fraction.default(0.9).describe('decay of the velocity'),
    nesterov: z.boolean().default(false).describe('look ahead along the velocity'),
  }),
]);

// What new codes are drawn by. A model's prior is where codes should lie; a sampler other than it is fitted, after
// training, to where they do lie. Here is the data alone; `samplers/` fits them.

import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import { anyOf, type PartSchema } from '../schema.ts';
import type { Posterior } from './posteriors/index.ts';

/** The model's own prior. */
export interface PriorSampler {
  readonly type: 'prior';
}

/** A mixture of Gaussians with full covariances. */
export interface MixtureSampler {
  readonly type: 'gmm';
  /** Default 10, as in Ghosh et al. 2020. */
  readonly components: number;
}

/** A point between a training code and one of its nearest neighbours. */
export interface NeighbourSampler {
  readonly type: 'knn';
  /** How many neighbours one is chosen from. Default 5. */
  readonly neighbours: number;
}

/** A masked autoregressive flow. */
export interface FlowSampler {
  readonly type: 'maf';
  /** How many autoregressive maps follow one another. Default 5. */
  readonly layers: number;
  /** Units of both hidden layers of each map. Default 128. */
  readonly hidden: number;
  /** Passes over the codes, at most. Default 50. */
  readonly epochs: number;
}

/** A second VAE, whose data are codes. */
export interface SecondStageSampler {
  readonly type: 'vae';
  /** Units of both hidden layers of encoder and decoder. Default 256. */
  readonly hidden: number;
  /** Passes over the codes, at most. Default 50. */
  readonly epochs: number;
}

/** Any sampler, as data. */
export type Sampler = PriorSampler | MixtureSampler | NeighbourSampler | FlowSampler | SecondStageSampler;

const hidden = (units: number) => z.int().min(1).max(10_000).default(units);
const epochs = z.int().min(1).max(100_000).default(50);

const schemas: {
  readonly [T in Sampler['type']]: { readonly schema: PartSchema<Extract<Sampler, { readonly type: T }>> };
} = {
  prior: { schema: z.strictObject({ type: z.literal('prior') }) },
  gmm: { schema: z.strictObject({ type: z.literal('gmm'), components: z.int().min(1).max(10_000).default(10) }) },
  knn: { schema: z.strictObject({ type: z.literal('knn'), neighbours: z.int().min(1).max(1000).default(5) }) },
  maf: {
    schema: z.strictObject({
      type: z.literal('maf'),
      layers: z.int().min(1).max(100).default(5),
      hidden: hidden(128),
      epochs,
    }),
  },
  vae: { schema: z.strictObject({ type: z.literal('vae'), hidden: hidden(256), epochs }) },
};

export const samplerSchema: PartSchema<Sampler> = anyOf<Sampler>(schemas);

/** The names of all samplers. */
export const samplerTypes: readonly [Sampler['type'], ...Sampler['type'][]] = Object.keys(schemas) as [
  Sampler['type'],
  ...Sampler['type'][],
];

/** Posteriors whose codes fill only a part of R^latent, which a density fitted to all of it would miss. */
const confined: ReadonlySet<Posterior['type']> = new Set<Posterior['type']>([
  'vonMisesFisher',
  'gumbelSoftmax',
  'vectorQuantized',
]);

/**
 * Checks that a sampler can draw a model's codes.
 * @throws LatentkitError `spec` that says why it cannot.
 */
export function checkSampler(
  sampler: Sampler,
  { condition, posterior }: { readonly condition?: object | undefined; readonly posterior: Posterior },
): void {
  if (sampler.type === 'prior') return;
  const reason =
    condition !== undefined
      ? 'a model without a condition, since codes that are drawn without one may not suit it, got a conditional model'
      : confined.has(posterior.type)
        ? `a posterior whose codes may be any numbers, got "${posterior.type}", whose codes lie on a part of them alone`
        : undefined;
  if (reason === undefined) return;
  throw new LatentkitError('spec', `sampler ${sampler.type}: expected ${reason}. Draw from the prior.`);
}

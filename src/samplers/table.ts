// All samplers that are fitted, once. The prior is none of them.

import type { PriorSampler, Sampler } from '../models/sampler.ts';
import { autoregressiveFlow } from './autoregressive-flow.ts';
import { gaussianMixture } from './gaussian-mixture.ts';
import { nearestNeighbours } from './neighbours.ts';
import type { SamplerDefinition } from './sampler.ts';
import { secondStage } from './second-stage.ts';

/** A sampler that is fitted to codes, as data. */
export type CodeSampler = Exclude<Sampler, PriorSampler>;

/** All of them by type; one that is missing here does not compile. */
const samplers: {
  readonly [T in CodeSampler['type']]: SamplerDefinition<Extract<CodeSampler, { readonly type: T }>>;
} = { gmm: gaussianMixture, knn: nearestNeighbours, maf: autoregressiveFlow, vae: secondStage };

/** The definition of a sampler's type. */
export function samplerOf(spec: CodeSampler): SamplerDefinition<CodeSampler> {
  return samplers[spec.type] as SamplerDefinition<CodeSampler>;
}

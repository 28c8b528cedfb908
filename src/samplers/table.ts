// All samplers, once.

import type { Sampler } from '../models/sampler.ts';
import { autoregressiveFlow } from './autoregressive-flow.ts';
import { gaussianMixture } from './gaussian-mixture.ts';
import { nearestNeighbours } from './neighbours.ts';
import { prior } from './prior.ts';
import type { SamplerDefinition } from './sampler.ts';
import { secondStage } from './second-stage.ts';

/** All samplers by type; one that is missing here does not compile. */
const samplers: {
  readonly [T in Sampler['type']]: SamplerDefinition<Extract<Sampler, { readonly type: T }>>;
} = { prior, gmm: gaussianMixture, knn: nearestNeighbours, maf: autoregressiveFlow, vae: secondStage };

/** The definition of a sampler's type. */
export function samplerOf(spec: Sampler): SamplerDefinition<Sampler> {
  return samplers[spec.type] as SamplerDefinition<Sampler>;
}

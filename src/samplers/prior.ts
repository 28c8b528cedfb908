// prior: codes from the model's own prior, to which nothing is fitted.

import type { PriorSampler } from '../models/sampler.ts';
import { defineSampler, type SamplerDefinition } from './sampler.ts';

export const prior: SamplerDefinition<PriorSampler> = defineSampler<PriorSampler>({
  type: 'prior',
  tempered: true,
  fit: null,
  shapes: () => ({}),
  open: (_spec, _tensors, vae) => ({
    draw: async (count, options) => (await vae.drawLatents(count, options)).data,
  }),
});

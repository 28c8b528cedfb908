// A VAE whose posterior is an inverse autoregressive flow, which bends with the number of latents.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const vaeIaf: Preset = definePreset({
  name: 'vae-iaf',
  summary: 'the mlp with an inverse autoregressive flow of 2 masked networks as posterior',
  paper: 'Kingma et al. 2016, https://arxiv.org/abs/1606.04934',
  build: (options = {}) => mlp.build({ ...options, posterior: options.posterior ?? 'iaf' }),
});

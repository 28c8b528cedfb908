// A VAE whose posterior is a planar flow: posteriors that need not be Gaussian.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const vaeLinNf: Preset = definePreset({
  name: 'vae-lin-nf',
  summary: 'the mlp with a planar flow of 10 steps as posterior',
  paper: 'Rezende & Mohamed 2015, https://arxiv.org/abs/1505.05770',
  build: (options = {}) => mlp.build({ ...options, posterior: options.posterior ?? 'planar' }),
});

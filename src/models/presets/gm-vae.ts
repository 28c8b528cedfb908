// A VAE whose prior is a learned mixture of Gaussians, for data that fall into clusters.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const gmVae: Preset = definePreset({
  name: 'gm-vae',
  summary: 'the mlp with a learned mixture of 10 Gaussians as prior',
  paper: 'Jiang et al. 2017, https://arxiv.org/abs/1611.05148',
  build: (options = {}) => mlp.build({ ...options, prior: options.prior ?? 'gaussianMixture' }),
});

// A VAE whose reconstructions are compared as images, not pixel by pixel.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const msSsimVae: Preset = definePreset({
  name: 'ms-ssim-vae',
  summary: 'the mlp with multi-scale structural similarity in the place of a log-likelihood',
  paper: 'Snell et al. 2017, https://arxiv.org/abs/1511.06409',
  build: (options = {}) => mlp.build({ likelihood: 'msSsim', ...options }),
});

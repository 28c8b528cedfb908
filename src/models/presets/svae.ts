// A VAE whose codes lie on a sphere.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const svae: Preset = definePreset({
  name: 'svae',
  summary: 'codes on the unit sphere: a von Mises–Fisher posterior and a uniform prior, at 10 latents',
  paper: 'Davidson et al. 2018, https://arxiv.org/abs/1804.00891',
  build: ({ latent = 10, posterior = 'vonMisesFisher', prior = 'uniformSphere', ...options } = {}) =>
    mlp.build({ ...options, latent, posterior, prior }),
});

// The σ-VAE of the optimal variance: reconstruction and KL find their balance without a weight to tune.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const sigmaVae: Preset = definePreset({
  name: 'sigma-vae',
  summary: 'the mlp with a normal likelihood, its one variance the best for each batch: no KL weight to tune',
  paper: 'Rybkin et al. 2021, https://arxiv.org/abs/2006.13202',
  build: (options = {}) => mlp.build({ likelihood: { type: 'normal', variance: 'optimal' }, ...options }),
});

// The two-stage VAE: a first one whose variance is learned finds the data's manifold, a second one the codes' density on it.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const twoStageVae: Preset = definePreset({
  name: 'two-stage-vae',
  summary:
    'the mlp with a normal likelihood of one learned variance; new codes come from a second VAE, fitted to its codes',
  paper: 'Dai & Wipf 2019, https://arxiv.org/abs/1903.05789',
  build: (options = {}) => mlp.build({ likelihood: 'normal', sampler: 'vae', ...options }),
});

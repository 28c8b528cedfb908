// A VAE of the log-cosh reconstruction loss, whose scale is learned with it instead of set by hand.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const logCoshVae: Preset = definePreset({
  name: 'log-cosh-vae',
  summary: 'the mlp with the log-cosh loss: squares of small errors, absolute values of large ones',
  paper: 'Chen et al. 2018, https://openreview.net/forum?id=rkglvsC9Ym',
  build: (options = {}) => mlp.build({ likelihood: 'logCosh', ...options }),
});

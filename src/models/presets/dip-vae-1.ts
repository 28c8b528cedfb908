// DIP-VAE I: the covariance of the posterior’s means is pulled to the identity.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const dipVae1: Preset = definePreset({
  name: 'dip-vae-1',
  summary: 'the means’ covariance over the data is pulled to the identity',
  paper: 'Kumar et al. 2018, https://arxiv.org/abs/1711.00848',
  build: options => mlp.build(withObjective({ type: 'dipVae', variant: 'I', offDiagonal: 10, diagonal: 100 }, options)),
});

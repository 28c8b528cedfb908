// DIP-VAE II: the covariance of the code itself is pulled to the identity.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const dipVae2: Preset = definePreset({
  name: 'dip-vae-2',
  summary: 'the code’s covariance over the data is pulled to the identity',
  paper: 'Kumar et al. 2018, https://arxiv.org/abs/1711.00848',
  build: options => mlp.build(withObjective({ type: 'dipVae', variant: 'II', offDiagonal: 10, diagonal: 10 }, options)),
});

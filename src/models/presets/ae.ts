// A plain autoencoder: codes are not drawn, and nothing keeps them near the prior, so it reconstructs but generates ill.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const ae: Preset = definePreset({
  name: 'ae',
  summary: 'the mlp as a plain autoencoder: no noise and no KL',
  paper: 'Hinton & Salakhutdinov 2006, https://doi.org/10.1126/science.1127647',
  build: (options = {}) => mlp.build({ ...options, posterior: options.posterior ?? 'deterministic' }),
});

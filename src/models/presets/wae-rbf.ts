// The Wasserstein autoencoder with the Gaussian kernel.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const waeRbf: Preset = definePreset({
  name: 'wae-rbf',
  summary: 'codes without noise, all together pulled to the prior by the discrepancy of a Gaussian kernel',
  paper: 'Tolstikhin et al. 2018, https://arxiv.org/abs/1711.01558',
  build: options =>
    mlp.build({ posterior: 'deterministic', ...withObjective({ type: 'wae', kernel: 'rbf' }, options) }),
});

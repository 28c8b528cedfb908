// The Wasserstein autoencoder with inverse multiquadratics.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const waeImq: Preset = definePreset({
  name: 'wae-imq',
  summary: 'codes without noise, all together pulled to the prior by the discrepancy of a heavy-tailed kernel',
  paper: 'Tolstikhin et al. 2018, https://arxiv.org/abs/1711.01558',
  build: options =>
    mlp.build({ posterior: 'deterministic', ...withObjective({ type: 'wae', kernel: 'imq' }, options) }),
});

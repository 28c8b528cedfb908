// The β-TC-VAE: of the KL, only the total correlation gets more weight.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const betaTcVae: Preset = definePreset({
  name: 'beta-tc-vae',
  summary: 'total correlation of the dimensions weighs 6, mutual information and dimension-wise KL 1',
  paper: 'Chen et al. 2018, https://arxiv.org/abs/1802.04942',
  build: options => mlp.build(withObjective({ type: 'betaTc' }, options)),
});

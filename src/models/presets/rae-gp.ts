// The regularised autoencoder whose decoder is held smooth by its gradient’s size.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const raeGp: Preset = definePreset({
  name: 'rae-gp',
  summary: 'codes without noise, held small, and a decoder of small gradients',
  paper: 'Ghosh et al. 2020, https://arxiv.org/abs/1903.12436',
  build: options =>
    mlp.build({ posterior: 'deterministic', ...withObjective({ type: 'rae', penalty: 'gradient' }, options) }),
});

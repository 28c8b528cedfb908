// The regularised autoencoder whose decoder is held smooth by its parameters’ size.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const raeL2: Preset = definePreset({
  name: 'rae-l2',
  summary: 'codes without noise, held small, and a decoder of small weights',
  paper: 'Ghosh et al. 2020, https://arxiv.org/abs/1903.12436',
  build: options =>
    mlp.build({ posterior: 'deterministic', ...withObjective({ type: 'rae', penalty: 'l2' }, options) }),
});

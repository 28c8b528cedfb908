// The adversarial autoencoder: codes without a KL, pulled to the prior by a critic.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const aae: Preset = definePreset({
  name: 'aae',
  summary: 'a critic pulls the aggregated posterior to the prior',
  paper: 'Makhzani et al. 2016, https://arxiv.org/abs/1511.05644',
  build: (options = {}) =>
    mlp.build(withObjective({ type: 'aae' }, { ...options, posterior: options.posterior ?? 'deterministic' })),
});

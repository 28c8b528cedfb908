// FactorVAE: a critic that measures how far dimensions depend on one another.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const factorVae: Preset = definePreset({
  name: 'factor-vae',
  summary: 'a critic charges what the dimensions of the code tell of one another',
  paper: 'Kim & Mnih 2018, https://arxiv.org/abs/1802.05983',
  build: options => mlp.build(withObjective({ type: 'factorVae' }, options)),
});

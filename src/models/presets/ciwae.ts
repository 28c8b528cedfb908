// CIWAE: the plain and the importance-weighted bound, mixed.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const ciwae: Preset = definePreset({
  name: 'ciwae',
  summary: 'half the plain bound, half the importance-weighted one of 5 codes',
  paper: 'Rainforth et al. 2018, https://arxiv.org/abs/1802.04537',
  build: options => mlp.build(withObjective({ type: 'ciwae', samples: 5, beta: 0.5 }, options)),
});

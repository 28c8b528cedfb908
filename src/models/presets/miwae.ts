// MIWAE: several importance-weighted bounds, averaged.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const miwae: Preset = definePreset({
  name: 'miwae',
  summary: 'the mean of 4 importance-weighted bounds of 4 codes each, for less noise in the encoder’s gradient',
  paper: 'Rainforth et al. 2018, https://arxiv.org/abs/1802.04537',
  build: options => mlp.build(withObjective({ type: 'miwae', samples: 4, estimates: 4 }, options)),
});

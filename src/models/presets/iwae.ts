// The importance-weighted autoencoder of five codes.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const iwae: Preset = definePreset({
  name: 'iwae',
  summary: 'the importance-weighted bound of 5 codes an example, tighter than the plain one',
  paper: 'Burda et al. 2016, https://arxiv.org/abs/1509.00519',
  build: options => mlp.build(withObjective({ type: 'iwae', samples: 5 }, options)),
});

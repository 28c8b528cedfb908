// The conditional VAE: encoder and decoder are told each row's class, so that the code holds what the class does not say.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const cvae: Preset = definePreset({
  name: 'cvae',
  summary: 'told the class: draws what class is asked for, and the code is what classes have in common, such as style',
  paper: 'Sohn et al. 2015, https://papers.nips.cc/paper/5775',
  condition: 'label',
  build: (options = {}) => mlp.build({ ...options, condition: options.condition ?? { type: 'label', classes: 10 } }),
});

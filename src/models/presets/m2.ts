// Semi-supervised learning: a conditional VAE and a classifier, of which each teaches the other.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const m2: Preset = definePreset({
  name: 'm2',
  summary: 'told the class of some rows, and classifies the others: see --labelled',
  paper: 'Kingma et al. 2014, https://arxiv.org/abs/1406.5298',
  condition: 'semiSupervised',
  build: (options = {}) =>
    mlp.build({ ...options, condition: options.condition ?? { type: 'semiSupervised', classes: 10 } }),
});

// PIWAE: the tightest bound for the decoder, a less noisy one for the encoder.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const piwae: Preset = definePreset({
  name: 'piwae',
  summary: 'the decoder follows the bound of 16 codes, the encoder the mean of 4 bounds of 4',
  paper: 'Rainforth et al. 2018, https://arxiv.org/abs/1802.04537',
  build: options => mlp.build(withObjective({ type: 'piwae', samples: 4, estimates: 4 }, options)),
});

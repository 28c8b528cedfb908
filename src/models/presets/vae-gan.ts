// VAE-GAN: the decoder is a generator, and a critic’s features say what looks alike.

import { conv } from './conv.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const vaeGan: Preset = definePreset({
  name: 'vae-gan',
  summary: 'a critic judges samples, and its features compare reconstructions',
  paper: 'Larsen et al. 2016, https://arxiv.org/abs/1512.09300',
  build: options => conv.build(withObjective({ type: 'vaeGan' }, options)),
});

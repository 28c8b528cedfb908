// The VAE as it was first published: the bound and nothing else.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const vae: Preset = definePreset({
  name: 'vae',
  summary: 'the plain VAE: the mlp under the bound itself',
  paper: 'Kingma & Welling 2014, https://arxiv.org/abs/1312.6114',
  build: options => mlp.build(options),
});

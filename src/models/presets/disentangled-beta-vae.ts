// The β-VAE of controlled capacity.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const disentangledBetaVae: Preset = definePreset({
  name: 'disentangled-beta-vae',
  summary: 'the KL is held to a capacity that grows from 0 to 25 nats in 20 epochs',
  paper: 'Burgess et al. 2018, https://arxiv.org/abs/1804.03599',
  build: options => mlp.build(withObjective({ type: 'capacity' }, options)),
});

// The β-VAE: more weight on the KL, for dimensions that mean something one by one.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const betaVae: Preset = definePreset({
  name: 'beta-vae',
  summary: 'KL weight 4: less is encoded, in dimensions that are nearer to independent',
  paper: 'Higgins et al. 2017, https://openreview.net/forum?id=Sy2fzU9gl',
  build: options => mlp.build(withObjective({ klWeight: 4 }, options)),
});

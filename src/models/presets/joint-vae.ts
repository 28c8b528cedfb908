// JointVAE: a code of numbers and one choice among ten categories, each part held to a capacity that grows.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const jointVae: Preset = definePreset({
  name: 'joint-vae',
  summary: 'a code of 10 numbers and a choice among 10 categories, or as many as there are latents if those are fewer',
  paper: 'Dupont 2018, https://arxiv.org/abs/1804.00104',
  build(options = {}) {
    const { latent = 20, prior = 'normalCategorical' } = options;
    const { posterior = { type: 'gumbelSoftmax', categories: [Math.min(10, latent)] } } = options;
    return mlp.build({ ...withObjective({ type: 'jointCapacity' }, options), latent, posterior, prior });
  },
});

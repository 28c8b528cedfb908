// A VAE whose prior is a mixture of its own posteriors, of learned pseudo-inputs.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const vamp: Preset = definePreset({
  name: 'vamp',
  summary: 'the mlp with a VampPrior: the posteriors of 500 learned pseudo-inputs, mixed',
  paper: 'Tomczak & Welling 2018, https://arxiv.org/abs/1705.07120',
  build: (options = {}) => mlp.build({ ...options, prior: options.prior ?? 'vamp' }),
});

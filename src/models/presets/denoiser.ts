// A denoiser: a wide code without noise of its own, and an encoder that sees the data under noise of unknown level.

import { conv } from './conv.ts';
import { definePreset, type Preset } from './preset.ts';

export const denoiser: Preset = definePreset({
  name: 'denoiser',
  summary:
    'for `latentkit denoise`: convolutional, 256 latents without noise, of data under Gaussian noise of any level to 0.9',
  paper: 'Vincent et al. 2008, https://doi.org/10.1145/1390156.1390294',
  build: options =>
    conv.build({
      latent: 256,
      posterior: 'deterministic',
      corruption: { type: 'gaussian', deviation: [0.05, 0.9] },
      ...options,
    }),
});

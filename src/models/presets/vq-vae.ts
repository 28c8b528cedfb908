// The VQ-VAE: a codebook's number for each place of a small image, and a prior that learns which numbers follow which.

import { conv2d, flatten, relu, reshape } from '../../nn/index.ts';
import { vae } from '../spec.ts';
import { double, halve, imageSizes } from './conv.ts';
import { definePreset, type Preset } from './preset.ts';

export const vqVae: Preset = definePreset({
  name: 'vq-vae',
  summary: 'convolutional, 512 vectors of which one stands at each place; an autoregressive prior over their numbers',
  paper: 'van den Oord et al. 2017, https://arxiv.org/abs/1711.00937',
  /** `latent` is the width of a vector: the code has one for each place. */
  build({ input = [28, 28, 1], latent = 16, hidden = [32, 64], posterior, prior, ...parts } = {}) {
    const channels = [hidden].flat();
    const sizes = imageSizes('shape' in input ? input.shape : input, channels.length, 'vq-vae');
    const [height, width] = sizes.at(-1)!;
    return vae({
      ...parts,
      input,
      posterior: posterior ?? { type: 'vectorQuantized', width: latent },
      prior: prior ?? { type: 'autoregressive', layers: 1, hidden: 64 },
      latent: height * width * latent,
      encoder: [...halve(channels), conv2d(latent, { kernel: 1 }), flatten()],
      decoder: [
        reshape(latent, height, width),
        conv2d(channels.at(-1)!, { kernel: 3, padding: 1 }),
        relu(),
        ...double(channels, sizes),
      ],
    });
  },
});

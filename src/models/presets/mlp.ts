// The article's network: 784-256-32-256-784.

import { columnEmbedding, dense, flatten, relu } from '../../nn/index.ts';
import { vae } from '../spec.ts';
import { definePreset, type Preset } from './preset.ts';

export const mlp: Preset = definePreset({
  name: 'mlp',
  summary: 'fully connected, one hidden layer of 256 on either side of 32 latents; the default',
  paper: 'Kingma & Welling 2014, https://arxiv.org/abs/1312.6114',
  build({ input = [28, 28, 1], latent = 32, hidden = 256, ...parts } = {}) {
    const widths = [hidden].flat();
    const layers = (units: readonly number[]) => units.flatMap(n => [dense(n), relu()]);
    const first = 'columns' in input && input.columns !== undefined ? columnEmbedding() : flatten();
    const encoder = [first, ...layers(widths)];
    const decoder = [...layers(widths.toReversed()), dense('output')];
    return vae({ ...parts, input, latent, encoder, decoder });
  },
});

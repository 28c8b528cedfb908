// The ladder VAE: two levels of codes, inferred from the data up and from the top level down.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const lvae: Preset = definePreset({
  name: 'lvae',
  summary: 'the mlp with codes of two levels, 24 dimensions below 8; the KL’s weight grows from 0 to 1 in 5 epochs',
  paper: 'Sønderby et al. 2016, https://arxiv.org/abs/1602.02282',
  build(options = {}) {
    const { latent = 32, hidden = 256, posterior, prior } = options;
    const units = [hidden].flat().at(-1)!;
    const top = Math.floor(latent / 4);
    const below = { latent: latent - top, hidden: units };
    const levels = top === 0 ? [below] : [below, { latent: top, hidden: Math.ceil(units / 2) }];
    return mlp.build({
      ...withObjective({ klWarmup: { epochs: 5 } }, options),
      posterior: posterior ?? { type: 'ladder', levels },
      prior: prior ?? 'ladder',
    });
  },
});

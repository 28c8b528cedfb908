// The denoising autoencoder: it gives back what was masked.

import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

export const dae: Preset = definePreset({
  name: 'dae',
  summary: 'codes without noise, of data of which a quarter is masked in training; the target is whole',
  paper: 'Vincent et al. 2008, https://doi.org/10.1145/1390156.1390294',
  build: options => mlp.build({ posterior: 'deterministic', corruption: { type: 'mask', rate: 0.25 }, ...options }),
});

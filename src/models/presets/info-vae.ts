// InfoVAE: the aggregated posterior is held to the prior beside each example’s.

import { mlp } from './mlp.ts';
import { definePreset, type Preset, withObjective } from './preset.ts';

export const infoVae: Preset = definePreset({
  name: 'info-vae',
  summary: 'beside the KL, the maximum mean discrepancy of all codes from the prior',
  paper: 'Zhao et al. 2019, https://arxiv.org/abs/1706.02262',
  build: options => mlp.build(withObjective({ type: 'infoVae' }, options)),
});

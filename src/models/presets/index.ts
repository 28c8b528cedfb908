// All presets, once.

import { LatentkitError } from '../../errors.ts';
import { didYouMean } from '../../suggest.ts';
import { conv } from './conv.ts';
import { mlp } from './mlp.ts';
import type { Preset } from './preset.ts';
import { resnet } from './resnet.ts';
import { sigmaVae } from './sigma-vae.ts';

export type PresetName = 'mlp' | 'conv' | 'resnet' | 'sigma-vae';

/** All presets by name. */
export const presets: Readonly<Record<PresetName, Preset>> = { mlp, conv, resnet, 'sigma-vae': sigmaVae };

/**
 * The preset of a name.
 * @throws LatentkitError `spec` that lists all presets.
 */
export function presetNamed(name: string): Preset {
  if (Object.hasOwn(presets, name)) return presets[name as PresetName];
  const names = Object.keys(presets);
  throw new LatentkitError(
    'spec',
    `unknown preset "${name}"; expected one of: ${names.join(', ')}.${didYouMean(name, names)}`,
  );
}

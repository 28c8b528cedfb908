// All presets, once.

import { LatentkitError } from '../../errors.ts';
import { didYouMean } from '../../suggest.ts';
import { aae } from './aae.ts';
import { ae } from './ae.ts';
import { betaTcVae } from './beta-tc-vae.ts';
import { betaVae } from './beta-vae.ts';
import { ciwae } from './ciwae.ts';
import { conv } from './conv.ts';
import { cvae } from './cvae.ts';
import { dae } from './dae.ts';
import { denoiser } from './denoiser.ts';
import { dipVae1 } from './dip-vae-1.ts';
import { dipVae2 } from './dip-vae-2.ts';
import { disentangledBetaVae } from './disentangled-beta-vae.ts';
import { factorVae } from './factor-vae.ts';
import { gmVae } from './gm-vae.ts';
import { infoVae } from './info-vae.ts';
import { iwae } from './iwae.ts';
import { jointVae } from './joint-vae.ts';
import { logCoshVae } from './log-cosh-vae.ts';
import { lvae } from './lvae.ts';
import { m2 } from './m2.ts';
import { miwae } from './miwae.ts';
import { mlp } from './mlp.ts';
import { msSsimVae } from './ms-ssim-vae.ts';
import { withNetworks } from './network.ts';
import { piwae } from './piwae.ts';
import type { Preset } from './preset.ts';
import { raeGp } from './rae-gp.ts';
import { raeL2 } from './rae-l2.ts';
import { resnet } from './resnet.ts';
import { sigmaVae } from './sigma-vae.ts';
import { svae } from './svae.ts';
import { tableVae } from './table.ts';
import { twoStageVae } from './two-stage-vae.ts';
import { vae } from './vae.ts';
import { vaeGan } from './vae-gan.ts';
import { vaeIaf } from './vae-iaf.ts';
import { vaeLinNf } from './vae-lin-nf.ts';
import { vamp } from './vamp.ts';
import { vqVae } from './vq-vae.ts';
import { waeImq } from './wae-imq.ts';
import { waeRbf } from './wae-rbf.ts';

export type PresetName =
  | 'mlp'
  | 'conv'
  | 'resnet'
  | 'sigma-vae'
  | 'log-cosh-vae'
  | 'ms-ssim-vae'
  | 'vae-lin-nf'
  | 'vae-iaf'
  | 'vamp'
  | 'vq-vae'
  | 'gm-vae'
  | 'svae'
  | 'joint-vae'
  | 'lvae'
  | 'ae'
  | 'vae'
  | 'beta-vae'
  | 'disentangled-beta-vae'
  | 'beta-tc-vae'
  | 'factor-vae'
  | 'dip-vae-1'
  | 'dip-vae-2'
  | 'info-vae'
  | 'wae-rbf'
  | 'wae-imq'
  | 'aae'
  | 'vae-gan'
  | 'iwae'
  | 'miwae'
  | 'ciwae'
  | 'piwae'
  | 'rae-l2'
  | 'rae-gp'
  | 'dae'
  | 'denoiser'
  | 'two-stage-vae'
  | 'cvae'
  | 'm2'
  | 'table';

const table: Readonly<Record<PresetName, Preset>> = {
  mlp,
  conv,
  resnet,
  'sigma-vae': sigmaVae,
  'log-cosh-vae': logCoshVae,
  'ms-ssim-vae': msSsimVae,
  'vae-lin-nf': vaeLinNf,
  'vae-iaf': vaeIaf,
  vamp,
  'vq-vae': vqVae,
  'gm-vae': gmVae,
  svae,
  'joint-vae': jointVae,
  lvae,
  ae,
  vae,
  'beta-vae': betaVae,
  'disentangled-beta-vae': disentangledBetaVae,
  'beta-tc-vae': betaTcVae,
  'factor-vae': factorVae,
  'dip-vae-1': dipVae1,
  'dip-vae-2': dipVae2,
  'info-vae': infoVae,
  'wae-rbf': waeRbf,
  'wae-imq': waeImq,
  aae,
  'vae-gan': vaeGan,
  iwae,
  miwae,
  ciwae,
  piwae,
  'rae-l2': raeL2,
  'rae-gp': raeGp,
  dae,
  denoiser,
  'two-stage-vae': twoStageVae,
  cvae,
  m2,
  table: tableVae,
};

/** All presets by name. Each takes the layers of another network where its options name one. */
export const presets: Readonly<Record<PresetName, Preset>> = Object.fromEntries(
  Object.entries(table).map(([name, preset]) => [name, withNetworks(preset)]),
) as Record<PresetName, Preset>;

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

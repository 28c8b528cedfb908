// A preset of the literature is a choice of parts; which layers encode and decode is another matter. So any preset takes
// the layers of any network: `presets['beta-tc-vae'].build({ input: [64, 64, 1], network: 'conv' })`.

import { LatentkitError } from '../../errors.ts';
import { didYouMean } from '../../suggest.ts';
import { conv } from './conv.ts';
import { mlp } from './mlp.ts';
import type { NetworkName, Preset } from './preset.ts';
import { resnet } from './resnet.ts';

/** The presets whose layers any other preset may take. */
export const networks: Readonly<Record<NetworkName, Preset>> = { mlp, conv, resnet };

/** A preset that minds the option `network`. */
export function withNetworks({ build, ...preset }: Preset): Preset {
  return {
    ...preset,
    build({ network, ...options } = {}) {
      if (network === undefined) return build(options);
      expectNetwork(preset.name, network);
      const { hidden, ...parts } = options;
      const spec = build(parts);
      const { input, latent } = spec;
      const { encoder, decoder } = networks[network].build({ input, latent, hidden });
      return { ...spec, encoder, decoder };
    },
  };
}

function expectNetwork(preset: string, network: string): void {
  if (Object.hasOwn(networks, network)) return;
  const names = Object.keys(networks);
  throw new LatentkitError(
    'spec',
    `preset "${preset}": network: expected one of ${names.join(', ')}, got "${network}".${didYouMean(network, names)}`,
  );
}

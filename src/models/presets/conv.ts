// A small convolutional network in the manner of DCGAN (Radford et al. 2016): kernel 4, stride 2, padding 1, so that
// each layer halves the image, and the decoder doubles it back to the very size.

import { LatentkitError } from '../../errors.ts';
import { conv2d, convTranspose2d, dense, flatten, type Layer, relu, reshape } from '../../nn/index.ts';
import { vae } from '../spec.ts';
import { definePreset, type Preset } from './preset.ts';

const halving = { kernel: 4, stride: 2, padding: 1 } as const;

export const conv: Preset = definePreset({
  name: 'conv',
  summary: 'convolutional, 32 and 64 channels at a half and a quarter of the image, 32 latents',
  paper: 'Radford et al. 2016, https://arxiv.org/abs/1511.06434; Kingma & Welling 2014',
  build({ input = [28, 28, 1], latent = 32, hidden = [32, 64], ...parts } = {}) {
    const channels = [hidden].flat();
    const sizes = imageSizes('shape' in input ? input.shape : input, channels.length, 'conv');
    const [height, width] = sizes.at(-1)!;
    const encoder = [...halve(channels), flatten()];
    const decoder = [
      dense(channels.at(-1)! * height * width),
      relu(),
      reshape(channels.at(-1)!, height, width),
      ...double(channels, sizes),
    ];
    return vae({ ...parts, input, latent, encoder, decoder });
  },
});

/** A convolution of so many channels at each half of the size. */
export function halve(channels: readonly number[]): Layer[] {
  return channels.flatMap(n => [conv2d(n, halving), relu()]);
}

/** Back through the sizes, to what the likelihood needs. */
export function double(channels: readonly number[], sizes: readonly (readonly [number, number])[]): Layer[] {
  const layers: Layer[] = [];
  for (let i = channels.length - 1; i >= 0; i--) {
    // Halving an odd size loses a pixel, which the way back adds again.
    const odd = [sizes[i]![0] % 2, sizes[i]![1] % 2] as const;
    const outputPadding = odd[0] + odd[1] > 0 ? { outputPadding: odd } : {};
    if (i > 0) layers.push(convTranspose2d(channels[i - 1]!, { ...halving, ...outputPadding }), relu());
    else layers.push(convTranspose2d('output', { ...halving, ...outputPadding }));
  }
  return layers;
}

/** The image's size before each layer and after the last. */
export function imageSizes(shape: readonly number[], layers: number, preset: string): [number, number][] {
  const [height, width] = shape;
  const least = 2 ** layers;
  if (shape.length !== 3 || height === undefined || width === undefined || height < least || width < least) {
    throw new LatentkitError(
      'spec',
      `preset "${preset}": expected an image [height, width, channels] of at least ${least}×${least}, as ${layers} layers ` +
        `halve it ${layers} times, got [${shape.join(', ')}]; take the preset "mlp", or fewer hidden layers.`,
    );
  }
  return Array.from({ length: layers + 1 }, (_, i) => [Math.floor(height / 2 ** i), Math.floor(width / 2 ** i)]);
}

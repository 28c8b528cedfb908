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
    const sizes = imageSizes('shape' in input ? input.shape : input, channels.length);
    const [height, width] = sizes.at(-1)!;
    const encoder = [...channels.flatMap(n => [conv2d(n, halving), relu()]), flatten()];
    const decoder: Layer[] = [
      dense(channels.at(-1)! * height * width),
      relu(),
      reshape(channels.at(-1)!, height, width),
    ];
    for (let i = channels.length - 1; i >= 0; i--) {
      // Halving an odd size loses a pixel, which the way back adds again.
      const odd = [sizes[i]![0] % 2, sizes[i]![1] % 2] as const;
      const outputPadding = odd[0] + odd[1] > 0 ? { outputPadding: odd } : {};
      if (i > 0) decoder.push(convTranspose2d(channels[i - 1]!, { ...halving, ...outputPadding }), relu());
      else decoder.push(convTranspose2d('output', { ...halving, ...outputPadding }));
    }
    return vae({ ...parts, input, latent, encoder, decoder });
  },
});

/** The image's size before each layer and after the last. */
function imageSizes(shape: readonly number[], layers: number): [number, number][] {
  const [height, width] = shape;
  const least = 2 ** layers;
  if (shape.length !== 3 || height === undefined || width === undefined || height < least || width < least) {
    throw new LatentkitError(
      'spec',
      `preset "conv": expected an image [height, width, channels] of at least ${least}×${least}, as ${layers} layers ` +
        `halve it ${layers} times, got [${shape.join(', ')}]; take the preset "mlp", or fewer hidden layers.`,
    );
  }
  return Array.from({ length: layers + 1 }, (_, i) => [Math.floor(height / 2 ** i), Math.floor(width / 2 ** i)]);
}

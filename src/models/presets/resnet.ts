// A residual convolutional network in the manner of today's image autoencoders (Esser et al. 2021; Ho et al. 2020,
// appendix B), sized for a CPU: the image is halved before the first block and between stages until a feature map has at
// most 8×8 pixels; a stage is a pre-activation block (He et al. 2016) of group norm, SiLU and 3×3 convolution, with
// self-attention where pixels are few. The decoder mirrors the encoder.

import { LatentkitError } from '../../errors.ts';
import {
  attention,
  type Conv2d,
  conv2d,
  convTranspose2d,
  dense,
  flatten,
  groupNorm,
  type Layer,
  reshape,
  residual,
  silu,
} from '../../nn/index.ts';
import { vae } from '../spec.ts';
import { definePreset, type Preset } from './preset.ts';

/** The most pixels of which each attends to all. */
const attentive = 64;

/** Channels of the last stage, of the one before it, ... */
const widths = [64, 48, 24, 16] as const;

type Size = readonly [height: number, width: number];

export const resnet: Preset = definePreset({
  name: 'resnet',
  summary:
    'residual convolutional, group norm, self-attention at 8×8, 64 latents; for colour images of 32 to 64 pixels',
  paper: 'He et al. 2016, https://arxiv.org/abs/1603.05027; Esser et al. 2021, https://arxiv.org/abs/2012.09841',
  build({ input = [32, 32, 3], latent = 64, hidden, ...parts } = {}) {
    const given = typeof hidden === 'object' ? hidden : undefined;
    const sizes = stageSizes('shape' in input ? input.shape : input, given?.length);
    const stages = sizes.length - 1;
    const byDefault = (i: number): number => widths[Math.min(stages - 1 - i, widths.length - 1)]!;
    const channels =
      given ?? Array.from({ length: stages }, (_, i) => (typeof hidden === 'number' ? hidden : byDefault(i)));
    const encoder: Layer[] = [];
    const decoder: Layer[] = [];
    for (let i = 0; i < stages; i++) {
      const [before, size, width] = [sizes[i]!, sizes[i + 1]!, channels[i]!];
      encoder.push(conv2d(width, sizeChange(before, size)), ...stage(width, size));
      decoder.unshift(...stage(width, size), convTranspose2d(channels[i - 1] ?? 'output', sizeChange(before, size)));
      // What comes out of the last block has not been normalised.
      if (i === 0) decoder.splice(-1, 0, groupNorm(), silu());
    }
    const [last, size] = [channels.at(-1)!, sizes.at(-1)!];
    encoder.push(groupNorm(), silu(), flatten());
    decoder.unshift(dense(last * size[0] * size[1]), reshape(last, ...size));
    return vae({ ...parts, input, latent, encoder, decoder });
  },
});

/** A residual block, and attention where there are few pixels. Both start as the identity. */
function stage(channels: number, [height, width]: Size): Layer[] {
  // Biases would be taken off by the group norms that follow.
  const convolution = { kernel: 3, padding: 1, bias: false } as const;
  const block = residual(
    groupNorm(),
    silu(),
    conv2d(channels, convolution),
    groupNorm(),
    silu(),
    conv2d(channels, { ...convolution, initializer: 'zeros' }),
  );
  return height * width > attentive ? [block] : [block, attention()];
}

/**
 * The convolution from one size to the next and, transposed, back: kernel 4 and stride 2, or kernel 3 where the size
 * stays. An odd size is halved up, with one more row of zeros, which the way back cuts off again.
 */
function sizeChange(from: Size, to: Size): Pick<Conv2d, 'kernel' | 'stride' | 'padding'> {
  if (from.join() === to.join()) return { kernel: 3, padding: 1 };
  return { kernel: 4, stride: 2, padding: [1, 1, 1 + (from[0] % 2), 1 + (from[1] % 2)] };
}

/**
 * The image's size, and the feature maps' at each stage: halved by each until there are at most 8×8 pixels, or by as many
 * stages as are asked for. An image as small as that keeps its size in its one stage.
 */
function stageSizes(shape: readonly number[], stages?: number): Size[] {
  const [height, width] = shape;
  if (shape.length !== 3 || height === undefined || width === undefined || stages === 0) {
    throw new LatentkitError(
      'spec',
      `preset "resnet": expected an image [height, width, channels] and at least one hidden width, got ` +
        `[${shape.join(', ')}] and ${stages ?? 'the default'} widths; for vectors take the preset "mlp".`,
    );
  }
  const sizes: Size[] = [[height, width]];
  const isSmall = ([rows, columns]: Size): boolean => rows * columns <= attentive;
  do {
    const size = sizes.at(-1)!;
    const stays = stages === undefined && isSmall(size);
    sizes.push(stays ? size : [Math.ceil(size[0] / 2), Math.ceil(size[1] / 2)]);
  } while (stages === undefined ? !isSmall(sizes.at(-1)!) : sizes.length <= stages);
  return sizes;
}

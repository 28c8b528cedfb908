// The classifier in whose features images are compared: a small convolutional network (LeCun et al. 1998) that tells
// MNIST's digits. Its penultimate layer stands where Heusel et al. 2017 have that of Inception, before the activation: it
// keeps what the classes do not need, such as that noise is no digit. 56 thousand parameters.

import { constant, type Tensor } from '../../graph/index.ts';
import { buildNetwork, conv2d, dense, flatten, type Layer, relu, type Scope } from '../../nn/index.ts';
import { clip, matmul, reshape } from '../../ops/index.ts';

/** Height and width of the images that the network sees. */
const side = 28;

/** Numbers that an image becomes. */
export const featureWidth = 48;

const classes = 10;

const halving = (channels: number, kernel: number): Layer[] => [
  conv2d(channels, { kernel, stride: 2, padding: 'same', initializer: 'heUniform' }),
  relu(),
];

/** From [1, 28, 28] to the features, by 14 × 14, 7 × 7 and 4 × 4 pixels. */
const featureLayers: readonly Layer[] = [
  ...halving(16, 5),
  ...halving(32, 3),
  ...halving(48, 3),
  flatten(),
  dense(featureWidth, { initializer: 'heUniform' }),
];

/** Of digits [N, 1, 28, 28] in [0, 1]: their `features` [N, 48] and the `logits` of the ten classes [N, 10]. */
export function classifier(digits: Tensor, scope: Scope): { readonly features: Tensor; readonly logits: Tensor } {
  const features = buildNetwork(featureLayers, digits, { name: 'features', scope });
  return { features, logits: buildNetwork([relu(), dense(classes)], features, { name: 'classes', scope }) };
}

/** The luma of red, green and blue (ITU-R BT.601). */
const luma = [0.299, 0.587, 0.114];

/**
 * Images [N, height, width, 1 or 3] as the network sees them: grey, held within [0, 1], [N, 1, 28, 28]. Images of another
 * size are resampled along each axis by a triangle as wide as the larger pixel, so that nothing aliases (Parmar,
 * Zhang and Zhu 2022, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation").
 */
export function toDigits(images: Tensor): Tensor {
  const [n, height, width, channels] = images.shape as ['N', number, number, number];
  const colours = channels === 1 ? images : matmul(images, constant(luma, [3, 1]));
  const grey = reshape(clip(colours, 0, 1), [n, height, width]);
  const narrow = width === side ? grey : matmul(grey, resampling(width), { transposeB: true });
  const resized = height === side ? narrow : matmul(resampling(height), narrow);
  return reshape(resized, [n, 1, side, side]);
}

/** [28, length]: the weight of each of an axis's pixels in each of the 28. */
function resampling(length: number): Tensor {
  const scale = length / side;
  const reach = Math.max(1, scale);
  const rows = Array.from({ length: side }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const weights = Array.from({ length }, (_, j) => Math.max(0, 1 - Math.abs(j + 0.5 - centre) / reach));
    const total = weights.reduce((a, b) => a + b);
    return weights.map(weight => weight / total);
  });
  return constant(rows.flat(), [side, length]);
}

// Where in an image the model is surprised: what each pixel adds to −log p(x|z) beyond what it does in normal rows, in colour
// over the image itself.

import type { Picture } from '../images/index.ts';

/** Ends of the scale: less than usual, more than usual. */
const [cold, hot] = [
  [37, 99, 235],
  [214, 40, 24],
] as const;

/** How much of the image shows through where nothing is unusual. */
const faintness = 0.45;

/**
 * One image's heat map in RGB. The strongest colour is the largest size of an excess in this image.
 * @param values [height, width, channels] on the scale of [0, 1].
 * @param excess in nats, in the same shape; channels are summed.
 */
export function heatMap(
  values: ArrayLike<number>,
  excess: ArrayLike<number>,
  [height, width, channels]: readonly [number, number, number],
): Picture {
  const pixels = height * width;
  const sums = Float64Array.from({ length: pixels }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += excess[i * channels + c]!;
    return sum;
  });
  const most = sums.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-12);
  const data = new Uint8Array(3 * pixels);
  sums.forEach((sum, i) => {
    let grey = 0;
    for (let c = 0; c < channels; c++) grey += values[i * channels + c]! / channels;
    const ground = 255 * (1 - faintness * Math.max(0, Math.min(1, grey)));
    const share = Math.abs(sum) / most;
    const color = sum > 0 ? hot : cold;
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.round(ground * (1 - share) + color[c]! * share);
  });
  return { width, height, channels: 3, data };
}

// What the JavaScript peers share: MNIST in shuffled batches, the article's network's sizes, and how a run is measured.
// Each peer is a process of its own that trains from scratch and prints one line of JSON.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { model: { type: 'string', default: 'mlp' }, images: { type: 'string' }, data: { type: 'string' } },
});

/** Which network to train. */
export const model = values.model;

export const batchSize = 128;
export const pixels = 784;
export const hidden = 256;
export const latent = 32;
export const learningRate = 1e-3;

/** How many steps to time. */
export const steps = Math.max(1, Math.round(Number(values.images) / batchSize));

/** The sizes of the article's network by parameter: a weight [from, to], or a bias [to] with its layer's inputs. */
export const layers = {
  encoder: [pixels, hidden],
  heads: [hidden, 2 * latent],
  decoder: [latent, hidden],
  output: [hidden, pixels],
};

export const warmUpSteps = 10;
const trainImages = 55_000;

/** Values uniform on ±1 / √(inputs). */
export function initial(inputs, size) {
  return Float32Array.from({ length: size }, () => (2 * Math.random() - 1) / Math.sqrt(inputs));
}

/** Standard normal values (Box and Muller). */
export function normals(size) {
  const values = new Float32Array(size);
  for (let i = 0; i < size; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
    const angle = 2 * Math.PI * Math.random();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < size) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** Shuffled batches of pixels in [0, 1], [batchSize, 784] each, epoch after epoch; the array is reused. */
export function* batches() {
  const bytes = readFileSync(values.data).subarray(16, 16 + trainImages * pixels);
  const images = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) images[i] = bytes[i] / 255;
  const order = Uint32Array.from({ length: trainImages }, (_, i) => i);
  const batch = new Float32Array(batchSize * pixels);
  for (;;) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    for (let start = 0; start + batchSize <= trainImages; start += batchSize) {
      for (let row = 0; row < batchSize; row++) {
        const from = order[start + row] * pixels;
        batch.set(images.subarray(from, from + pixels), row * pixels);
      }
      yield batch;
    }
  }
}

/**
 * Trains on `--images` images after a few steps that are not timed, and prints the result.
 *
 * @param peer what ran, with its version
 * @param step one step on a batch; resolves to its loss in nats per image
 */
export async function measure(peer, step) {
  const source = batches();
  for (let i = 0; i < warmUpSteps; i++) await step(source.next().value);
  const losses = [];
  const start = performance.now();
  for (let i = 0; i < steps; i++) losses.push(await step(source.next().value));
  report(peer, steps, (performance.now() - start) / 1000, meanOfLast(losses));
}

/** The mean of the last fifth of the losses. */
export function meanOfLast(values) {
  const last = values.slice(-Math.ceil(values.length / 5));
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}

/** Prints the line that bench/train.mjs reads. `loss` is null where nothing is learnt. */
export function report(peer, steps, seconds, loss) {
  const images_per_s = (steps * batchSize) / seconds;
  const peak_rss_mb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ peer, images_per_s, step_ms: (seconds * 1000) / steps, loss, peak_rss_mb }));
}

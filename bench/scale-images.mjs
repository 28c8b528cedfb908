// The part `images` of `npm run bench -- scale`: a folder of many small PNG files, and how soon a training on it starts, for the
// first time and again; its speed while the files are decoded, and from the cache; and what memory it takes at most.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostRows, loadData } from '../dist/data/index.js';
import { encodePng } from '../dist/images/index.js';
import { presets } from '../dist/models/index.js';
import { fit } from '../dist/train/index.js';
import { printTable } from './table.mjs';

/** MNIST's training images over and over, 28×28 grey, in a folder for each class. */
async function writeImages(folder, rows) {
  const { train } = await loadData('mnist');
  for (let digit = 0; digit < 10; digit++) await mkdir(join(folder, `${digit}`), { recursive: true });
  for (let start = 0; start < rows; start += 1000) {
    const { data } = await hostRows(train, start % 50_000, (start % 50_000) + 1000);
    for (let i = 0; i < Math.min(1000, rows - start); i++) {
      const pixels = data.subarray(i * 784, (i + 1) * 784);
      const name = `${train.labels.values[(start % 50_000) + i]}/${String(start + i).padStart(6, '0')}.png`;
      await writeFile(join(folder, name), encodePng({ width: 28, height: 28, channels: 1, data: pixels }));
    }
  }
}

/** Trains the preset `mlp` for some epochs; the seconds from here to the end of the first step, and each epoch's speed. */
async function train(path, epochs) {
  const began = performance.now();
  const controller = new AbortController();
  const measured = { speeds: [] };
  const data = await loadData({ type: 'images', path });
  const { shape, dtype, range } = data.train;
  await fit(presets.mlp.build({ input: { shape, dtype, range } }), data, {
    epochs: Math.max(1, epochs),
    signal: controller.signal,
    onStep() {
      measured.firstStep ??= (performance.now() - began) / 1000;
      if (epochs === 0) controller.abort();
    },
    onEpoch: ({ imagesPerSecond }) => void measured.speeds.push(imagesPerSecond),
  });
  return measured;
}

export async function measureImages(rows) {
  const folder = await mkdtemp(join(tmpdir(), 'latentkit-scale-'));
  process.env.LATENTKIT_CACHE = join(folder, 'cache');
  try {
    console.log(`writing ${rows.toLocaleString('en')} images ...`);
    await writeImages(join(folder, 'images'), rows);
    const cold = await train(join(folder, 'images'), 2);
    const warm = await train(join(folder, 'images'), 0);
    const peak = process.resourceUsage().maxRSS / (process.platform === 'darwin' ? 2 ** 20 : 2 ** 10);
    const speed = value => `${Math.round(value).toLocaleString('en')} images/s`;
    printTable([
      [`${rows.toLocaleString('en')} images`, ''],
      ['to the first step', `${cold.firstStep.toFixed(1)} s`],
      ['to the first step, again', `${warm.firstStep.toFixed(1)} s`],
      ['first epoch (decoded)', speed(cold.speeds[0])],
      ['second epoch (cache)', speed(cold.speeds[1])],
      ['peak memory', `${peak.toFixed(0)} MB`],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

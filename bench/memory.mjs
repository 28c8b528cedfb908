// `npm run bench -- memory`: resident memory after each of 20 epochs of the preset `mlp` on MNIST, run folder and all. It has
// to stay flat: the last line gives epoch 20 relative to epoch 2, and the peak.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadData } from '../dist/data/index.js';
import { presetNamed } from '../dist/models/index.js';
import { fit } from '../dist/train/index.js';

const epochs = 20;
const directory = await mkdtemp(join(tmpdir(), 'latentkit-memory-'));
const resident = [];
try {
  await fit(presetNamed('mlp').build(), await loadData('mnist'), {
    epochs,
    folder: join(directory, 'run'),
    onEpoch({ epoch }) {
      resident.push(process.memoryUsage().rss / 2 ** 20);
      console.log(`epoch ${String(epoch).padStart(2)}  ${resident.at(-1).toFixed(1)} MB`);
    },
  });
} finally {
  await rm(directory, { recursive: true, force: true });
}
const change = 100 * (resident.at(-1) / resident[1] - 1);
const peak = process.resourceUsage().maxRSS / (process.platform === 'darwin' ? 2 ** 20 : 2 ** 10);
console.log(
  `\nepoch ${epochs} relative to epoch 2: ${change > 0 ? '+' : ''}${change.toFixed(1)} %; peak ${peak.toFixed(0)} MB`,
);

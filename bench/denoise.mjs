// `npm run bench -- denoise`: noisy MNIST test images restored, beside classical filters, each of which has the setting that
// is best on validation images. PSNR is that of each image held in [0, 1], averaged over images.
//
// - posterior: a model of clean images, trained without any noise, and inference under the noise's own likelihood; the
//   level of the noise is estimated from each image.
// - trained: a denoiser, trained on noisy images: one for Gaussian noise of any level, one for salt and pepper.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy } from '../dist/arrays/index.js';
import { isRun, nodeFolder } from '../dist/artifact/index.js';
import { arrayDataset, loadData, readRange, subset } from '../dist/data/index.js';
import { denoiseByModel } from '../dist/inference/index.js';
import { createKernels } from '../dist/kernels/index.js';
import { alignedBytes } from '../dist/kernels/memory.js';
import { presets } from '../dist/models/index.js';
import { float32, nodeRuntime } from '../dist/runtime/index.js';
import { load } from '../dist/tasks/index.js';
import { fit, resume } from '../dist/train/index.js';
import { cache } from './burda.mjs';
import { count, names, readOptions } from './options.mjs';
import { printTable } from './table.mjs';

/** What a method is to gain over the best classical filter, in dB. */
const targets = { posterior: 1.5, trained: 3 };
const known = Object.keys(targets);

const usage = `Usage: npm run bench -- denoise [options]

  --only A,B      of ${known.join(', ')}
  --run FOLDER    a trained model of clean MNIST (default: mlp, trained for it)
  --epochs N      of that training (default 20)
  --denoiser-epochs N  of the denoisers' training (default 10); they are kept in bench/.cache
  --rows N        test images (default 1000)
  --threads N     default 2
  --python FILE   a Python with scikit-image and PyWavelets (default /usr/bin/python3 where there is one)`;
const flags = {
  only: { type: 'string', default: known.join() },
  run: { type: 'string' },
  epochs: { type: 'string', default: '20' },
  'denoiser-epochs': { type: 'string', default: '10' },
  rows: { type: 'string', default: '1000' },
  threads: { type: 'string', default: '2' },
  // That of the system, which has Debian's packages, before others on the path.
  python: { type: 'string', default: existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3' },
};
const options = readOptions(usage, flags, values => ({
  only: names(values, 'only', known),
  run: values.run,
  python: values.python,
  epochs: count(values, 'epochs'),
  denoiserEpochs: count(values, 'denoiser-epochs'),
  rows: count(values, 'rows', 10_000),
  threads: count(values, 'threads'),
}));

const noises = [
  { name: 'gaussian-0.3', type: 'gaussian', level: 0.3 },
  { name: 'gaussian-0.5', type: 'gaussian', level: 0.5 },
  { name: 'gaussian-0.8', type: 'gaussian', level: 0.8 },
  { name: 'salt-and-pepper', type: 'saltAndPepper', level: 0.3 },
];
const width = 784;
const data = await loadData('mnist');
const runtime = await nodeRuntime({ threads: options.threads });
const clean = { validation: unit(subset(data.validation, 0, 30)), test: unit(subset(data.test, 0, options.rows)) };

const folder = mkdtempSync(join(tmpdir(), 'latentkit-denoise-'));
const classical = filters();
rmSync(folder, { recursive: true });
const table = [];
for (const method of options.only) {
  const denoise = await { posterior: byInference, trained: byTraining }[method]();
  for (const noise of noises) {
    const noisy = noisyOf(clean.test, noise, 1);
    const began = performance.now();
    const { mean, level } = await denoise(float32(noisy, [options.rows, 28, 28, 1]), noise);
    const seconds = (performance.now() - began) / 1000 / options.rows;
    const filtered = classical?.[noise.name];
    const [best] = Object.entries(filtered ?? {}).sort(([, a], [, b]) => b.psnr - a.psnr);
    const own = psnr(clean.test, mean.data);
    const gain = best && own - best[1].psnr;
    table.push([
      method,
      noise.name,
      psnr(clean.test, noisy).toFixed(2),
      best ? `${best[1].psnr.toFixed(2)} (${best[0]})` : '-',
      own.toFixed(2),
      best
        ? `${gain >= 0 ? '+' : ''}${gain.toFixed(2)}${gain >= targets[method] ? '' : ` below ${targets[method]}`}`
        : '-',
      level ? averageOf(level.data).toFixed(3) : '-',
      seconds.toFixed(4),
    ]);
    console.log(`${method}, ${noise.name}: ${own.toFixed(2)} dB; filters ${JSON.stringify(filtered ?? {})}`);
  }
}
console.log(`\nMNIST, ${options.rows} test images, PSNR in dB\n`);
printTable([['method', 'noise', 'noisy', 'best filter', 'restored', 'gain', 'level found', 's/image'], ...table]);

/** A model of clean images, and inference. */
async function byInference() {
  const vae = options.run
    ? (await load(options.run, { runtime })).vae
    : (await fit(presets.mlp.build(), data, { epochs: options.epochs, runtime })).vae;
  return (rows, { type }) => denoiseByModel(vae, rows, { noise: { type } });
}

/** Models of noisy images, which give the clean one in one pass. */
async function byTraining() {
  const corruptions = {
    gaussian: { type: 'gaussian', deviation: [0.2, 0.9] },
    saltAndPepper: { type: 'saltAndPepper', rate: [0.1, 0.5] },
  };
  const denoisers = {};
  for (const [type, corruption] of Object.entries(corruptions)) denoisers[type] = await denoiserOf(type, corruption);
  return (rows, { type }) => denoisers[type].run('reconstruct', rows);
}

/** A denoiser of images as floats, which noise may lead below black and above white; trained once. */
async function denoiserOf(type, corruption) {
  const where = join(cache, 'denoise', type);
  const splits = Object.fromEntries(
    ['train', 'validation', 'test'].map(split => [
      split,
      arrayDataset({ name: 'mnist', data: unit(data[split]), shape: [28, 28, 1] }),
    ]),
  );
  if (await isRun(await nodeFolder(where, { create: true }))) {
    return (await resume(where, { runtime, data: splits })).vae;
  }
  console.log(`training a denoiser (${type}) for ${options.denoiserEpochs} epochs`);
  const input = { shape: [28, 28, 1], dtype: 'float32', range: [0, 1] };
  const spec = presets.denoiser.build({ input, corruption });
  const optimizer = { type: 'adam', learningRate: 1e-3, ema: 0.999 };
  const training = { epochs: options.denoiserEpochs, batchSize: 64, optimizer, schedule: { type: 'cosine' } };
  return (await fit(spec, splits, { ...training, doctor: 'off', folder: where, runtime })).vae;
}

function unit(dataset) {
  return Float32Array.from(readRange(dataset, 0, dataset.size), value => value / 255);
}

function averageOf(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function noisyOf(images, { type, level }, seed) {
  const kernels = createKernels(alignedBytes(4 * images.length));
  const numbers = kernels.float32(images.length);
  const key = { seed, stream: Math.round(1000 * level), step: 0 };
  if (type === 'gaussian') {
    kernels.fillNormal(numbers, key);
    return images.map((value, i) => value + level * numbers[i]);
  }
  kernels.fillUniform(numbers, key);
  return images.map((value, i) => (numbers[i] < level ? Number(numbers[i] < level / 2) : value));
}

function psnr(truth, found) {
  let total = 0;
  for (let start = 0; start < truth.length; start += width) {
    let square = 0;
    for (let i = start; i < start + width; i++) square += (Math.min(1, Math.max(0, found[i])) - truth[i]) ** 2;
    total -= 10 * Math.log10(Math.max(square / width, 1e-10));
  }
  return total / (truth.length / width);
}

/** What the filters of scikit-image come to, where they are to be had. */
function filters() {
  for (const [split, images] of Object.entries(clean)) {
    const write = (name, values) =>
      writeFileSync(join(folder, `${split}-${name}.npy`), encodeNpy(float32(values, [values.length / width, 28, 28])));
    write('clean', images);
    for (const noise of noises) write(noise.name, noisyOf(images, noise, split === 'test' ? 1 : 2));
  }
  const script = join(import.meta.dirname, 'peers', 'denoise_baselines.py');
  try {
    const names = noises.map(({ name }) => name);
    return JSON.parse(execFileSync(options.python, [script, folder, ...names], { encoding: 'utf8' }));
  } catch (error) {
    console.log(`No filters to compare with: ${error.message.split('\n')[0]}`);
    return undefined;
  }
}

// `npm run bench -- emoji`: emoji that one vendor drew, redrawn as another draws them. The drawings of a tenth of the emoji
// were seen by no model, of either vendor; what is made of the one drawing is compared with the other by SSIM (Wang et al.
// 2004, 11×11 window), at 32×32 pixels on white. Skin tones are left out: they are the same drawing many times over.
//
// label: a conditional VAE that is told the vendor, of both vendors' drawings without saying which belong together. The task
//   `transfer` keeps the code and changes the label.
// pairs: a conditional VAE of the one drawing that is told the other (Sohn et al. 2015, "Learning Structured Output
//   Representation using Deep Conditional Generative Models"); what it draws is the decoder's mean at the prior's mean.
//
// Beside them: the source itself; the source blurred, as far as is best on validation, since blur alone raises SSIM; and
// the nearest training emoji by squared error in the source's style, as drawn in the other.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { isRun, nodeFolder } from '../dist/artifact/index.js';
import { arrayDataset, hostRows, loadData } from '../dist/data/index.js';
import { psnr, ssim } from '../dist/evaluate/index.js';
import { encodePng, imageGrid } from '../dist/images/index.js';
import { presets, vae } from '../dist/models/index.js';
import { conv2d, convTranspose2d, flatten, groupNorm, reshape, residual, silu } from '../dist/nn/index.js';
import { float32, nodeRuntime } from '../dist/runtime/index.js';
import { load, transfer } from '../dist/tasks/index.js';
import { fit, resume } from '../dist/train/index.js';
import { cache } from './burda.mjs';
import { npm } from './npm.mjs';
import { count, names, readOptions } from './options.mjs';
import { printTable } from './table.mjs';

const bench = fileURLToPath(new URL('.', import.meta.url));
const vendors = ['google', 'twitter'];
const size = 32;
const width = size * size * 3;
/** [height and width] of the planes in which a drawing is told: each has one pixel of every 2×2. */
const plane = size / 2;
/** Three colours of four pixels, and one plane that says which vendor's drawing it is. */
const planes = 13;
const told = planes * plane * plane;

const parts = { label: byLabel, pairs: byPairs };
const known = Object.keys(parts);
const usage = `Usage: npm run bench -- emoji [options]

  --only A,B       of ${known.join(', ')}
  --epochs N       of each training (default 12, some 2 minutes each on a quiet core)
  --picture FILE   of the last part: sources, what was drawn, and what the other vendor drew (.png)
  --json FILE      write the figures

Runs are kept under bench/.cache: killed and started again, they go on.`;
const flags = {
  only: { type: 'string', default: known.join() },
  epochs: { type: 'string', default: '12' },
  picture: { type: 'string' },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, values => ({
  only: names(values, 'only', known),
  epochs: count(values, 'epochs'),
  picture: values.picture,
  json: values.json,
}));

const data = await loadData({ type: 'images', path: await layOut(), size, channels: 3 });
const drawn = {};
for (const split of ['train', 'validation', 'test']) drawn[split] = await drawingsOf(data[split]);
const runtime = await nodeRuntime();

const sigma = bestBlur();
const rows = [
  { name: 'the source itself', draw: from => drawn.test[from] },
  { name: `the source blurred, σ = ${sigma} px`, draw: from => blurred(drawn.test[from], sigma) },
  { name: "the nearest training emoji's pair", draw: nearestPair },
];
for (const part of options.only) rows.push({ name: part, draw: await parts[part]() });
const figures = [];
for (const { name, draw } of rows) {
  const results = [];
  for (const from of [0, 1]) {
    const [images, truth] = [await draw(from), drawn.test[1 - from]];
    results.push({ ssim: mean(ssim(images, truth)), psnr: ofMeanError(psnr(images, truth)) });
    if (options.picture && name === rows.at(-1).name && from === 0) drawPicture(images);
  }
  figures.push({ name, results });
}
const heading = vendors.map((vendor, from) => `${vendor} → ${vendors[1 - from]}`);
console.log(`\n${drawn.test[0].shape[0]} emoji that were not trained on, compared with the other vendor's drawing\n`);
printTable([
  ['', ...heading.map(of => `SSIM ${of}`), ...heading.map(of => `PSNR ${of}`)],
  ...figures.map(({ name, results }) => [
    name,
    ...results.map(result => result.ssim.toFixed(3)),
    ...results.map(result => result.psnr.toFixed(2)),
  ]),
]);
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);

/** The folder of both vendors' drawings: train, validation and test, in each a folder for each vendor. */
async function layOut() {
  const packages = vendors.map(vendor => join(bench, 'node_modules', `emoji-datasource-${vendor}`));
  if (!packages.every(existsSync)) npm(['ci'], bench);
  const sources = vendors.map((vendor, i) => join(packages[i], 'img', vendor, '64'));
  const skinTone = /1f3f[b-f]/;
  const both = readdirSync(sources[0]).filter(file => !skinTone.test(file) && existsSync(join(sources[1], file)));
  const root = join(cache, 'emoji', 'drawings');
  for (const file of both) {
    const [byte] = createHash('sha256').update(file).digest();
    const split = byte < 26 ? 'test' : byte < 52 ? 'validation' : 'train';
    for (const [i, vendor] of vendors.entries()) {
      const path = join(root, split, vendor, file);
      if (existsSync(path)) continue;
      mkdirSync(dirname(path), { recursive: true });
      await sharp(join(sources[i], file)).flatten({ background: 'white' }).toFile(path);
    }
  }
  return root;
}

/** The drawings of each vendor, in the same order: [google, twitter], each [n, size, size, 3] on the scale of [0, 1]. */
async function drawingsOf(dataset) {
  const all = await hostRows(dataset, 0, dataset.size);
  const places = vendors.map((_, vendor) => {
    const own = [...all.label.data.keys()].filter(row => all.label.data[row] === vendor);
    return own.sort((a, b) => (fileOf(dataset, a) < fileOf(dataset, b) ? -1 : 1));
  });
  return places.map(own =>
    Object.assign(
      float32(
        Float32Array.from({ length: own.length * width }, (_, i) => {
          return all.data[own[Math.floor(i / width)] * width + (i % width)] / 255;
        }),
        [own.length, size, size, 3],
      ),
      { rows: own },
    ),
  );
}

function fileOf(dataset, row) {
  return dataset.rowName(row).split(/[\\/]/).at(-1);
}

/** The code kept, the vendor changed. */
async function byLabel() {
  const condition = { type: 'label', classes: 2 };
  const network = { network: 'conv', hidden: [32, 64, 128], latent: 128 };
  const spec = presets.cvae.build({ input: [size, size, 3], condition, likelihood: 'laplace', ...network });
  const where = await trained('label', spec, data, 1e-3);
  const run = await load(where, { runtime });
  return async from => {
    const { images } = await transfer(run, { rows: drawn.test[from].rows, label: 1 - from }, { data });
    return images;
  };
}

/** One drawing given the other, either way. */
async function byPairs() {
  const splits = { train: pairsOf('train'), validation: pairsOf('validation'), test: pairsOf('test') };
  const where = await trained('pairs', pairModel(), splits, 3e-3);
  const run = await load(where, { runtime });
  return async from => {
    const [rows] = drawn.test[from].shape;
    const z = float32(new Float32Array(rows * plane * plane), [rows, plane * plane]);
    const attributes = float32(tellAll(drawn.test[from], from), [rows, told]);
    return (await run.vae.run('decoder', { ...z, attributes })).mean;
  };
}

/**
 * Code and source reach the decoder as one vector; as planes one below the other they become a picture again by a
 * convolution whose kernel has a row in each. From there on it is a U-Net: blocks about what a lower resolution adds.
 */
function pairModel() {
  const halving = { kernel: 4, stride: 2, padding: 1 };
  const convolution = { kernel: 3, padding: 1, bias: false };
  const block = channels =>
    residual(
      groupNorm(),
      silu(),
      conv2d(channels, convolution),
      groupNorm(),
      silu(),
      conv2d(channels, { ...convolution, initializer: 'zeros' }),
    );
  const lower = (channels, inner, within) =>
    residual(
      groupNorm(),
      silu(),
      conv2d(inner, halving),
      ...within,
      groupNorm(),
      silu(),
      convTranspose2d(channels, halving),
    );
  const [fine, coarse] = [24, 40];
  const stacked = { kernel: [planes + 1, 3], dilation: [plane, 1], padding: [0, 1, 0, 1] };
  return vae({
    input: [size, size, 3],
    condition: { type: 'attributes', width: told },
    latent: plane * plane,
    encoder: [conv2d(24, halving), silu(), conv2d(32, halving), silu(), flatten()],
    decoder: [
      reshape(1, (planes + 1) * plane, plane),
      conv2d(fine, stacked),
      block(fine),
      lower(fine, coarse, [block(coarse), lower(coarse, coarse, [block(coarse)]), block(coarse)]),
      block(fine),
      groupNorm(),
      silu(),
      convTranspose2d('output', halving),
    ],
    likelihood: 'laplace',
    klWeight: 2,
  });
}

/** Each emoji twice: as the one vendor draws it, told as the other does. */
function pairsOf(split) {
  const both = drawn[split];
  const [rows] = both[0].shape;
  const values = Float32Array.from(vendors.flatMap((_, from) => [...tellAll(both[from], from)]));
  const bytes = vendors.flatMap((_, from) => [...both[1 - from].data]);
  return arrayDataset({
    name: `emoji pairs, ${split}`,
    data: Uint8Array.from(bytes, value => Math.round(255 * value)),
    shape: [size, size, 3],
    attributes: {
      names: Array.from({ length: told }, (_, i) => `${i}`),
      read(wanted, into) {
        for (let i = 0; i < wanted.length; i++) {
          into.set(values.subarray(wanted[i] * told, (wanted[i] + 1) * told), i * told);
        }
      },
    },
    position: row => (row % rows) * 2 + Math.floor(row / rows),
  });
}

/** What a model is told of drawings: their planes, and one of −1 or 1 for the vendor. */
function tellAll({ data: pixels, shape: [rows] }, from) {
  const values = new Float32Array(rows * told).fill(from === 0 ? -1 : 1);
  for (let i = 0; i < rows * width; i++) {
    const [row, y, x, colour] = [
      Math.floor(i / width),
      Math.floor(i / (3 * size)) % size,
      Math.floor(i / 3) % size,
      i % 3,
    ];
    const of = 4 * colour + 2 * (y % 2) + (x % 2);
    values[row * told + (of * plane + (y >> 1)) * plane + (x >> 1)] = pixels[i];
  }
  return values;
}

/** The folder of a run that is trained, or trained on from where it stopped. */
async function trained(name, spec, splits, learningRate) {
  const where = join(cache, 'emoji', name);
  const optimizer = { type: 'adam', learningRate };
  const schedule = { type: 'cosine' };
  const { epochs } = options;
  const onEpoch = ({ epoch, validation }) => {
    if (epoch % 4 === 0) console.log(`${name}: epoch ${epoch}, validation ${validation.negElbo.toFixed(0)} nats`);
  };
  const isThere = await isRun(await nodeFolder(where, { create: true }));
  if (isThere) await resume(where, { epochs, runtime, data: splits, onEpoch });
  else await fit(spec, splits, { epochs, batchSize: 32, optimizer, schedule, folder: where, runtime, onEpoch });
  return where;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The PSNR of the mean squared error: some emoji are drawn alike to the pixel, which alone would be infinite. */
function ofMeanError(decibels) {
  return -10 * Math.log10(mean(decibels.map(db => 10 ** (-db / 10))));
}

/** What blur makes copies most like the other vendor's validation drawings. */
function bestBlur() {
  const score = deviation =>
    mean([0, 1].map(from => mean(ssim(blurred(drawn.validation[from], deviation), drawn.validation[1 - from]))));
  return [0.5, 0.75, 1, 1.25, 1.5, 2].reduce((best, deviation) => (score(deviation) > score(best) ? deviation : best));
}

/** Images under a Gaussian of a deviation in pixels; beyond the border it goes on as at the border. */
function blurred({ data: pixels, shape }, deviation) {
  const reach = Math.ceil(3 * deviation);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-0.5 * ((k - reach) / deviation) ** 2));
  const total = weights.reduce((a, b) => a + b);
  const held = place => Math.min(size - 1, Math.max(0, place));
  const pass = (from, stride) =>
    from.map((_, i) => {
      const place = Math.floor(i / stride) % size;
      return weights.reduce((sum, w, k) => sum + (w / total) * from[i + stride * (held(place + k - reach) - place)], 0);
    });
  return float32(pass(pass(pixels, 3), 3 * size), shape);
}

/** Of each test emoji the training emoji that looks most alike in the source's style, as the other vendor draws it. */
function nearestPair(from) {
  const [own, train] = [drawn.test[from], drawn.train[from]];
  const found = new Float32Array(own.data.length);
  for (let row = 0; row < own.shape[0]; row++) {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let other = 0; other < train.shape[0]; other++) {
      let sum = 0;
      for (let d = 0; d < width && sum < least; d++)
        sum += (own.data[row * width + d] - train.data[other * width + d]) ** 2;
      if (sum < least) [best, least] = [other, sum];
    }
    found.set(drawn.train[1 - from].data.subarray(best * width, (best + 1) * width), row * width);
  }
  return float32(found, own.shape);
}

/** Some emoji in three lines: the source, what was drawn, the truth. */
function drawPicture(images) {
  const columns = 12;
  const step = Math.floor(images.shape[0] / columns);
  const lines = [drawn.test[0], images, drawn.test[1]].flatMap(({ data: pixels }) =>
    Array.from({ length: columns }, (_, i) => [...pixels.subarray(i * step * width, (i * step + 1) * width)]).flat(),
  );
  const grid = imageGrid(float32(Float32Array.from(lines), [3 * columns, size, size, 3]), { columns, scale: 2 });
  writeFileSync(options.picture, encodePng(grid));
}

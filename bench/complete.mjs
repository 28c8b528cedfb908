// `npm run bench -- complete`: MNIST test images whose lower half is hidden. How near the mean of the completions comes to
// what was there, and how probable what was there was, beside one pass through encoder and decoder and beside the nearest
// training images (by the upper half, whatever their class); and whether the errors are as large as they are said to be.
//
// The deviations are calibrated on validation images whose lower half is hidden too; no test image is looked at for it.
//
// log p is of the hidden half's grey values under Bernoulli's cross-entropy, of a mixture in each case: of the model's over
// all draws of codes, of the neighbours' over pixels that are a neighbour's with some probability and else grey. The number
// of neighbours, their smoothing and the one pass's filling are chosen on validation images or on training's.

import { loadData, readRange, subset } from '../dist/data/index.js';
import { calibrate, completeRows, measureErrors } from '../dist/inference/index.js';
import { presets } from '../dist/models/index.js';
import { float32, nodeRuntime } from '../dist/runtime/index.js';
import { load } from '../dist/tasks/index.js';
import { fit } from '../dist/train/index.js';
import { count, readOptions } from './options.mjs';
import { printTable } from './table.mjs';

const usage = `Usage: npm run bench -- complete [options]

  --run FOLDER    a trained model of MNIST with a Bernoulli likelihood (default: mlp of twice 512 units, trained for it)
  --epochs N      of that training (default 20)
  --rows N        test images (default 500)
  --calibration N validation images to calibrate by (default 800)
  --chains N      of each image (default 24)
  --draws N       of each chain (default 20)
  --threads N     default 2`;
const flags = {
  run: { type: 'string' },
  epochs: { type: 'string', default: '20' },
  rows: { type: 'string', default: '500' },
  calibration: { type: 'string', default: '800' },
  chains: { type: 'string', default: '24' },
  draws: { type: 'string', default: '20' },
  threads: { type: 'string', default: '2' },
};
const options = readOptions(usage, flags, values => ({
  run: values.run,
  epochs: count(values, 'epochs'),
  rows: count(values, 'rows', 10_000),
  calibration: count(values, 'calibration', 4800),
  chains: count(values, 'chains', 1000),
  draws: count(values, 'draws', 10_000),
  threads: count(values, 'threads'),
}));

const [width, hiddenFrom] = [784, 392];
const data = await loadData('mnist');
const runtime = await nodeRuntime({ threads: options.threads });
const vae = options.run
  ? (await load(options.run, { runtime })).vae
  : (await fit(presets.mlp.build({ hidden: [512, 512] }), data, { epochs: options.epochs, runtime })).vae;
const train = unit(data.train);
const validation = unit(subset(data.validation, 0, 200));
const heldOut = unit(subset(data.validation, 200, 200 + options.calibration));
const test = unit(subset(data.test, 0, options.rows));
const average = meanOf(train);

const inference = { chains: options.chains, draws: options.draws };
const errors = await measureErrors(vae, halfOf(heldOut), whole(heldOut), inference);
const began = performance.now();
const ours = await completeRows(vae, halfOf(test), { ...inference, truth: whole(test) });
const seconds = (performance.now() - began) / 1000;
const calibrated = calibrate(ours, halfOf(test), errors);
const pass = await onePass(test);
const neighbours = bestNeighbours();
const rows = [
  ['mean of completions', psnr(test, ours.mean.data), mean(ours.logLikelihood.data)],
  ['one pass, encode and decode', psnr(test, pass), mean(bernoulliLogs(test, pass))],
  [`${neighbours.k} nearest neighbours`, psnr(test, neighbours.mean), mean(neighbours.logs)],
];
console.log(
  `\nMNIST, lower half hidden, ${options.rows} test images (${(seconds / options.rows).toFixed(3)} s each)\n`,
);
printTable([
  ['', 'PSNR of the hidden half (dB)', 'log p of what was hidden (nats)'],
  ...rows.map(([name, p, log]) => [name, p.toFixed(2), log.toFixed(1)]),
]);
const { acceptance, scaleReduction } = ours.diagnostics;
console.log(
  `\naccepted ${(100 * mean(acceptance.data)).toFixed(0)} %, R-hat ${median(scaleReduction.data).toFixed(2)} (median of images)`,
);
console.log('\nHidden pixels by predicted deviation, in tenths: predicted and observed error (root mean square)\n');
const [own, held] = [tenths(ours.mean, ours.deviation), tenths(ours.mean, calibrated)];
printTable([
  ['tenth', 'predicted', 'observed', 'ratio', "the model's own", 'observed', 'ratio'],
  ...held.map((tenth, i) => [`${i + 1}`, ...tenth.map(figure), ...own[i].map(figure)]),
]);
const [completed, ...others] = rows;
const off = held.filter(([, observed, ratio]) => observed > 0.01 && !(ratio >= 0.8 && ratio <= 1.25));
console.log('');
printTable([
  ['target', 'met'],
  ['PSNR above both others', others.every(([, p]) => completed[1] > p) ? 'yes' : 'no'],
  ['log p above both others', others.every(([, , log]) => completed[2] > log) ? 'yes' : 'no'],
  ['ratio within 0.8 to 1.25 in each tenth of errors above 0.01', off.length === 0 ? 'yes' : `not in ${off.length}`],
]);
await vae.dispose();

function unit(dataset) {
  return Float32Array.from(readRange(dataset, 0, dataset.size), value => value / 255);
}

function isHidden(i) {
  return i % width >= hiddenFrom;
}

function whole(images) {
  return float32(images, [images.length / width, 28, 28, 1]);
}

function halfOf(images) {
  return whole(images.map((value, i) => (isHidden(i) ? Number.NaN : value)));
}

function figure(value) {
  return value.toFixed(value < 10 ? 3 : 0);
}

function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function meanOf(images) {
  const sums = new Float64Array(width);
  images.forEach((value, i) => {
    sums[i % width] += value;
  });
  return sums.map(sum => (sum * width) / images.length);
}

/** PSNR of the hidden half of each image, averaged over images. */
function psnr(truth, found) {
  const images = truth.length / width;
  let total = 0;
  for (let image = 0; image < images; image++) {
    let square = 0;
    for (let d = hiddenFrom; d < width; d++) square += (truth[image * width + d] - found[image * width + d]) ** 2;
    total -= 10 * Math.log10(Math.max(square / (width - hiddenFrom), 1e-10));
  }
  return total / images;
}

/** log p of each image's hidden half, pixels being white with the probabilities given. */
function bernoulliLogs(truth, probabilities) {
  return Float64Array.from({ length: truth.length / width }, (_, image) => {
    let log = 0;
    for (let d = hiddenFrom; d < width; d++) {
      const [x, p] = [truth[image * width + d], Math.min(1 - 1e-6, Math.max(1e-6, probabilities[image * width + d]))];
      log += x * Math.log(p) + (1 - x) * Math.log1p(-p);
    }
    return log;
  });
}

/** The hidden half filled with the average training image, encoded and decoded. */
async function onePass(images) {
  const filled = Uint8Array.from(images, (value, i) => Math.round(255 * (isHidden(i) ? average[i % width] : value)));
  const shape = [images.length / width, 28, 28, 1];
  return (await vae.run('reconstruct', { dtype: 'uint8', shape, data: filled })).mean.data;
}

/** The nearest training images of each image by the half that is seen, nearest first. */
function nearest(images, most) {
  return Array.from({ length: images.length / width }, (_, image) => {
    const own = images.subarray(image * width, image * width + hiddenFrom);
    const distances = Float64Array.from({ length: train.length / width }, (_, row) => {
      let sum = 0;
      for (let d = 0; d < hiddenFrom; d++) sum += (own[d] - train[row * width + d]) ** 2;
      return sum;
    });
    const limit = Float64Array.from(distances).sort()[most - 1];
    const within = [...distances.keys()].filter(row => distances[row] <= limit);
    return within.sort((a, b) => distances[a] - distances[b]).slice(0, most);
  });
}

/** The mean of the neighbours, and log p under the mixture of them. */
function ofNeighbours(images, rows, k, smoothing) {
  const found = new Float32Array(images.length);
  const logs = Float64Array.from(rows, (own, image) => {
    const terms = own.slice(0, k).map(row => {
      let log = -Math.log(k);
      for (let d = hiddenFrom; d < width; d++) {
        const x = images[image * width + d];
        const p = (1 - smoothing) * train[row * width + d] + smoothing * average[d];
        found[image * width + d] += train[row * width + d] / k;
        const held = Math.min(1 - 1e-4, Math.max(1e-4, p));
        log += x * Math.log(held) + (1 - x) * Math.log1p(-held);
      }
      return log;
    });
    const largest = Math.max(...terms);
    return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
  });
  return { k, smoothing, mean: found, logs };
}

/** As many neighbours as have the best PSNR on validation images, and there the smoothing of the best log p. */
function bestNeighbours() {
  const rows = nearest(validation, 50);
  const byK = [1, 3, 5, 10, 20, 50].map(k => ofNeighbours(validation, rows, k, 0.3));
  const { k } = byK.reduce((a, b) => (psnr(validation, b.mean) > psnr(validation, a.mean) ? b : a));
  const byLog = [1, 5, 20, 50].flatMap(own => [0.1, 0.3, 0.5, 0.7].map(s => ofNeighbours(validation, rows, own, s)));
  const best = byLog.reduce((a, b) => (mean(b.logs) > mean(a.logs) ? b : a));
  const own = nearest(test, 50);
  return { k, mean: ofNeighbours(test, own, k, 0.3).mean, logs: ofNeighbours(test, own, best.k, best.smoothing).logs };
}

/** Of each tenth of the hidden pixels, by the deviation predicted: predicted and observed error, and their ratio. */
function tenths(found, deviation) {
  const places = [...test.keys()].filter(isHidden).sort((a, b) => deviation.data[a] - deviation.data[b]);
  return Array.from({ length: 10 }, (_, tenth) => {
    const own = places.slice(Math.floor((tenth * places.length) / 10), Math.floor(((tenth + 1) * places.length) / 10));
    const predicted = Math.sqrt(mean(own.map(i => deviation.data[i] ** 2)));
    const observed = Math.sqrt(mean(own.map(i => (found.data[i] - test[i]) ** 2)));
    return [predicted, observed, observed / predicted];
  });
}

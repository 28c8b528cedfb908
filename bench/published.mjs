// Figures of the literature that `npm run bench -- reproduce` sets beside ours: what each paper trained and how, as a
// model and a training config, and in words where ours departs from it.

import { arrayDataset, loadData, readRange, subset } from '../dist/data/index.js';
import { disentanglementScores, encodeAll, estimateNll, factoredCodes } from '../dist/evaluate/index.js';
import { presets, vae } from '../dist/models/index.js';
import { conv2d, convTranspose2d, dense, flatten, relu, reshape } from '../dist/nn/index.js';
import { binaryTest, burda } from './burda.mjs';

/** K of −log p(x), in the papers and in a shortened run. */
const draws = { full: 5000, short: 500 };

const nats = 'nats: −log p(x) of test images';

/** −log p(x) of the binary test images. */
async function nllOf(run, data, { short, progress }) {
  const samples = short ? draws.short : draws.full;
  const { nll, standardError } = await estimateNll(run.vae, binaryTest(data), { samples, progress });
  return { value: nll, standardError, note: `K = ${samples}` };
}

/**
 * Burda, Grosse and Salakhutdinov 2016, table 1, one stochastic layer. "3^i passes over the data with a learning rate of
 * 0.001 · 10^(−i/7) for i = 0 ... 7", batches of 20.
 */
function burdaEntry(samples, published) {
  return {
    title: samples === 1 ? 'VAE' : `IWAE, k = ${samples}`,
    source: 'Burda et al. 2016, table 1',
    setup: 'dynamic MNIST, 784-200-200-50, tanh; ours: 55,000 rows, best epoch of 5,000 more',
    figure: nats,
    published,
    epochs: 3280,
    data: () => loadData('mnist'),
    spec: () => burda(samples === 1 ? {} : { objective: { type: 'iwae', samples } }),
    training: {
      batchSize: 20,
      optimizer: { type: 'adam', learningRate: 1e-3, epsilon: 1e-4 },
      schedule: {
        type: 'staged',
        stages: Array.from({ length: 8 }, (_, i) => ({ length: 3 ** i, factor: 10 ** (-i / 7) })),
      },
    },
    measure: nllOf,
  };
}

/** Tomczak and Welling 2018, table 2, dynamic MNIST, one layer of codes: warm-up over 100 epochs, patience 50. */
function tomczakEntry(prior, published) {
  const layers = [300, 300].flatMap(units => [dense(units), relu()]);
  return {
    title: prior === 'vamp' ? 'VAE, VampPrior of 500' : 'VAE, standard prior',
    source: 'Tomczak & Welling 2018, table 2',
    setup: 'dynamic MNIST, 784-300-300-40; ours: ReLU, theirs: gated layers',
    figure: nats,
    published,
    epochs: 2000,
    data: () => loadData('mnist'),
    spec: epochs =>
      vae({
        input: [28, 28, 1],
        binarization: 'dynamic',
        latent: 40,
        encoder: [flatten(), ...layers],
        decoder: [...layers, dense('output')],
        prior,
        objective: { klWarmup: { epochs: Math.min(100, epochs / 2) } },
      }),
    training: { batchSize: 100, patience: 50, optimizer: { type: 'adam', learningRate: 5e-4 } },
    measure: nllOf,
  };
}

/** keras.io/examples/generative/vae, the log of its last epoch: the mean training loss over all 70,000 digits. */
const keras = {
  title: 'convolutional VAE, 2 latents',
  source: 'keras.io/examples/generative/vae',
  setup: 'all 70,000 grey digits, Adam 1e-3, batches of 128',
  figure: 'nats: training loss of epoch 30',
  published: 146.95,
  epochs: 30,
  async data() {
    const { train, validation, test } = await loadData('mnist');
    const parts = [train, validation, test].map(part => readRange(part, 0, part.size));
    const values = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const part of parts) {
      values.set(part, end);
      end += part.length;
    }
    const all = arrayDataset({ name: 'mnist-all', data: values, shape: [28, 28, 1] });
    // The figure is one of training rows; none is held out, as there.
    return { train: all, validation: subset(all, 0, 1000), test: subset(all, 0, 1000) };
  },
  spec() {
    const halving = { kernel: 3, stride: 2, padding: 'same' };
    const doubling = { kernel: 3, stride: 2, padding: 1, outputPadding: 1 };
    return vae({
      input: [28, 28, 1],
      latent: 2,
      encoder: [conv2d(32, halving), relu(), conv2d(64, halving), relu(), flatten(), dense(16), relu()],
      decoder: [
        dense(7 * 7 * 64),
        relu(),
        reshape(64, 7, 7),
        convTranspose2d(64, doubling),
        relu(),
        convTranspose2d(32, doubling),
        relu(),
        convTranspose2d('output', { kernel: 3, padding: 1 }),
      ],
    });
  },
  training: { batchSize: 128, optimizer: { type: 'adam', learningRate: 1e-3, epsilon: 1e-7 } },
  measure: async run => ({ value: run.records.at(-1).train.loss }),
};

/** Chen et al. 2018 ("Isolating Sources of Disentanglement"), figures 3 and 4: the order of the models by MIG. */
function migEntry(preset) {
  return {
    title: preset,
    source: 'Chen et al. 2018, figure 4',
    setup: 'sprites, 100,000 rows, convolutional, 10 latents',
    figure: 'MIG',
    epochs: 30,
    seeds: [1, 2, 3],
    async data() {
      const { train, ...others } = await loadData('sprites');
      const rows = Uint32Array.from({ length: 100_000 }, (_, i) => Math.floor((i * train.size) / 100_000));
      return { ...others, train: subset(train, rows) };
    },
    spec: () => presets[preset].build({ input: [64, 64, 1], network: 'conv', hidden: [32, 32, 64, 64], latent: 10 }),
    training: { batchSize: 64, optimizer: { type: 'adam', learningRate: 5e-4 } },
    async measure({ vae }, { test }) {
      const codes = factoredCodes(await encodeAll(vae, test), test);
      return { value: disentanglementScores(codes).mig };
    },
  };
}

/** All entries by name. */
export const entries = {
  vae: burdaEntry(1, 86.76),
  'iwae-5': burdaEntry(5, 85.54),
  'iwae-50': burdaEntry(50, 84.78),
  'standard-prior': tomczakEntry('standardNormal', 84.5),
  vamp: tomczakEntry('vamp', 82.38),
  keras,
  'mig-vae': migEntry('vae'),
  'mig-beta-vae': migEntry('beta-vae'),
  'mig-beta-tc-vae': migEntry('beta-tc-vae'),
};

/** Entries whose values the papers give an order of, from the least to the largest. */
export const orders = [
  { names: ['iwae-50', 'iwae-5', 'vae'], what: '−log p(x) of IWAE, k = 50 < k = 5 < VAE' },
  { names: ['vamp', 'standard-prior'], what: '−log p(x) with the VampPrior < with the standard prior' },
  { names: ['mig-vae', 'mig-beta-vae', 'mig-beta-tc-vae'], what: 'MIG of VAE < β-VAE < β-TC-VAE' },
];

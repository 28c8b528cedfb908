// `npm run bench -- synthesise`: four tables of vega-datasets, each modelled by the default table model as `latentkit train`
// trains it, and as many rows made up as it was trained on.
//
// - impossible: cells of the written CSV that no row of the source could have: a category that does not occur in it, a
//   number beyond its least and most, a fraction where there are whole numbers alone; read by a parser that knows no columns
// - fidelity, of the training and the test rows: how well models trained on made-up rows do on real ones, relative to models
//   trained on real ones; how much pairs of columns differ in their dependence; how near training rows are
// - imputation: 20 % of the test values are hidden completely at random. Numbers by RMSE in units of the training rows'
//   deviation (after asinh where the model sees them so), categories by accuracy, beside the training rows' mean and mode and
//   their 5 nearest neighbours; and how many hidden numbers lie within the 5 % and 95 % quantiles of 50 drawn values
//
// Names and remarks are left out: of movies title, director and release date (a text), of cars the name.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Papa from 'papaparse';
import { arrayDataset, hostRows, loadData, tableInput, writeTable } from '../dist/data/index.js';
import { presets } from '../dist/models/index.js';
import { wordsOf } from '../dist/random/philox.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { fidelity, generate, impute } from '../dist/tasks/index.js';
import { fit, suitedTraining } from '../dist/train/index.js';
import { npm } from './npm.mjs';
import { count, names, readOptions } from './options.mjs';
import { printTable } from './table.mjs';

const tables = {
  movies: { file: 'movies.json', ignore: ['Title', 'Director', 'Release Date'] },
  cars: { file: 'cars.json', ignore: ['Name'] },
  penguins: { file: 'penguins.json', ignore: [] },
  weather: { file: 'weather.csv', ignore: [] },
};
const target = 0.9;
const hiddenShare = 0.2;
const drawings = 50;
const known = Object.keys(tables);
const usage = `Usage: npm run bench -- synthesise [options]

  --only A,B   of ${known.join(', ')}
  --seeds N    trainings of each (default 3)
  --json FILE  write the figures`;
const flags = {
  only: { type: 'string', default: known.join() },
  seeds: { type: 'string', default: '3' },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, values => ({
  only: names(values, 'only', known),
  seeds: count(values, 'seeds'),
  json: values.json,
}));

const runtime = await nodeRuntime({ threads: 1 });
const folder = mkdtempSync(join(tmpdir(), 'latentkit-synthesise-'));
const figures = [];
try {
  for (const name of options.only) {
    const source = readSource(name);
    const data = await loadData({ type: 'table', path: source.path, ignore: tables[name].ignore });
    const seeds = [];
    for (let seed = 1; seed <= options.seeds; seed++) seeds.push(await measure(data, source, seed));
    const { train, test } = data;
    figures.push({ name, rows: train.size, testRows: test.size, columns: train.columns.length, ...averages(seeds) });
    console.log(JSON.stringify(figures.at(-1)));
  }
} finally {
  rmSync(folder, { recursive: true });
}
print();
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);

/** A table as it is shipped: where it lies as a file of rows, and its rows as objects. */
function readSource(name) {
  const path = join(dataFolder(), tables[name].file);
  const text = readFileSync(path, 'utf8');
  if (path.endsWith('.csv')) return { path, rows: Papa.parse(text, { header: true, skipEmptyLines: true }).data };
  const rows = JSON.parse(text);
  const lines = join(folder, `${name}.ndjson`);
  writeFileSync(lines, rows.map(row => `${JSON.stringify(row)}\n`).join(''));
  return { path: lines, rows };
}

function dataFolder() {
  const bench = fileURLToPath(new URL('.', import.meta.url));
  const installed = join(bench, 'node_modules', 'vega-datasets');
  if (!existsSync(installed)) npm(['ci'], bench);
  return join(installed, 'data');
}

async function measure(data, source, seed) {
  const { train, validation, test } = data;
  const training = suitedTraining(train.size, { seed, doctor: 'off' });
  const run = await fit(presets.table.build({ input: tableInput(train) }), data, { ...training, runtime });
  const { samples } = await generate(run, { count: train.size, seed }, { data });
  const csv = await writeTable(samples.data, train.columns, { format: 'csv', seed });
  const { utility, dependence, nearest } = await fidelity(run, { rows: 20_000, seed }, { data });
  const filled = await imputation(run, { train, validation, test }, seed);
  await run.vae.dispose();
  return {
    epochs: run.records.length,
    impossible: impossible(
      Papa.parse(new TextDecoder().decode(csv), { header: true, skipEmptyLines: true }),
      source.rows,
    ),
    ratio: utility.ratio,
    dependence: dependence.difference,
    dependenceOfTest: dependence.yardstick,
    nearest: nearest.medianOfSynthetic,
    nearestOfTest: nearest.medianOfTest,
    tooNear: nearest.shareTooNear,
    copies: nearest.copies,
    ...filled,
  };
}

/** Cells that no row of the source could have. */
function impossible({ data: made, meta: { fields } }, rows) {
  let wrong = 0;
  for (const field of fields) {
    const seen = rows.map(row => row[field]).filter(value => value !== null && value !== undefined && value !== '');
    const texts = new Set(seen.map(String));
    const numbers = seen.map(value => (/^\d{4}-/.test(value) ? Date.parse(value) : Number(value)));
    const isNumeric = numbers.every(Number.isFinite);
    const isWhole = numbers.every(Number.isInteger);
    const [least, most] = [numbers.reduce((a, b) => Math.min(a, b)), numbers.reduce((a, b) => Math.max(a, b))];
    for (const row of made) {
      const value = /^\d{4}-/.test(row[field]) ? Date.parse(row[field]) : Number(row[field]);
      const fits = isNumeric
        ? value >= least && value <= most && (!isWhole || Number.isInteger(value))
        : texts.has(row[field]);
      if (!fits) wrong += 1;
    }
  }
  return wrong;
}

/** Errors of what is filled in where a share of the test values is hidden. */
async function imputation(run, { train, validation, test }, seed) {
  const { columns } = train;
  const width = columns.length;
  const [known, truth] = [await valuesOf(train), await valuesOf(test)];
  const next = wordsOf({ seed, stream: 77, step: 0 });
  const hidden = [];
  const values = truth.map((value, i) => {
    const hide = (next() + 0.5) / 2 ** 32 < hiddenShare;
    if (hide && !Number.isNaN(value)) hidden.push(i);
    return hide ? Number.NaN : value;
  });
  const rows = arrayDataset({ name: 'hidden', data: values, shape: [width], columns });
  const { rows: whole, drawn } = await impute(
    run,
    { multiple: drawings, seed },
    { data: { train, validation, test: rows } },
  );
  const near = neighbours(values, known, columns);
  const numeric = hidden.filter(i => columns[i % width].type === 'numeric');
  const others = hidden.filter(i => columns[i % width].type !== 'numeric');
  const scales = columns.map((column, place) => momentsOf(seenValues(known, column, place, width)));
  const rmse = answer =>
    Math.sqrt(
      meanOf(
        numeric.map(i => {
          const column = columns[i % width];
          return ((seen(answer(i), column) - seen(truth[i], column)) / scales[i % width].deviation) ** 2;
        }),
      ),
    );
  const accuracy = answer => meanOf(others.map(i => Number(answer(i) === truth[i])));
  const common = columns.map((column, place) =>
    center(
      known.filter((_, i) => i % width === place),
      column,
    ),
  );
  const inside = numeric.filter(i => {
    const draws = Float64Array.from({ length: drawings }, (_, m) => drawn.data[m * values.length + i]).sort();
    return truth[i] >= quantile(draws, 0.05) && truth[i] <= quantile(draws, 0.95);
  });
  return {
    hiddenNumbers: numeric.length,
    hiddenCategories: others.length,
    rmse: rmse(i => whole.data[i]),
    rmseMean: rmse(i => common[i % width]),
    rmse5nn: rmse(near),
    accuracy: accuracy(i => whole.data[i]),
    accuracyMode: accuracy(i => common[i % width]),
    accuracy5nn: accuracy(near),
    coverage: inside.length / numeric.length,
  };
}

async function valuesOf(data) {
  return (await hostRows(data, 0, data.size)).data;
}

/** A number as the model sees it, but for mean and deviation. */
function seen(value, { transform }) {
  return transform === undefined ? value : Math.asinh((value - transform.center) / transform.scale);
}

function seenValues(values, column, place, width) {
  const own = values.filter((value, i) => i % width === place && !Number.isNaN(value));
  return Array.from(own, value => seen(value, column));
}

/** What stands for values where nothing is known: of numbers their mean as the model sees them, else the most frequent. */
function center(values, column) {
  const given = [...values].filter(value => !Number.isNaN(value));
  if (column.type !== 'numeric') {
    const counts = new Map();
    for (const value of given) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
  }
  const mean = meanOf(given.map(value => seen(value, column)));
  const { transform } = column;
  return transform === undefined ? mean : transform.center + transform.scale * Math.sinh(mean);
}

/** A function that fills in a hidden cell by the 5 training rows that have it and are nearest in what both rows have. */
function neighbours(values, known, columns) {
  const width = columns.length;
  const scales = columns.map((column, place) => momentsOf(seenValues(known, column, place, width)).deviation);
  const difference = (a, b, place) => {
    if (columns[place].type !== 'numeric') return a === b ? 0 : 1;
    return ((seen(a, columns[place]) - seen(b, columns[place])) / scales[place]) ** 2;
  };
  const distance = (row, other) => {
    let [sum, shared] = [0, 0];
    for (let place = 0; place < width; place++) {
      const [a, b] = [values[row * width + place], known[other * width + place]];
      if (Number.isNaN(a) || Number.isNaN(b)) continue;
      sum += difference(a, b, place);
      shared += 1;
    }
    return shared === 0 ? Number.POSITIVE_INFINITY : sum / shared;
  };
  return i => {
    const [row, place] = [Math.floor(i / width), i % width];
    const candidates = Array.from({ length: known.length / width }, (_, other) => other)
      .filter(other => !Number.isNaN(known[other * width + place]))
      .map(other => ({ value: known[other * width + place], far: distance(row, other) }));
    const nearest = candidates.sort((a, b) => a.far - b.far).slice(0, 5);
    return center(
      nearest.map(({ value }) => value),
      columns[place],
    );
  };
}

function momentsOf(values) {
  const mean = meanOf(values);
  return { mean, deviation: Math.sqrt(meanOf(values.map(value => (value - mean) ** 2))) || 1 };
}

function quantile(sorted, share) {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  return below + (at - Math.floor(at)) * (sorted[Math.ceil(at)] - below);
}

function averages(records) {
  return Object.fromEntries(Object.keys(records[0]).map(key => [key, meanOf(records.map(record => record[key]))]));
}

function meanOf(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function print() {
  const number = value => value.toFixed(3);
  console.log(`\nMade-up rows, means of ${options.seeds} trainings\n`);
  printTable([
    [
      'table',
      'rows × columns',
      'left out',
      'epochs',
      'impossible cells',
      'synthetic / real',
      '',
      'dependence differs by',
      'in test rows',
      'nearest training row',
      'of test rows',
      'nearer than 95 % of them',
      'copies',
    ],
    ...figures.map(figure => [
      figure.name,
      `${figure.rows} × ${figure.columns}`,
      tables[figure.name].ignore.join(', ') || 'nothing',
      figure.epochs.toFixed(0),
      String(figure.impossible),
      number(figure.ratio),
      figure.ratio >= target && figure.impossible === 0 ? 'reached' : 'missed',
      number(figure.dependence),
      number(figure.dependenceOfTest),
      number(figure.nearest),
      number(figure.nearestOfTest),
      `${(100 * figure.tooNear).toFixed(1)} %`,
      figure.copies.toFixed(1),
    ]),
  ]);
  console.log(`\n${100 * hiddenShare} % of the test values hidden completely at random\n`);
  printTable([
    [
      'table',
      'numbers',
      'RMSE',
      'by mean',
      'by 5-NN',
      'in the 90 % interval',
      'categories',
      'accuracy',
      'by mode',
      'by 5-NN',
    ],
    ...figures.map(figure => [
      figure.name,
      figure.hiddenNumbers.toFixed(0),
      number(figure.rmse),
      number(figure.rmseMean),
      number(figure.rmse5nn),
      `${(100 * figure.coverage).toFixed(1)} %`,
      figure.hiddenCategories.toFixed(0),
      number(figure.accuracy),
      number(figure.accuracyMode),
      number(figure.accuracy5nn),
    ]),
  ]);
}

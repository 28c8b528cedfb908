// `npm run bench -- reproduce`: published figures beside ours (published.mjs). Every entry trains into a run folder under
// bench/.cache/reproduce, and goes on from there when it is started again; what was measured is kept beside it. The papers'
// schedules take days on two cores, so `--budget MINUTES` trains each for fewer epochs, and the table says so.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isRun, nodeFolder } from '../dist/artifact/index.js';
import { meanAndError } from '../dist/evaluate/index.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { fit, resume } from '../dist/train/index.js';
import { cache } from './burda.mjs';
import { count, readOptions } from './options.mjs';
import { entries, orders } from './published.mjs';
import { printTable } from './table.mjs';

const usage = `Usage: npm run bench -- reproduce [options]

  --only A,B          of ${Object.keys(entries).join(', ')}; "mig" is all that begin so
  --budget MINUTES    for all of them together: fewer epochs, K = 500
  --threads N         default: as many as cores
  --json FILE         write the table`;

const flags = {
  only: { type: 'string', default: Object.keys(entries).join() },
  budget: { type: 'string' },
  threads: { type: 'string', default: String(availableParallelism()) },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, complete);
const runtime = await nodeRuntime({ threads: options.threads });
const share = options.budget && options.budget / options.names.flatMap(name => seedsOf(entries[name])).length;

const results = {};
for (const name of options.names) {
  const runs = [];
  for (const seed of seedsOf(entries[name])) runs.push(await reproduce(name, seed));
  results[name] = summarise(entries[name], runs);
}
print();
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);

function complete(values) {
  const wanted = values.only.split(',').map(given => Object.keys(entries).filter(name => named(name, given)));
  const unknown = wanted.findIndex(found => found.length === 0);
  if (unknown >= 0) throw new Error(`--only: there is no entry "${values.only.split(',')[unknown]}"`);
  const budget = values.budget && count(values, 'budget');
  return { names: wanted.flat(), budget, threads: count(values, 'threads'), json: values.json };
}

function named(name, given) {
  return name === given || (entries[given] === undefined && name.startsWith(`${given}-`));
}

function seedsOf({ seeds = [1] }) {
  return seeds;
}

/** Trains and measures one entry with one seed, as far as that was not done. */
async function reproduce(name, seed) {
  const entry = entries[name];
  const where = join(cache, 'reproduce', name, share ? `budget-${options.budget}` : 'full', `seed-${seed}`);
  const kept = join(where, 'reproduced.json');
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const data = await entry.data();
  const session = {
    runtime,
    onEpoch: ({ epoch, validation, imagesPerSecond }) =>
      console.log(
        `${name}: epoch ${epoch}, validation ${validation.negElbo.toFixed(2)}, ${Math.round(imagesPerSecond)} images/s`,
      ),
  };
  const started = await isRun(await nodeFolder(where, { create: true }));
  const run = started
    ? await resume(where, { ...session, data })
    : await start(entry, data, { ...session, seed, folder: where });
  console.log(`${name}: measures`);
  const measured = await entry.measure(run, data, { short: share !== undefined, progress: progressOf(name) });
  const result = { ...measured, epochs: run.config.training.epochs, trained: run.records.length };
  writeFileSync(kept, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

async function start(entry, data, session) {
  const epochs = share === undefined ? entry.epochs : await affordable(entry, data);
  return fit(entry.spec(epochs), data, { ...entry.training, ...session, epochs });
}

/** The epochs that three quarters of this run's share of the budget are enough for; the rest is for measuring. */
async function affordable({ spec, training, epochs }, data) {
  const [warmUp, timed] = [10, 50];
  const enough = new AbortController();
  let began = 0;
  let seconds = 0;
  await fit(spec(epochs), data, {
    ...training,
    runtime,
    signal: enough.signal,
    onStep({ step }) {
      if (step === warmUp) began = performance.now();
      if (step < warmUp + timed) return;
      seconds = (performance.now() - began) / 1000 / timed;
      enough.abort();
    },
  });
  const epoch = seconds * Math.floor(data.train.size / training.batchSize);
  return Math.min(epochs, Math.max(1, Math.floor((0.75 * 60 * share) / epoch)));
}

/** Tells every tenth of a long measurement. */
function progressOf(name) {
  let told = 0;
  return done => {
    if (done < told + 0.1) return;
    told = done;
    console.log(`${name}: ${(100 * done).toFixed(0)} % measured`);
  };
}

/** Of several seeds: the mean, with its standard error over seeds. */
function summarise({ title, source, setup, figure, published, epochs }, runs) {
  const values = meanAndError(Float64Array.from(runs, ({ value }) => value));
  const [{ standardError, note, trained, epochs: planned }] = runs;
  return {
    title,
    source,
    setup,
    figure,
    published,
    value: values.mean,
    standardError: runs.length > 1 ? values.standardError : standardError,
    difference: published === undefined ? undefined : values.mean - published,
    shortened: planned < epochs,
    schedule: `${trained < planned ? `${trained} (patience) of ` : ''}${planned} epochs${planned < epochs ? ` instead of ${epochs}` : ''}`,
    note,
    seeds: runs.length,
  };
}

function print() {
  const digits = value => value.toFixed(2);
  const rows = Object.values(results).map(row => [
    row.title,
    row.figure,
    row.published === undefined ? 'an order' : digits(row.published),
    `${digits(row.value)}${row.standardError === undefined ? '' : ` ± ${digits(row.standardError)}`}`,
    row.difference === undefined ? '' : `${row.difference > 0 ? '+' : ''}${digits(row.difference)}`,
    [row.shortened ? `SHORTENED: ${row.schedule}` : row.schedule, row.note].filter(Boolean).join(', '),
    `${row.source}; ${row.setup}`,
  ]);
  console.log();
  printTable([['model', 'figure', 'published', 'Latentkit', 'difference', 'training', 'reference'], ...rows]);
  for (const { names, what } of orders) {
    if (!names.every(name => results[name] !== undefined)) continue;
    const values = names.map(name => results[name].value);
    const holds = values.every((value, i) => i === 0 || values[i - 1] < value);
    console.log(`\n${what}: ${holds ? 'so it is' : 'NOT so'} (${values.map(digits).join(', ')}).`);
  }
  if (Object.values(results).some(({ shortened }) => shortened)) {
    console.log('\nWhere training was shortened, a figure is not comparable with the published one; the order may be.');
  }
}

// `npm run bench -- reproduce`: published figures beside ours (published.mjs). Every entry trains into a run folder under
// bench/.cache/reproduce, and goes on from there when it is started again; what was measured is kept beside it. The papers'
// schedules take days on two cores, so `--budget MINUTES` trains for fewer epochs, as many for each of the models that are
// compared with one another, and the table says so.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

  --only A,B          of ${Object.keys(entries).join(', ')};
                      "mig" is all that begin so; default: all
  --budget MINUTES    for all of them together: fewer epochs, K = 500
  --threads N         default: as many as cores
  --json FILE         write the table`;

const flags = {
  only: { type: 'string', default: 'all' },
  budget: { type: 'string' },
  threads: { type: 'string', default: String(availableParallelism()) },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, complete);
const runtime = await nodeRuntime({ threads: options.threads });
const short = options.budget !== undefined;
const folder = join(
  cache,
  'reproduce',
  short ? `${options.only.replaceAll(',', '+')}-${options.budget}-minutes` : 'full',
);
const epochs = short ? await plan() : Object.fromEntries(options.names.map(name => [name, entries[name].epochs]));

const results = {};
for (const name of options.names) {
  const runs = [];
  for (const seed of seedsOf(entries[name])) runs.push(await reproduce(name, seed));
  results[name] = summarise(entries[name], runs);
}
print();
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);

function complete(values) {
  const { only, json } = values;
  const wanted = only.split(',').map(given => Object.keys(entries).filter(name => isNamed(name, given)));
  const unknown = wanted.findIndex(found => found.length === 0);
  if (unknown >= 0) throw new Error(`--only: there is no entry "${only.split(',')[unknown]}"`);
  const budget = values.budget && count(values, 'budget');
  return { only, names: [...new Set(wanted.flat())], budget, threads: count(values, 'threads'), json };
}

function isNamed(name, given) {
  return given === 'all' || name === given || (entries[given] === undefined && name.startsWith(`${given}-`));
}

function seedsOf({ seeds = [1] }) {
  return seeds;
}

/** Trains and measures one entry with one seed, as far as that was not done. */
async function reproduce(name, seed) {
  const entry = entries[name];
  const where = join(folder, name, `seed-${seed}`);
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
    : await fit(entry.spec(epochs[name]), data, {
        ...entry.training,
        ...session,
        epochs: epochs[name],
        seed,
        folder: where,
      });
  console.log(`${name}: measures`);
  const measured = await entry.measure(run, data, { short, progress: progressOf(name) });
  const result = { ...measured, epochs: run.config.training.epochs, trained: run.records.length };
  writeFileSync(kept, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/**
 * The epochs that three quarters of the budget are enough for, by entry; the rest is for measuring. Models that are compared
 * with one another get as many each. Kept, so that all runs of a budget have one plan.
 */
async function plan() {
  const kept = join(folder, 'plan.json');
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const runs = names => names.reduce((sum, name) => sum + seedsOf(entries[name]).length, 0);
  const planned = {};
  for (const names of groups()) {
    const seconds = (0.75 * 60 * options.budget * runs(names)) / runs(options.names);
    let epoch = 0;
    for (const name of names) epoch += seedsOf(entries[name]).length * (await secondsPerEpoch(entries[name]));
    for (const name of names) {
      planned[name] = Math.min(entries[name].epochs, Math.max(1, Math.floor(seconds / epoch)));
      console.log(`${name}: ${planned[name]} of ${entries[name].epochs} epochs`);
    }
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(kept, `${JSON.stringify(planned, null, 2)}\n`);
  return planned;
}

/** The entries that were asked for: those that are compared with one another together, the others alone. */
function groups() {
  const compared = orders.map(({ names }) => names.filter(name => options.names.includes(name)));
  const alone = options.names.filter(name => !compared.flat().includes(name)).map(name => [name]);
  return [...compared, ...alone].filter(names => names.length > 0);
}

/** By some steps within the first epoch. */
async function secondsPerEpoch({ data: load, spec, training, epochs }) {
  const [warmUp, timed] = [10, 50];
  const data = await load();
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
  return seconds * Math.floor(data.train.size / training.batchSize);
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

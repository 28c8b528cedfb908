// `npm run bench -- calibration`: whether a detector's p-values mean what they say. Of each data set some rows are set aside
// that neither the model nor the detector ever saw; they are normal by construction.
//
// - uniform: Kolmogorov and Smirnov's test of their scores beside those of the calibration rows, which is whether their
//   conformal p-values are uniform, with the calibration rows' own chance reckoned in
// - false alarms at 1 %, and the interval that has 95 % of such counts: binomial, over calibration sets as well
// - the same rows alone, in batches of 7 and all at once: the largest difference of a score
//
// MNIST and Fashion-MNIST are taken from their training files: the test file of MNIST has other writers, so its rows are not
// exchangeable with those of training. The table is made here: ten columns of three kinds, some values missing.

import { writeFileSync } from 'node:fs';
import { hostRows, loadData, subset, tableDataset, tableInput } from '../dist/data/index.js';
import { presets } from '../dist/models/index.js';
import { streamOf } from '../dist/random/key.js';
import { permutation } from '../dist/random/permutation.js';
import { wordsOf } from '../dist/random/philox.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { detect, openJudge } from '../dist/tasks/index.js';
import { fit } from '../dist/train/index.js';
import { count, names, readOptions } from './options.mjs';
import { printTable } from './table.mjs';

const sources = {
  mnist: async () => (await loadData('mnist')).train,
  'fashion-mnist': async () => (await loadData('fashion-mnist')).train,
  table: async () => madeTable(20_000),
};
const rate = 0.01;
const compared = 200;
const known = Object.keys(sources);
const usage = `Usage: npm run bench -- calibration [options]

  --only A,B   of ${known.join(', ')}
  --epochs N   default 10
  --seed N     of the division into parts, the training and the detector (default 1)
  --json FILE  write the figures`;
const flags = {
  only: { type: 'string', default: known.join() },
  epochs: { type: 'string', default: '10' },
  seed: { type: 'string', default: '1' },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, values => ({
  only: names(values, 'only', known),
  epochs: count(values, 'epochs'),
  seed: count(values, 'seed'),
  json: values.json,
}));

const runtime = await nodeRuntime({ threads: 1 });
const figures = [];
for (const name of options.only) figures.push(await measure(name));
printTable([
  ['data', 'fresh rows', 'calibrated on', 'KS p', 'false alarms', '95 % interval', '', 'other batch, same score'],
  ...figures.map(({ name, rows, calibrationRows, uniform, alarms, interval: [low, high], within, difference }) => [
    name,
    String(rows),
    String(calibrationRows),
    uniform.toFixed(3),
    `${alarms} (${((100 * alarms) / rows).toFixed(2)} %)`,
    `${low} to ${high}`,
    within && uniform > 0.01 ? '' : 'missed',
    difference === 0 ? 'to the bit' : `within ${difference.toPrecision(2)}`,
  ]),
]);
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);

async function measure(name) {
  const all = await sources[name]();
  const order = permutation(all.size, { seed: options.seed, stream: streamOf('bench/calibration'), step: 0 });
  const aside = Math.round(all.size / 10);
  const data = {
    test: subset(all, order.slice(0, aside)),
    validation: subset(all, order.slice(aside, 2 * aside)),
    train: subset(all, order.slice(2 * aside)),
  };
  const spec = all.columns
    ? presets.table.build({ input: tableInput(data.train) })
    : presets.mlp.build({ input: all.shape });
  console.log(`${name}: ${options.epochs} epochs of ${data.train.size} rows`);
  const run = await fit(spec, data, { epochs: options.epochs, seed: options.seed, runtime });
  const { threshold, drift, pValues, rows } = await detect(run, { falseAlarmRate: rate, limit: 1 }, { data });
  const alarms = pValues.filter(p => p <= rate).length;
  // Beta–binomial: the share that one calibration set lets through differs by itself.
  const expected = threshold.falseAlarmRate;
  const deviation = Math.hypot(Math.sqrt(rows * expected * (1 - expected)), rows * threshold.falseAlarmDeviation);
  const interval = [-1.96, 1.96].map(z => Math.round(rows * expected + z * deviation));
  const judge = await openJudge(run, {}, { data });
  const few = await hostRows(data.test, 0, compared);
  const together = (await judge.judge(few)).scores;
  let difference = 0;
  for (const size of [1, 7]) {
    for (let start = 0; start < compared; start += size) {
      const end = Math.min(start + size, compared);
      const { scores } = await judge.judge(await hostRows(data.test, start, end));
      scores.forEach((score, i) => {
        difference = Math.max(difference, Math.abs(score - together[start + i]));
      });
    }
  }
  await judge.dispose();
  return {
    name,
    rows,
    calibrationRows: threshold.calibrationRows,
    uniform: drift.tests.find(({ of }) => of === 'scores').pValue,
    alarms,
    interval,
    within: alarms >= interval[0] && alarms <= interval[1],
    difference,
  };
}

/** Rows about a plane of two factors, with flags and categories that depend on them; one value in 50 is missing. */
function madeTable(rows) {
  const next = wordsOf({ seed: 7, stream: streamOf('bench/table'), step: 0 });
  const uniform = () => (next() + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const numeric = Array.from({ length: 7 }, (_, i) => ({ name: `x${i}`, type: 'numeric' }));
  const categorical = { name: 'kind', type: 'categorical', categories: ['low', 'middle', 'high'] };
  const columns = [...numeric, { name: 'left', type: 'binary' }, { name: 'up', type: 'binary' }, categorical];
  const weights = numeric.map(() => [normal(), normal()]);
  return tableDataset({
    name: 'made table',
    columns,
    rows: Array.from({ length: rows }, () => {
      const [a, b] = [normal(), normal()];
      const values = {
        ...Object.fromEntries(weights.map(([u, v], i) => [`x${i}`, u * a + v * b + 0.2 * normal()])),
        left: a + 0.3 * normal() < 0,
        up: b + 0.3 * normal() > 0,
        kind: a + b < -1 ? 'low' : a + b < 1 ? 'middle' : 'high',
      };
      return Object.fromEntries(Object.entries(values).map(([name, v]) => [name, uniform() < 0.02 ? null : v]));
    }),
  });
}

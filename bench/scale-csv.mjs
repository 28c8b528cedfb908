// The part `csv` of `npm run bench -- scale`: a CSV file of 30 columns, and how soon a training on it starts, its speed, that
// of reading alone, and what memory it takes at most.

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { loadData, tableInput } from '../dist/data/index.js';
import { presets } from '../dist/models/index.js';
import { fit } from '../dist/train/index.js';
import { printTable } from './table.mjs';

const cities = ['Basel', 'Bern', 'Geneva', 'Lausanne', 'Zurich'];

/** 22 numbers that hang together, of which some are missing; four categories, two flags, two integers. */
function* csvOf(rows) {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const bell = () => 1.7 * (uniform() + uniform() + uniform() + uniform() - 2);
  const names = [
    ...Array.from({ length: 22 }, (_, i) => `number ${i}`),
    ...Array.from({ length: 4 }, (_, i) => `city ${i}`),
    ...['member', 'smoker', 'visits', 'score'],
  ];
  yield `${names.join()}\n`;
  for (let start = 0; start < rows; start += 1000) {
    let text = '';
    for (let row = start; row < Math.min(rows, start + 1000); row++) {
      const common = bell();
      for (let i = 0; i < 22; i++) text += uniform() < 0.01 ? ',' : `${((i % 3) * common + bell()).toFixed(4)},`;
      for (let i = 0; i < 4; i++) text += `${cities[Math.floor(5 * uniform() ** (i + 1))]},`;
      text += `${uniform() < 0.5 ? 'yes' : 'no'},${uniform() < 0.3 ? 1 : 0},`;
      text += `${Math.floor(1000 * uniform() ** 4)},${Math.floor(100 * uniform())}\n`;
    }
    yield text;
  }
}

/** The seconds from here to the end of the first step, and the rows a second of the steps after it. */
async function train(data, began, seconds) {
  const controller = new AbortController();
  const measured = {};
  await fit(presets.table.build({ input: tableInput(data.train) }), data, {
    signal: controller.signal,
    onStep({ step, imagesPerSecond }) {
      const now = (performance.now() - began) / 1000;
      measured.firstStep ??= now;
      measured.speed = imagesPerSecond;
      measured.steps = step;
      if (now - measured.firstStep > seconds) controller.abort();
    },
  });
  return measured;
}

/** Rows a second, read in their order. */
async function readingSpeed(dataset) {
  const rows = Math.min(dataset.size, 500_000);
  const into = new Float32Array(1000 * dataset.shape[0]);
  const began = performance.now();
  for (let start = 0; start + 1000 <= rows; start += 1000) {
    const batch = Uint32Array.from({ length: 1000 }, (_, i) => start + i);
    await dataset.prepare?.(batch);
    dataset.read(batch, into);
  }
  return (1000 * Math.floor(rows / 1000)) / ((performance.now() - began) / 1000);
}

export async function measureCsv(rows, seconds) {
  const folder = await mkdtemp(join(tmpdir(), 'latentkit-scale-'));
  try {
    const path = join(folder, 'rows.csv');
    console.log(`writing ${rows.toLocaleString('en')} rows ...`);
    await pipeline(Readable.from(csvOf(rows)), createWriteStream(path));
    const { size } = await stat(path);
    const began = performance.now();
    const data = await loadData(path);
    const loaded = (performance.now() - began) / 1000;
    const { firstStep, speed, steps } = await train(data, began, seconds);
    const peak = process.resourceUsage().maxRSS / (process.platform === 'darwin' ? 2 ** 20 : 2 ** 10);
    const perSecond = value => `${Math.round(value).toLocaleString('en')} rows/s`;
    printTable([
      [`${rows.toLocaleString('en')} rows of 30 columns`, `${(size / 1e9).toFixed(2)} GB`],
      ['loaded (types, rows found)', `${loaded.toFixed(1)} s`],
      ['to the first step', `${firstStep.toFixed(1)} s`],
      [`training, ${steps.toLocaleString('en')} steps`, perSecond(speed)],
      ['peak memory', `${peak.toFixed(0)} MB`],
      ['reading alone', perSecond(await readingSpeed(data.train))],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

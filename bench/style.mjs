// `npm run bench -- style`: whether style transfer changes what it should and keeps what it should.
//
// digits: test digits redrawn as every other digit by a conditional VAE that keeps the code. The classifier of
//   src/evaluate/features (98.96 % of test digits) says whether the wished digit came; the thickness of the stroke and the
//   slant of source and result are correlated over all pairs. Beside it, the same for a decoder that is given codes drawn
//   from the prior instead of the source's: no style is kept, so its correlations are what chance gives.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRun, nodeFolder } from '../dist/artifact/index.js';
import { hostRowsAt, loadData } from '../dist/data/index.js';
import { digitsOf } from '../dist/evaluate/index.js';
import { presets, rowRange } from '../dist/models/index.js';
import { int32, nodeRuntime } from '../dist/runtime/index.js';
import { load, transfer } from '../dist/tasks/index.js';
import { fit, resume } from '../dist/train/index.js';
import { cache } from './burda.mjs';
import { count, names, readOptions } from './options.mjs';
import { printTable } from './table.mjs';

/** What the figures should come to. */
const targets = { agreement: 0.97, thickness: 0.6, slant: 0.6 };

/**
 * A code that is small, and dear enough to look alike in all classes: it then holds only what they have in common. With the
 * preset's 32 latents and KL weight 1 the code knows the class as well, and where another class has no such codes the
 * decoder was never taught what to draw.
 */
const model = { latent: 8, hidden: [512, 256], klWeight: 2 };

const parts = { digits: transferDigits };
const known = Object.keys(parts);
const usage = `Usage: npm run bench -- style [options]

  --only A,B     of ${known.join(', ')}
  --run FOLDER   of digits: a trained run of a model that is told the class (default: one is trained and kept)
  --epochs N     of that training (default 20)
  --rows N       test rows, each redrawn as every other digit (default 2000)
  --json FILE    write the figures`;

const flags = {
  only: { type: 'string', default: known.join() },
  run: { type: 'string' },
  epochs: { type: 'string', default: '20' },
  rows: { type: 'string', default: '2000' },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, values => ({
  only: names(values, 'only', known),
  run: values.run,
  epochs: count(values, 'epochs'),
  rows: count(values, 'rows', 10_000),
  json: values.json,
}));
const runtime = await nodeRuntime();
const figures = {};
for (const part of options.only) figures[part] = await parts[part]();
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);

async function transferDigits() {
  const data = await loadData('mnist');
  const run = options.run ? await load(options.run, { runtime }) : await trained(data);
  const rows = Array.from({ length: options.rows }, (_, row) => row);
  const { originals, images, labels } = await transfer(run, { rows }, { data });
  const { label: own } = await hostRowsAt(data.test, rows);
  const codes = await run.vae.drawLatents(images.shape[0], { seed: 1 });
  const wished = Array.from({ length: images.shape[0] }, (_, i) => labels[i % labels.length]);
  const chance = (await run.vae.run('decoder', { ...codes, label: int32(Int32Array.from(wished), [wished.length]) }))
    .mean;
  const results = [
    {
      name: 'the code kept, the label changed',
      ...compare(own.data, originals, images, labels, await digitsOf(images, runtime)),
    },
    { name: 'another code (chance)', ...compare(own.data, originals, chance, labels, await digitsOf(chance, runtime)) },
  ];
  console.log(`\n${options.rows} test digits, each redrawn as the nine others\n`);
  printTable([
    ['', 'wished digit', 'thickness r', 'slant r'],
    ...results.map(({ name, agreement, thickness, slant }) => [
      name,
      `${(100 * agreement).toFixed(2)} %`,
      thickness.toFixed(3),
      slant.toFixed(3),
    ]),
    ['target', `${100 * targets.agreement} %`, targets.thickness.toFixed(1), targets.slant.toFixed(1)],
  ]);
  return results;
}

/** A conditional VAE, kept for the next time. */
async function trained(data) {
  const where = join(cache, 'style');
  if (await isRun(await nodeFolder(where, { create: true }))) return resume(where, { runtime, data });
  console.log(`digits: training a conditional VAE for ${options.epochs} epochs`);
  return fit(presets.cvae.build(model), data, { epochs: options.epochs, folder: where, runtime });
}

/** Agreement and correlations over all pairs of a source and a result of another class. */
function compare(own, originals, images, labels, predicted) {
  const measures = { thickness: [[], []], slant: [[], []] };
  let [pairs, agreed] = [0, 0];
  const sources = Array.from({ length: originals.shape[0] }, (_, i) => styleOf(originals, i));
  for (let i = 0; i < images.shape[0]; i++) {
    const [row, label] = [Math.floor(i / labels.length), labels[i % labels.length]];
    if (label === own[row]) continue;
    pairs += 1;
    agreed += predicted[i] === label ? 1 : 0;
    const result = styleOf(images, i);
    for (const name of Object.keys(measures)) {
      measures[name][0].push(sources[row][name]);
      measures[name][1].push(result[name]);
    }
  }
  return {
    agreement: agreed / pairs,
    thickness: correlation(...measures.thickness),
    slant: correlation(...measures.slant),
  };
}

/**
 * Thickness of the stroke and slant of a digit, both from its grey values: twice the ink for each unit of its outline (a
 * long stroke of width w has an outline of twice its length), and the shear that would make it upright, μ₁₁/μ₀₂, of the
 * image's central moments.
 */
function styleOf(images, i) {
  const { data } = rowRange(images, i, i + 1);
  const [, height, width] = images.shape;
  const at = (y, x) => (y < 0 || x < 0 || y >= height || x >= width ? 0 : data[y * width + x]);
  let [ink, outline, my, mx] = [0, 0, 0, 0];
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      // Total variation, by central differences between the pixels (coarea formula: the mean outline of all level sets).
      const dy = (at(y, x) + at(y, x - 1) - at(y - 1, x) - at(y - 1, x - 1)) / 2;
      const dx = (at(y, x) - at(y, x - 1) + at(y - 1, x) - at(y - 1, x - 1)) / 2;
      outline += Math.hypot(dy, dx);
      ink += at(y, x);
      my += y * at(y, x);
      mx += x * at(y, x);
    }
  }
  [my, mx] = [my / ink, mx / ink];
  let [vertical, mixed] = [0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      vertical += at(y, x) * (y - my) ** 2;
      mixed += at(y, x) * (y - my) * (x - mx);
    }
  }
  return { thickness: (2 * ink) / outline, slant: -mixed / vertical };
}

function correlation(a, b) {
  const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

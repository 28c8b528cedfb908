// `npm run bench -- compress`: lossless compression of the MNIST test set by bits-back coding, in black and white and in 256
// levels of grey, beside general compressors. A model is trained on the training images (kept in bench/.cache), the test
// images are compressed and decompressed by it, and every byte is compared.
//
// Townsend et al. 2019 (table 2) have 0.19 bits a dimension of binarised MNIST and 1.41 of raw MNIST.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { isRun, nodeFolder } from '../dist/artifact/index.js';
import { decodeRows, encodeRows } from '../dist/compression/index.js';
import { binarize, loadData, readRange, subset } from '../dist/data/index.js';
import { evaluateBound } from '../dist/evaluate/index.js';
import { presets } from '../dist/models/index.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { fit, resume } from '../dist/train/index.js';
import { cache } from './burda.mjs';
import { count, names, readOptions } from './options.mjs';
import { printTable } from './table.mjs';

/** Each kind of images: the model, how long it is trained, and what the file may come to. */
const kinds = {
  binary: {
    what: 'black and white',
    spec: () => presets.mlp.build({ latent: 32, hidden: [400, 200], binarization: 'dynamic' }),
    epochs: 20,
    images: test => binarize(test, 0),
    most: 0.19,
  },
  raw: {
    what: '256 levels',
    spec: () => presets.mlp.build({ latent: 50, hidden: [512, 256], likelihood: 'betaBinomial' }),
    epochs: 24,
    images: test => test,
    most: 1.4,
  },
};
const known = Object.keys(kinds);
const usage = `Usage: npm run bench -- compress [options]

  --only A,B     of ${known.join(', ')}
  --rows N       test images (default 10000, all of them)
  --threads N    default: as many as cores
  --json FILE    write the figures`;
const flags = {
  only: { type: 'string', default: known.join() },
  rows: { type: 'string', default: '10000' },
  threads: { type: 'string', default: String(availableParallelism()) },
  json: { type: 'string' },
};
const options = readOptions(usage, flags, values => ({
  only: names(values, 'only', known),
  rows: count(values, 'rows', 10_000),
  threads: count(values, 'threads'),
  json: values.json,
}));

const data = await loadData('mnist');
const runtime = await nodeRuntime({ threads: options.threads });
const figures = {};
for (const kind of options.only) figures[kind] = await measure(kind);
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);

async function measure(kind) {
  const { what, images, most } = kinds[kind];
  const vae = await trained(kind);
  const rows = subset(images(data.test), 0, options.rows);
  const bytes = readRange(rows, 0, rows.size);
  const [encoding, file] = await timed(() => encodeRows(vae, rows, { verify: false }));
  const [decoding, decoded] = await timed(() => decodeRows(vae, file));
  const exact = Buffer.compare(bytes, decoded.rows.data) === 0;
  const bound = (rows.size * (await evaluateBound(vae, rows)).negElbo) / Math.LN2 / 8;
  const perDimension = size => (8 * size) / bytes.length;
  const result = { rows: rows.size, bytes: file.length, bound, bitsPerDimension: perDimension(file.length), exact };
  console.log(
    `\n${what}: ${rows.size} images in ${encoding.toFixed(1)} s and back in ${decoding.toFixed(1)} s, ` +
      `${exact ? 'every byte the same' : 'NOT THE SAME'}\n`,
  );
  printTable([
    ['', 'bytes', 'bits/dimension', ''],
    line('the bound', bound),
    line('latentkit', file.length, verdict(perDimension(file.length) <= most, `at most ${most}`)),
    ...Object.entries(others(kind, bytes)).map(([name, size]) => line(name, size)),
  ]);
  const allowed = 1.01 * bound + 1000;
  console.log(
    `\nThe file is ${(file.length / bound).toFixed(4)} times the bound, ${Math.round(allowed - file.length)} bytes below ` +
      `1.01 × bound + 1 kB${verdict(file.length <= allowed, 'below')}.`,
  );
  return { ...result, seconds: { encoding, decoding } };

  function line(name, size, remark = '') {
    return [name, String(Math.round(size)), perDimension(size).toFixed(4), remark];
  }
}

function verdict(holds, wanted) {
  return holds ? '' : `  MISSED: ${wanted}`;
}

async function timed(run) {
  const start = performance.now();
  const result = await run();
  return [(performance.now() - start) / 1000, result];
}

/** A model of the test images' kind, trained once. */
async function trained(kind) {
  const { spec, epochs } = kinds[kind];
  const where = join(cache, 'compress', kind);
  if (await isRun(await nodeFolder(where, { create: true }))) return (await resume(where, { runtime, data })).vae;
  console.log(`training the model of ${kinds[kind].what} for ${epochs} epochs`);
  const optimizer = { type: 'adam', learningRate: 1e-3, ema: 0.999 };
  const training = { epochs, batchSize: 128, optimizer, schedule: { type: 'cosine' }, doctor: 'off' };
  return (await fit(spec(), data, { ...training, folder: where, runtime })).vae;
}

/** What general compressors make of the same images, eight black or white pixels to a byte. */
function others(kind, bytes) {
  const packed = kind === 'binary' ? packedBits(bytes) : bytes;
  const bz2 = spawnSync('bzip2', ['-9'], { input: packed, maxBuffer: 2 ** 28 });
  return {
    gzip: gzipSync(packed, { level: 9 }).length,
    ...(bz2.status === 0 && { bz2: bz2.stdout.length }),
    brotli: brotliCompressSync(packed).length,
  };
}

function packedBits(bytes) {
  const packed = new Uint8Array(Math.ceil(bytes.length / 8));
  bytes.forEach((byte, i) => {
    if (byte > 0) packed[i >> 3] |= 128 >> (i & 7);
  });
  return packed;
}

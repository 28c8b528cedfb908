// `npm run bench -- scale`: data that are larger than memory, or of very many files. How soon training on them starts, how
// fast it is, and what memory it takes at most; each part in a process of its own, since peaks of memory do not go away.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { count, names, readOptions } from './options.mjs';
import { measureCsv } from './scale-csv.mjs';
import { measureImages } from './scale-images.mjs';

const parts = {
  csv: ({ rows, seconds }) => measureCsv(rows, seconds),
  images: ({ images }) => measureImages(images),
};
const known = Object.keys(parts);
const usage = `Usage: npm run bench -- scale [options]

  --only A,B     of ${known.join(', ')}
  --rows N       of the CSV file, of 30 columns (default 5000000, about 1 GB in the folder for temporary files)
  --seconds N    of training on it (default 30)
  --images N     default 100000`;
const flags = {
  only: { type: 'string', default: known.join() },
  rows: { type: 'string', default: '5000000' },
  seconds: { type: 'string', default: '30' },
  images: { type: 'string', default: '100000' },
};
const options = readOptions(usage, flags, values => ({
  only: names(values, 'only', known),
  rows: count(values, 'rows'),
  seconds: count(values, 'seconds'),
  images: count(values, 'images'),
}));
const [only, ...more] = options.only;
if (more.length === 0) await parts[only](options);
else {
  const bench = fileURLToPath(new URL('run.mjs', import.meta.url));
  for (const part of options.only) {
    const sizes = ['rows', 'seconds', 'images'].flatMap(name => [`--${name}`, String(options[name])]);
    spawnSync(process.execPath, [bench, 'scale', '--only', part, ...sizes], { stdio: 'inherit' });
  }
}

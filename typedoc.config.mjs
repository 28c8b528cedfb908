// The API's reference, from what package.json makes public: `npm run docs` writes it to docs/api.

import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export default {
  entryPoints: Object.values(exports)
    .filter(target => typeof target !== 'string')
    .map(target => target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts')),
  out: 'docs/api',
  excludePrivate: true,
  excludeInternal: true,
};

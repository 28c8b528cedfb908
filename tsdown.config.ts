// The build: every public entry of package.json (exports and bin) from its source, one output file per source file, so
// that stack traces and `new URL('./worker.js', import.meta.url)` mean the same before and after.

import { existsSync } from 'node:fs';
import { defineConfig, type UserConfig } from 'tsdown';
import manifest from './package.json' with { type: 'json' };

const targets = Object.values(manifest.exports).flatMap(target => (typeof target === 'string' ? [] : [target.default]));

/** The sources of what package.json makes public: ./dist/graph/index.js is built from src/graph/index.ts. */
export const entries: string[] = [...targets, ...Object.values(manifest.bin)]
  .map(target => target.replace(/^(\.\/)?dist\//, 'src/').replace(/\.js$/, '.ts'))
  .filter(source => existsSync(source));

const config: UserConfig = defineConfig({
  entry: entries,
  format: 'esm',
  platform: 'neutral',
  deps: { neverBundle: [/^node:/] },
  target: 'es2022',
  unbundle: true,
  dts: true,
  clean: true,
  fixedExtension: false,
  logLevel: 'warn',
});

export default config;

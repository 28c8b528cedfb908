// Unused files, exports and dependencies. What package.json makes public counts as used.

import type { KnipConfig } from 'knip';
import { entries } from './tsdown.config.ts';

const config: KnipConfig = {
  entry: [...entries, 'examples/**/*.{ts,mjs}'],
  project: ['src/**/*.ts', 'test/**/*.ts', 'scripts/*.mjs', 'bench/*.mjs', 'examples/**', '*.ts'],
  ignore: ['src/kernels/assembly/**', 'src/kernels/wasm.generated.ts'],
};

export default config;

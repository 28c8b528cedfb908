// Unused files, exports and dependencies. What package.json makes public counts as used.

import type { KnipConfig } from 'knip';
import { entries } from './tsdown.config.ts';

const config: KnipConfig = {
  entry: entries,
  project: ['src/**/*.ts', 'test/**/*.ts', 'scripts/*.mjs', 'bench/*.mjs', '*.{ts,mjs}'],
  ignore: ['src/kernels/assembly/**'],
  // Compressors that a benchmark compares with, where the system has them.
  ignoreBinaries: ['bzip2'],
  // Found at run time by its files' path.
  ignoreDependencies: ['@expo-google-fonts/manrope'],
};

export default config;

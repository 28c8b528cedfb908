// The four files that MNIST and its relatives (Fashion-MNIST, KMNIST, ...) come as.

import { LatentkitError } from '../errors.ts';
import { type DataSplits, subset } from './dataset.ts';
import { namesInFolder } from './files.ts';
import { loadIdx } from './idx.ts';

/** Of 60,000 training rows, 55,000 are trained on and the last 5,000, in file order, validate: the field's habit. */
const VALIDATION_SHARE = 1 / 12;

/**
 * Loads `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`
 * (with or without `.gz`) from a folder. Validation is the last twelfth of the training file; test is the t10k file.
 * @throws LatentkitError `data` where a file is missing or damaged.
 */
export async function loadQuadruple(
  folder: string,
  options: { name: string; labelNames?: readonly string[] },
): Promise<DataSplits> {
  const { name, labelNames } = options;
  const present = (await namesInFolder(folder)) ?? [];
  const path = (stem: string): string => {
    const file = [stem, `${stem}.gz`].find(candidate => present.includes(candidate));
    if (file !== undefined) return `${folder}/${file}`;
    throw new LatentkitError(
      'data',
      `${folder}: expected a file ${stem} or ${stem}.gz, got ${present.length === 0 ? 'an empty or missing folder' : `a folder with ${present.slice(0, 8).join(', ')}`}. Put the four IDX files of the data set there.`,
    );
  };
  const images = path('train-images-idx3-ubyte');
  const labels = path('train-labels-idx1-ubyte');
  const testImages = path('t10k-images-idx3-ubyte');
  const testLabels = path('t10k-labels-idx1-ubyte');
  const known = await loadIdx({ name, images, labels, labelNames });
  const test = await loadIdx({
    name,
    images: testImages,
    labels: testLabels,
    labelNames,
    range: known.range,
    firstPosition: known.size,
  });
  const cut = known.size - Math.max(1, Math.round(known.size * VALIDATION_SHARE));
  return { train: subset(known, 0, cut), validation: subset(known, cut), test };
}

// Few labels, as semi-supervised learning has them: the rest are hidden.

import { LatentkitError } from '../errors.ts';
import { permutation, streamOf } from '../random/index.ts';
import type { Dataset } from './dataset.ts';

/**
 * The data set with the class of `count` rows, as many of each class as can be, chosen by the seed; of all others it is −1.
 * @throws LatentkitError `data` where there are no labels, or fewer than that.
 */
export function hideLabels(dataset: Dataset, count: number, seed: number): Dataset {
  const { labels, name, size } = dataset;
  if (labels === undefined || count > size) {
    throw new LatentkitError(
      'data',
      `${name}: expected the classes of ${count} rows, got ${labels === undefined ? 'none' : size}. Give data with ` +
        'labels, or ask for fewer.',
    );
  }
  const ofClass = new Map<number, number[]>();
  for (const row of permutation(size, { seed, stream: streamOf('data/labelled'), step: 0 })) {
    const rows = ofClass.get(labels.values[row]!);
    if (rows) rows.push(row);
    else ofClass.set(labels.values[row]!, [row]);
  }
  const values = new Int32Array(size).fill(-1);
  const classes = [...ofClass.keys()].sort((a, b) => a - b).map(key => ofClass.get(key)!);
  for (let kept = 0, round = 0; kept < count; round++) {
    for (const rows of classes) {
      const row = rows[round];
      if (row === undefined || kept === count) continue;
      values[row] = labels.values[row]!;
      kept += 1;
    }
  }
  // What differs from the source are its labels alone, so that everything else stays as it is read.
  return Object.defineProperties({} as Dataset, {
    ...Object.getOwnPropertyDescriptors(dataset),
    labels: { value: { ...labels, values }, enumerable: true },
  });
}

// Static binarisation: each pixel is drawn once, 1 with the probability that its grey value is (Salakhutdinov and
// Murray 2008, the usual protocol for MNIST). A draw is a function of (seed, row's position in its source, pixel), so
// everyone gets the same binary data set, however the rows were split.

import { alignedBytes, createKernels } from '../kernels/index.ts';
import { streamOf } from '../random/index.ts';
import { arrayDataset, type Dataset, mapRows, readRange, rowSize } from './dataset.ts';

const STREAM = streamOf('data/binarize');

/**
 * The data set with every value drawn as 0 or 255, with probability (value − low) / (high − low) for 255. Rows at hand are
 * drawn now, others whenever they are read.
 * Scores on binarised data are never to be compared with scores on grey or otherwise binarised data.
 */
export function binarize(dataset: Dataset, seed: number): Dataset {
  const { name, size, shape, labels, attributes, factors, readFactors } = dataset;
  const [low, high] = dataset.range;
  const width = rowSize(dataset);
  const kernels = createKernels(alignedBytes(4 * width));
  const words = kernels.uint32(width);
  const scale = 2 ** 32 / (high - low);
  const position = (row: number): number => dataset.position(row);
  const draw = (values: Uint8Array | Float32Array, row: number, into: Uint8Array): void => {
    kernels.fillBits(words, { seed, stream: STREAM, step: position(row) });
    for (let i = 0; i < width; i++) into[i] = words[i]! < (values[i]! - low) * scale ? 255 : 0;
  };
  if (dataset.prepare)
    return mapRows(dataset, { dtype: 'uint8', range: [0, 255], key: `binarised by ${seed}`, map: draw });
  const values = readRange(dataset, 0, size);
  const data = new Uint8Array(values.length);
  for (let row = 0; row < size; row++) {
    const [start, end] = [row * width, (row + 1) * width];
    draw(values.subarray(start, end), row, data.subarray(start, end));
  }
  return arrayDataset({ name, data, shape, labels, attributes, factors, readFactors, position });
}

// What `latentkit data inspect` says of a folder of images.

import type { DataSplits } from '../dataset.ts';
import { type DataSummary, describeClasses, spread } from '../summary.ts';
import type { ImageRows } from './image-rows.ts';
import type { OpenImages } from './open.ts';

/** So many images are shown. */
const shown = 100;

/** Sums up images that are all decoded. */
export function summarizeImages({ rows, places, classes, sizes, notes }: OpenImages, splits: DataSplits): DataSummary {
  const { listing, config } = rows;
  const [height, width] = config.size;
  const shape = [height, width, config.channels];
  const { train, validation, test } = splits;
  const { mean, deviation } = momentsOf(rows, places, height * width * config.channels);
  const bytes = listing.files.reduce((sum, { size }) => sum + size, 0);
  const chosen = spread(places.length, shown).map(i => places[i]!);
  const data = new Uint8Array(chosen.length * height * width * config.channels);
  rows.read(chosen, data);
  return {
    kind: 'image folder',
    name: train.name,
    rows: places.length,
    shape,
    facts: [
      ['files', `${countEndings(listing.files.map(({ path }) => path))}; ${(bytes / 1e6).toFixed(1)} MB`],
      ['sizes', sizes ?? 'not looked at'],
      [
        'become',
        `${width}×${height}, ${config.channels === 1 ? 'grey' : 'colour'} (fit: ${config.fit}, on ${config.background})`,
      ],
      ['pixels', `0 to 255, mean ${mean.toFixed(1)}, deviation ${deviation.toFixed(1)}`],
      ['train, validation, test', [train, validation, test].map(({ size }) => size.toLocaleString('en')).join(', ')],
      ...(classes && train.labels ? [['classes of train', describeClasses(train.labels)] as const] : []),
      ...(listing.others > 0 ? [['passed over', `${listing.others} other files`] as const] : []),
    ],
    warnings: notes,
    images: { dtype: 'uint8', shape: [chosen.length, ...shape], data },
  };
}

function momentsOf(rows: ImageRows, places: Uint32Array, width: number): { mean: number; deviation: number } {
  const step = Math.max(1, Math.floor(2 ** 20 / width));
  const buffer = new Uint8Array(step * width);
  let [sum, squares] = [0, 0];
  for (let start = 0; start < places.length; start += step) {
    const some = places.subarray(start, start + step);
    rows.read(some, buffer);
    for (const value of buffer.subarray(0, some.length * width)) {
      sum += value;
      squares += value * value;
    }
  }
  const count = places.length * width;
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

/** `90 png, 10 jpg` */
function countEndings(paths: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const ending = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  return [...counts].map(([ending, count]) => `${count.toLocaleString('en')} ${ending}`).join(', ');
}

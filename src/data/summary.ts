// What a person wants to know of data before training on it, whatever kind of data it is: `latentkit data inspect` prints
// it, and a program can read it.

import type { HostTensor } from '../runtime/host.ts';
import type { Dataset, Labels } from './dataset.ts';
import { hostRowsAt } from './host-rows.ts';

/** A data source in words and figures. */
export interface DataSummary {
  /** What kind of data it is: `image folder`, `table`, ... */
  readonly kind: string;
  readonly name: string;
  /** Over all splits. */
  readonly rows: number;
  /** One row's shape. */
  readonly shape: readonly number[];
  /** What else is known, in the order that a person would ask: a name, and a value in words. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Of a table: what is known of each column, by the same names for all: `{ column: 'age', type: 'numeric', ... }`. */
  readonly columns?: readonly Readonly<Record<string, string>>[] | undefined;
  /** Sentences on what was left out, filled in or looks wrong. */
  readonly warnings: readonly string[];
  /** Some rows as images [n, height, width, 1 or 3], for a contact sheet. */
  readonly images?: HostTensor | undefined;
}

/** The summary of a data set of which no more is known than its rows. */
export async function summarize(
  dataset: Dataset,
  { kind, facts = [] }: Partial<Pick<DataSummary, 'facts'>> & Pick<DataSummary, 'kind'>,
): Promise<DataSummary> {
  const { name, size, shape, dtype, range, labels } = dataset;
  return {
    kind,
    name,
    rows: size,
    shape,
    facts: [
      ['values', `${dtype}, ${range.join(' to ')}`],
      ...(labels ? [['classes', describeClasses(labels)] as const] : []),
      ...facts,
    ],
    warnings: [],
    images: await spreadImages(dataset),
  };
}

/** Rows spread evenly over a data set whose rows are images, for a contact sheet; undefined where they are none. */
async function spreadImages(dataset: Dataset, most = 100): Promise<HostTensor | undefined> {
  const [, , channels] = dataset.shape;
  if (dataset.shape.length !== 3 || (channels !== 1 && channels !== 3)) return undefined;
  const { dtype, shape, data } = await hostRowsAt(dataset, spread(dataset.size, most));
  if (dtype === 'uint8') return { dtype, shape, data };
  const [low, high] = dataset.range;
  return { dtype: 'float32', shape, data: Float32Array.from(data, value => (value - low) / (high - low)) };
}

/** So many numbers below `size`, at most, evenly from the first on. */
export function spread(size: number, most: number): number[] {
  const count = Math.min(size, most);
  return Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
}

/** The classes with their numbers of rows, in words: `cat 120, dog 98`. The first 20 of many. */
export function describeClasses({ values, names }: Labels): string {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ordered = [...counts].sort(([a], [b]) => a - b);
  const shown = ordered
    .slice(0, 20)
    .map(([value, count]) => `${value < 0 ? 'none' : (names?.[value] ?? value)} ${count}`);
  return shown.join(', ') + (ordered.length > shown.length ? `, and ${ordered.length - shown.length} more` : '');
}

// Whether a model repeats its training rows: how near samples come to them, beside how near rows come that it never saw
// (Meehan, Chaudhuri and Dasgupta 2020, "A Non-Parametric Test to Detect Data-Copying in Generative Models"). Samples are
// expected data, smoother than real ones and so nearer to everything: what counts is how much nearer, and the pictures.

import { type DataSplits, type Dataset, hostRowsAt } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { nearestNeighbours, type Points, type Stream } from '../latents/index.ts';
import { float32, type HostTensor, int32 } from '../runtime/index.ts';
import { prepareRows } from '../train/index.ts';
import { eachChunk, toUnitScale } from './rows.ts';
import type { TaskContext } from './task.ts';

/** Samples and the training rows next to them. */
export interface Memorisation {
  /** The training row nearest to each sample, [samples]. */
  readonly nearest: HostTensor<'int32'>;
  /** Those rows, [samples, ...shape of the data], on the scale of [0, 1]. */
  readonly rows: HostTensor<'float32'>;
  /** Euclidean distance of each sample to it on that scale, [samples]. */
  readonly distance: HostTensor<'float32'>;
  readonly medianDistance: number;
  /** The same of test rows. */
  readonly medianTestDistance: number;
  /** How many test rows that is of. */
  readonly testRows: number;
  /** The share of samples that are nearer to a training row than 99 % of the test rows are: 0.01 where nothing is copied. */
  readonly suspects: number;
  /** Mann and Whitney's U of the two sets of distances, standardised: below −3, samples are nearer than test rows. */
  readonly z: number;
}

/** Test rows that are measured, at most. */
const mostTestRows = 1000;
/** The share of test rows that is nearer than a suspect. */
const tail = 0.01;

/**
 * Compares samples with the training rows.
 * @param samples on the scale of [0, 1]
 * @throws LatentkitError `usage` where rows are tables, between which there is no such distance.
 */
export async function memorisationOf(
  context: TaskContext,
  samples: HostTensor<'float32'>,
  { train, test }: DataSplits,
): Promise<Memorisation> {
  const { vae, config } = context.run;
  if (config.model.input.columns !== undefined) {
    throw new LatentkitError(
      'usage',
      'checkMemorisation: expected rows whose numbers are of one kind, such as images, got the columns of a table.',
    );
  }
  const { range } = config.model.input;
  const width = samples.data.length / samples.shape[0]!;
  const unit = async (data: Dataset, end: number): Promise<Points> => {
    const values = new Float32Array(end * width);
    await eachChunk(data, { start: 0, end }, { run: context.run }, async (rows, first) => {
      values.set(toUnitScale(rows, range).data, first * width);
    });
    return { width, values };
  };
  const known = prepareRows(train, config.model);
  const testRows = Math.min(mostTestRows, test.size);
  const held = await unit(prepareRows(test, config.model), testRows);
  const stream: Stream = visit =>
    eachChunk(known, { start: 0, end: known.size }, { ...context, progress: undefined }, (rows, first) =>
      visit(toUnitScale(rows, range).data, first),
    );
  const search = { k: 1, runtime: vae.runtime, signal: context.signal };
  const near = await nearestNeighbours({ width, values: samples.data }, stream, search);
  context.progress?.(0.5);
  const far = await nearestNeighbours(held, stream, search);
  const rows = toUnitScale(await hostRowsAt(known, [...near.rows]), range);
  const count = near.rows.length;
  return {
    nearest: int32(near.rows, [count]),
    rows,
    distance: float32(Float32Array.from(near.distances), [count]),
    medianDistance: quantile(near.distances, 0.5),
    medianTestDistance: quantile(far.distances, 0.5),
    testRows,
    suspects: near.distances.filter(distance => distance < quantile(far.distances, tail)).length / count,
    z: rankTest(near.distances, far.distances),
  };
}

/** The value that a share of the values lies below, between two of them by a straight line. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.slice().sort();
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

/**
 * Mann and Whitney's U in standard deviations about what it is where both sets are of one distribution: negative where
 * the first set's values are the smaller ones. Ties count as halves.
 */
export function rankTest(first: Float64Array, second: Float64Array): number {
  const [n, m] = [first.length, second.length];
  const sorted = second.slice().sort();
  const below = (value: number, inclusive: boolean): number => {
    let [low, high] = [0, m];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value || (inclusive && sorted[middle]! === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const u = first.reduce((sum, value) => sum + (below(value, false) + below(value, true)) / 2, 0);
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
}

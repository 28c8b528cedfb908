// Rows made whole, and rows made clean: what is expected of a row given what was seen of it, as a mean over the draws of
// codes, with its uncertainty and with several answers that differ.

import { LatentkitError } from '../errors.ts';
import { rowRange, type TrainedVae } from '../models/index.ts';
import { float32, type HostTensor, type RowTensor } from '../runtime/index.ts';
import { type Batch, type Diagnostics, type InferenceOptions, inferInBatches } from './infer.ts';
import { logSumExp } from './log-sum-exp.ts';
import { defaultMethod, type InferenceMethod } from './refuse.ts';

/** What is expected of rows, on the scale of [0, 1] (of a table on its columns' own); what was seen clean is as it was. */
export interface Completions {
  readonly method: InferenceMethod;
  /** [rows, ...shape]: E[x|y]; of a category, the one of the largest weight. */
  readonly mean: HostTensor<'float32'>;
  /**
   * [rows, ...shape]: the deviation of x given y, that of the likelihood included where it is known. 0 where x was seen, and
   * without meaning of a category.
   */
  readonly deviation: HostTensor<'float32'>;
  /** [rows, k, ...shape]: of each chain the row that its last draw expects, the chain of the largest weight first. */
  readonly completions: HostTensor<'float32'>;
  /** [rows, k], in the same order: shares of the posterior; those of a row add up to 1. */
  readonly weights: HostTensor<'float32'>;
  /** [rows]: the posterior's mean of the level of the noise, of rows through noise. */
  readonly level?: HostTensor<'float32'> | undefined;
  /**
   * [rows]: log p of what was hidden of the `truth` given what was seen, in nats; where a truth was given. It is that of
   * the mixture over all draws, so a lower bound in expectation on what infinitely many would give.
   */
  readonly logLikelihood?: HostTensor<'float32'> | undefined;
  readonly diagnostics: Diagnostics;
}

export interface CompleteOptions extends InferenceOptions {
  /** The whole rows, where they are known: to measure how well they were expected. */
  readonly truth?: RowTensor<'float32'> | undefined;
}

/**
 * Completes rows [rows, ...shape], float32 on the scale of [0, 1] (of a table on its columns' own), NaN where a number was
 * not seen; through noise, if `noise` says so. Throws as `inferCodes` does.
 */
export async function completeRows(
  vae: TrainedVae,
  y: RowTensor<'float32'>,
  options: CompleteOptions = {},
): Promise<Completions> {
  const { truth, noise } = options;
  const [rows = 0, ...shape] = y.shape;
  if (truth !== undefined && (truth.shape.join() !== y.shape.join() || noise !== undefined)) {
    throw new LatentkitError(
      'usage',
      `truth: expected the whole rows [${y.shape.join(', ')}] of clean ones that were seen in part, got ` +
        `[${truth.shape.join(', ')}]${noise ? ' for noisy rows' : ''}.`,
    );
  }
  const parts: BatchResult[] = [];
  const diagnostics = await inferInBatches(vae, y, options, async (batch, first) => {
    parts.push(await readBatch(batch, truth && rowRange(truth, first, first + batch.chains.rows)));
  });
  const whole = (name: keyof BatchResult): Float32Array => joined(parts.map(part => part[name]));
  const [mean, deviation] = [whole('mean'), whole('deviation')];
  const k = parts.length === 0 ? 0 : whole('weights').length / rows;
  return {
    method: options.method ?? defaultMethod(vae.model.spec),
    mean: float32(mean, y.shape),
    deviation: float32(deviation, y.shape),
    completions: float32(whole('completions'), [rows, k, ...shape]),
    weights: float32(whole('weights'), [rows, k]),
    ...(noise && { level: float32(whole('level'), [rows]) }),
    ...(truth && { logLikelihood: float32(whole('logLikelihood'), [rows]) }),
    diagnostics,
  };
}

type BatchResult = Readonly<
  Record<'mean' | 'deviation' | 'completions' | 'weights' | 'level' | 'logLikelihood', Float32Array>
>;

/** What the draws of a batch say of its rows. */
async function readBatch(
  { chains, draws, weights }: Batch,
  truth: RowTensor<'float32'> | undefined,
): Promise<BatchResult> {
  const { rows, count, observed } = chains;
  const k = observed.chains;
  const y = observed.y.data;
  const width = y.length / rows;
  const mean = new Float64Array(rows * width);
  const square = new Float64Array(rows * width);
  const level = new Float32Array(rows);
  const completions = new Float32Array(count * width);
  const whole = truth && chains.over(truth);
  const logs = Array.from({ length: rows }, () => [] as number[]);
  const votes = new Votes(chains.categories, rows, width);
  const order = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: k }, (_, c) => row * k + c).sort((a, b) => weights[b]! - weights[a]!),
  );
  for (const [i, state] of draws.entries()) {
    chains.state.set(state);
    const expected = await chains.restored();
    for (let chain = 0; chain < count; chain++) {
      const share = weights[chain]! / draws.length;
      const row = chains.rowOf(chain);
      for (let d = 0; d < width; d++) {
        const value = expected.mean.data[chain * width + d]!;
        mean[row * width + d]! += share * value;
        square[row * width + d]! += share * (value ** 2 + expected.variance.data[chain * width + d]!);
      }
      votes.add(row, expected.mean.data.subarray(chain * width, (chain + 1) * width), share);
      level[row]! += share * (expected.level?.data[chain] ?? 0);
    }
    if (i === draws.length - 1) {
      order.flat().forEach((chain, place) => {
        completions.set(expected.mean.data.subarray(chain * width, (chain + 1) * width), place * width);
      });
    }
    if (whole === undefined) continue;
    whole.state.set(state);
    const { logLikelihood } = await whole.restored();
    for (let chain = 0; chain < count; chain++) {
      const hidden = logLikelihood.data[chain]! - expected.logLikelihood.data[chain]!;
      logs[chains.rowOf(chain)]!.push(hidden + Math.log(weights[chain]! / draws.length));
    }
  }
  votes.elect(mean);
  const deviation = square.map((value, i) => Math.sqrt(Math.max(0, value - mean[i]! ** 2)));
  return {
    // What was seen clean stays what it was to the bit, which a mean over shares would not.
    mean: Float32Array.from(mean, (value, i) => (chains.noisy || Number.isNaN(y[i]) ? value : y[i]!)),
    deviation: Float32Array.from(deviation, (value, i) => (chains.noisy || Number.isNaN(y[i]) ? value : 0)),
    completions,
    weights: Float32Array.from(order.flat(), chain => weights[chain]!),
    level,
    logLikelihood: Float32Array.from(logs, logSumExp),
  };
}

/** Categories are not averaged: of each the weight is counted, and the heaviest is what is expected. */
class Votes {
  readonly #places: readonly number[];
  readonly #width: number;
  /** Of each row and each place, the weight of each category. */
  readonly #counts: readonly (readonly Map<number, number>[])[];

  constructor(places: readonly number[], rows: number, width: number) {
    this.#places = places;
    this.#width = width;
    this.#counts = Array.from({ length: rows }, () => places.map(() => new Map<number, number>()));
  }

  add(row: number, values: Float32Array, weight: number): void {
    this.#places.forEach((place, i) => {
      const counts = this.#counts[row]![i]!;
      const value = values[place]!;
      counts.set(value, (counts.get(value) ?? 0) + weight);
    });
  }

  elect(mean: Float64Array): void {
    this.#counts.forEach((row, r) => {
      row.forEach((counts, i) => {
        const [heaviest] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
        mean[r * this.#width + this.#places[i]!] = heaviest;
      });
    });
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

// Pixels as symbols: what a likelihood's levels weigh, computed outside the graph in float64 from the decoder's output. Each
// is the distribution function of what the graph has the log-masses of (src/distributions), and a test holds the two equal.

import { LatentkitError } from '../errors.ts';
import type { Likelihood, likelihoods } from '../models/index.ts';
import type { Symbols } from './quantise.ts';

/** The levels of one dimension at a time. */
export interface Levels extends Symbols {
  /**
   * Says of which dimension.
   * @param output of the decoder
   * @param first where in it the dimension's first number is; its others follow each `stride` later
   */
  at(output: Float32Array, first: number, stride: number): void;
}

/**
 * How the levels that a likelihood explains are coded.
 * @throws LatentkitError `spec` where it does not explain levels.
 */
export function levelsOf(likelihood: Likelihood): Levels {
  switch (likelihood.type) {
    case 'bernoulli':
      return new BernoulliLevels();
    case 'categorical':
      return new CategoricalLevels(likelihood.levels);
    case 'discretizedLogistic':
      return new LogisticLevels(likelihood.levels, likelihood.mixtures);
    case 'betaBinomial':
      return new BetaBinomialLevels(likelihood.levels);
    default:
      throw new LatentkitError(
        'spec',
        `compression codes whole levels, of which the likelihood "${likelihood.type}" is none; train with one of ` +
          `${coded.join(', ')}.`,
      );
  }
}

const coded: readonly (keyof typeof likelihoods)[] = [
  'bernoulli',
  'categorical',
  'discretizedLogistic',
  'betaBinomial',
];

/** Black and white, by the logit of white. */
class BernoulliLevels implements Levels {
  readonly count = 2;
  #black = 0;

  at(output: Float32Array, first: number): void {
    this.#black = sigmoid(-output[first]!);
  }

  below(k: number): number {
    if (k === 1) return this.#black;
    return k === 0 ? 0 : 1;
  }
}

/** A distribution whose masses are all computed before one is asked for. */
abstract class TabulatedLevels implements Levels {
  readonly count: number;
  /** The masses of the levels below each, but for a factor. */
  protected readonly table: Float64Array;
  protected total = 1;

  constructor(count: number) {
    this.count = count;
    this.table = new Float64Array(count + 1);
  }

  abstract at(output: Float32Array, first: number, stride: number): void;

  below(k: number): number {
    return this.table[k]! / this.total;
  }

  /** Turns masses, each in the table's place after its own, into sums. */
  protected accumulate(): void {
    const { table, count } = this;
    let sum = 0;
    for (let k = 1; k <= count; k++) {
      sum += table[k]!;
      table[k] = sum;
    }
    this.total = sum;
  }
}

/** Each level by a logit of its own. */
class CategoricalLevels extends TabulatedLevels {
  override at(output: Float32Array, first: number, stride: number): void {
    const { table, count } = this;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < count; k++) most = Math.max(most, output[k * stride + first]!);
    for (let k = 0; k < count; k++) table[k + 1] = Math.exp(output[k * stride + first]! - most);
    this.accumulate();
  }
}

/** Beta-binomials, by the logit of the mean probability and log(a + b) (see distributions/counts.ts). */
class BetaBinomialLevels extends TabulatedLevels {
  override at(output: Float32Array, first: number, stride: number): void {
    const { table, count } = this;
    const logit = softClip(output[first]!, -8, 8);
    const concentration = Math.exp(softClip(output[stride + first]!, -4, 8));
    const mean = sigmoid(logit);
    const [a, b] = [concentration * mean, concentration * sigmoid(-logit)];
    const trials = count - 1;
    // p(k + 1) / p(k) = (n − k) (k + a) / ((k + 1) (n − k − 1 + b)), both ways from the mean, so that nothing overflows.
    const middle = Math.round(trials * mean);
    let mass = 1;
    table[middle + 1] = mass;
    for (let k = middle; k < trials; k++) {
      mass *= ((trials - k) * (k + a)) / ((k + 1) * (trials - k - 1 + b));
      table[k + 2] = mass;
    }
    mass = 1;
    for (let k = middle - 1; k >= 0; k--) {
      mass *= ((k + 1) * (trials - k - 1 + b)) / ((trials - k) * (k + a));
      table[k + 1] = mass;
    }
    this.accumulate();
  }
}

/** Mixtures of logistics (see distributions/discretized-logistic.ts). */
class LogisticLevels implements Levels {
  readonly count: number;
  readonly #location: Float64Array;
  readonly #precision: Float64Array;
  readonly #weight: Float64Array;

  constructor(count: number, mixtures: number) {
    this.count = count;
    this.#location = new Float64Array(mixtures);
    this.#precision = new Float64Array(mixtures);
    this.#weight = new Float64Array(mixtures).fill(1);
  }

  at(output: Float32Array, first: number, stride: number): void {
    const mixtures = this.#weight.length;
    let most = Number.NEGATIVE_INFINITY;
    for (let m = 0; m < mixtures; m++) {
      this.#location[m] = output[m * stride + first]!;
      this.#precision[m] = Math.exp(-softClip(output[(mixtures + m) * stride + first]!, -7, 3));
      if (mixtures > 1) most = Math.max(most, output[(2 * mixtures + m) * stride + first]!);
    }
    if (mixtures === 1) return;
    let total = 0;
    for (let m = 0; m < mixtures; m++) {
      this.#weight[m] = Math.exp(output[(2 * mixtures + m) * stride + first]! - most);
      total += this.#weight[m]!;
    }
    for (let m = 0; m < mixtures; m++) this.#weight[m]! /= total;
  }

  below(k: number): number {
    if (k === 0) return 0;
    if (k === this.count) return 1;
    // The lower edge of the level's bin on the scale of [−1, 1], where levels are 2 / (count − 1) apart.
    const edge = (2 * k - 1) / (this.count - 1) - 1;
    let sum = 0;
    for (let m = 0; m < this.#weight.length; m++) {
      sum += this.#weight[m]! * sigmoid((edge - this.#location[m]!) * this.#precision[m]!);
    }
    return sum;
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** As in likelihoods/soft-clip.ts. */
function softClip(v: number, low: number, high: number): number {
  const below = high - softplus(high - v);
  return low + softplus(below - low);
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

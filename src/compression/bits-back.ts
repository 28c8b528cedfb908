// Bits-back coding with a VAE, chained over rows (Townsend et al. 2019, "Practical lossless compression with latent variables
// using bits back coding", BB-ANS). To push a row x: pop a code z as a draw from q(z|x), which takes −log q(z|x) bits off the
// stack; push x under p(x|z), and z under p(z). What is left has grown by −log p(x|z) + log q(z|x) − log p(z): on average
// the negative bound. To pop a row, the same is done backwards, and the bits that drew z are there again.
//
// Rows are taken in batches, for the networks' sake: all codes of a batch are popped before the first row is pushed. Only
// the first rows find no bits to draw codes from, so batches start small and grow with the stack.

import { LatentkitError } from '../errors.ts';
import type { InputSpec, ModelSpec, TrainedVae } from '../models/index.ts';
import { float32, type HostTensor, type RowTensor } from '../runtime/index.ts';
import type { Stack } from './ans.ts';
import { medianOf, PosteriorBuckets, prior } from './buckets.ts';
import { type Levels, levelsOf } from './levels.ts';
import { pop, push } from './quantise.ts';

/** The most rows of a batch. */
const largestBatch = 64;

/** The rows of each batch. Those before have left four times the bits of a row for each that codes are popped for. */
export function batchesOf(rows: number): { readonly start: number; readonly end: number }[] {
  const batches: { start: number; end: number }[] = [];
  for (let start = 0; start < rows; ) {
    const end = Math.min(rows, start + Math.min(largestBatch, 1 + Math.floor(start / 4)));
    batches.push({ start, end });
    start = end;
  }
  return batches;
}

/** Pushes rows of bytes on a stack, and pops them. Both run the model on the same batches, and so get the same numbers. */
export class BitsBack {
  readonly #vae: TrainedVae;
  readonly #levels: Levels;
  readonly #posterior = new PosteriorBuckets();
  /** Each level as a byte, and each byte as a level, −1 where it is none. */
  readonly #byteOf: Uint8Array;
  readonly #levelOf: Int16Array;
  /** Where each number of a row, channels last, is among dimensions as networks have them, channels first. */
  readonly #dimensions: Int32Array;

  /** @throws LatentkitError `spec` where the model has no codes, data or likelihood that can be coded. */
  constructor(vae: TrainedVae) {
    const { spec } = vae.model;
    checkCodes(spec);
    this.#vae = vae;
    this.#levels = levelsOf(spec.likelihood);
    this.#byteOf = bytesOfLevels(this.#levels.count, spec.input);
    this.#levelOf = new Int16Array(256).fill(-1);
    this.#byteOf.forEach((byte, level) => {
      this.#levelOf[byte] = level;
    });
    this.#dimensions = dimensionsOf(spec.input.shape);
  }

  /**
   * Pushes a batch of rows.
   * @param first the number of the first row, for errors
   * @throws LatentkitError `data` where a value is none of the likelihood's levels.
   */
  async push(stack: Stack, rows: RowTensor<'uint8'>, first: number): Promise<void> {
    this.#check(rows, first);
    const buckets = (await this.#posteriorsOf(rows)).map(({ mean, logVar }) =>
      pop(stack, this.#posterior.at(mean, logVar)),
    );
    const output = await this.#outputOf(buckets);
    for (let i = 0; i < rows.data.length; i++) push(stack, this.#levelsAt(output, i), this.#levelOf[rows.data[i]!]!);
    for (const bucket of buckets) push(stack, prior, bucket);
  }

  /** Pops a batch of rows: the one that was pushed last. */
  async pop(stack: Stack, count: number): Promise<RowTensor<'uint8'>> {
    const { latent, input } = this.#vae.model.spec;
    const buckets = new Array<number>(count * latent);
    for (let i = buckets.length - 1; i >= 0; i--) buckets[i] = pop(stack, prior);
    const output = await this.#outputOf(buckets);
    const data = new Uint8Array(count * this.#dimensions.length);
    for (let i = data.length - 1; i >= 0; i--) data[i] = this.#byteOf[pop(stack, this.#levelsAt(output, i))]!;
    const rows: RowTensor<'uint8'> = { dtype: 'uint8', shape: [count, ...input.shape], data };
    const posteriors = await this.#posteriorsOf(rows);
    for (let i = buckets.length - 1; i >= 0; i--) {
      const { mean, logVar } = posteriors[i]!;
      push(stack, this.#posterior.at(mean, logVar), buckets[i]!);
    }
    return rows;
  }

  /** The posterior of each number of each row's code. */
  async #posteriorsOf(rows: RowTensor): Promise<{ readonly mean: number; readonly logVar: number }[]> {
    const { mean, logVar } = await this.#vae.run('encoder', rows);
    return Array.from(mean!.data, (value, i) => ({ mean: value, logVar: logVar!.data[i]! }));
  }

  async #outputOf(buckets: readonly number[]): Promise<HostTensor<'float32'>> {
    const { latent } = this.#vae.model.spec;
    const z = float32(Float32Array.from(buckets, medianOf), [buckets.length / latent, latent]);
    return (await this.#vae.run('output', z)).output!;
  }

  /** The levels of the `i`-th number of a batch. */
  #levelsAt({ data, shape }: HostTensor<'float32'>, i: number): Levels {
    const width = this.#dimensions.length;
    const row = Math.floor(i / width);
    this.#levels.at(data, row * (data.length / shape[0]!) + this.#dimensions[i - row * width]!, width);
    return this.#levels;
  }

  #check({ data }: RowTensor<'uint8'>, first: number): void {
    const wrong = data.findIndex(byte => this.#levelOf[byte]! < 0);
    if (wrong < 0) return;
    const { type } = this.#vae.model.spec.likelihood;
    throw new LatentkitError(
      'data',
      `row ${first + Math.floor(wrong / this.#dimensions.length)} has the value ${data[wrong]}, but the likelihood ` +
        `"${type}" of ${this.#byteOf.length} levels explains only ${[...this.#byteOf.subarray(0, 4)].join(', ')}` +
        `${this.#byteOf.length > 4 ? ', ...' : ''}. Make the data so (static binarisation does), or use a model of 256 levels, such as ` +
        'with the likelihood "betaBinomial".',
    );
  }
}

/** Codes must be numbers that are independent given the data, and N(0, 1) a priori, and nothing else may be told. */
function checkCodes({ posterior, prior, condition, input }: ModelSpec): void {
  const refuse = (what: string): LatentkitError =>
    new LatentkitError('spec', `compression takes a model ${what}. Train one for it.`);
  if (posterior.type !== 'diagonalGaussian') {
    throw refuse(`with the posterior "diagonalGaussian", got "${posterior.type}"`);
  }
  if (prior.type !== 'standardNormal') throw refuse(`with the prior "standardNormal", got "${prior.type}"`);
  if (condition !== undefined)
    throw refuse(`that is told nothing beside the data, got the condition "${condition.type}"`);
  if (input.dtype !== 'uint8') throw refuse(`of bytes, got one of ${input.dtype}`);
}

/** The bytes that a likelihood's levels are. */
function bytesOfLevels(count: number, { range: [low, high] }: InputSpec): Uint8Array {
  if (count <= 256)
    return Uint8Array.from({ length: count }, (_, k) => Math.round(low + (k * (high - low)) / (count - 1)));
  throw new LatentkitError('spec', `compression of bytes takes a likelihood of at most 256 levels, got ${count}.`);
}

function dimensionsOf(shape: readonly number[]): Int32Array {
  const width = shape.reduce((a, b) => a * b, 1);
  const channels = shape.length === 1 ? 1 : shape.at(-1)!;
  return Int32Array.from({ length: width }, (_, i) => (i % channels) * (width / channels) + Math.floor(i / channels));
}

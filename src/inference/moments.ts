// What the draws of chains come to: means and variances as they go by, in float64 (Welford 1962), and whether the chains
// of a row agree.

/** Means and variances of so many sequences of numbers at once. */
export class Moments {
  readonly mean: Float64Array;
  readonly #squares: Float64Array;
  #count = 0;

  constructor(length: number) {
    this.mean = new Float64Array(length);
    this.#squares = new Float64Array(length);
  }

  add(values: ArrayLike<number>): void {
    this.#count += 1;
    for (let i = 0; i < this.mean.length; i++) {
      const offset = values[i]! - this.mean[i]!;
      this.mean[i]! += offset / this.#count;
      this.#squares[i]! += offset * (values[i]! - this.mean[i]!);
    }
  }

  /** Of each sequence, with n − 1 below. */
  get variance(): Float64Array {
    return this.#squares.map(square => square / Math.max(1, this.#count - 1));
  }

  get count(): number {
    return this.#count;
  }
}

/**
 * The potential scale reduction R̂ of a row's chains (Gelman & Rubin 1992, without their correction for degrees of freedom):
 * the largest over coordinates of √((n − 1) / n + B / W), B being the variance of the chains' means and W the mean of
 * their variances. 1 where chains agree; well above where they found different posteriors.
 *
 * @param mean [chains, dimensions] of one row, and `variance` alike.
 */
export function scaleReduction(mean: Float64Array, variance: Float64Array, draws: number, dimensions: number): number {
  const chains = mean.length / dimensions;
  if (chains < 2 || draws < 2) return Number.NaN;
  let largest = 0;
  for (let d = 0; d < dimensions; d++) {
    const between = new Moments(1);
    let within = 0;
    for (let chain = 0; chain < chains; chain++) {
      between.add([mean[chain * dimensions + d]!]);
      within += variance[chain * dimensions + d]! / chains;
    }
    if (within > 0) largest = Math.max(largest, Math.sqrt((draws - 1) / draws + between.variance[0]! / within));
  }
  return largest;
}

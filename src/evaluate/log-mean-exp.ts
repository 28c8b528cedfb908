// log 1/K Σ exp(aₖ) of many sequences at once, term by term: the memory does not grow with K, and nothing overflows.

/** Means of exponentials, in logarithms, of so many sequences. Accumulates in float64. */
export class LogMeanExp {
  readonly #largest: Float64Array;
  /** Σ exp(aₖ − largest). */
  readonly #sum: Float64Array;
  #count = 0;

  constructor(length: number) {
    this.#largest = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
    this.#sum = new Float64Array(length);
  }

  /** Adds the next term of each sequence. */
  add(terms: ArrayLike<number>): void {
    this.#count += 1;
    for (let i = 0; i < this.#sum.length; i++) {
      const term = terms[i]!;
      const largest = this.#largest[i]!;
      if (term <= largest) {
        if (term > Number.NEGATIVE_INFINITY) this.#sum[i]! += Math.exp(term - largest);
      } else {
        // Also where the term is NaN, which then stays.
        this.#sum[i] = this.#sum[i]! * Math.exp(largest - term) + 1;
        this.#largest[i] = term;
      }
    }
  }

  /** log of the mean of the exponentials so far; −Infinity where all of them are 0. */
  get values(): Float64Array {
    const logCount = Math.log(this.#count);
    return this.#largest.map((largest, i) =>
      this.#sum[i] === 0 ? Number.NEGATIVE_INFINITY : largest + Math.log(this.#sum[i]!) - logCount,
    );
  }
}

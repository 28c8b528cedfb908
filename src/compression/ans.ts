// Asymmetric numeral systems, the range variant (Duda 2013, "Asymmetric numeral systems", section 2.3): one number that is
// a stack of symbols. Pushing a symbol of the mass f / 2²⁸ takes log2(2²⁸ / f) bits; popping undoes it to the bit, and
// popping what was never pushed draws a symbol of that distribution out of the bits that lie there. That is what bits-back
// coding needs (Townsend et al. 2019, "Practical lossless compression with latent variables using bits back coding").
//
// The number's head lies in [2³⁶, 2⁵²), which a double holds exactly, and its tail in words of 16 bits. Quotients of such
// numbers, rounded down, are exact: x / f, where it is no whole number, is 1 / f or more below the next one, and that is more
// than the division's rounding error of x / f · 2⁻⁵³.

import { LatentkitError } from '../errors.ts';
import { streamOf, wordsOf } from '../random/index.ts';

/** All mass: masses are whole numbers that add up to it. */
export const wholeMass: number = 2 ** 28;

const word = 2 ** 16;
const lowest = 2 ** 36;
const headWords = 4;
/** How often a mass goes into a head that can take a symbol of that mass. */
const room = (lowest * word) / wholeMass;

/** Where a symbol lies in [0, 2²⁸). */
export interface Interval {
  readonly start: number;
  /** Its mass, at least 1. */
  readonly mass: number;
}

/** A stack of symbols. Beneath the first that was pushed lie random words without end, which are a function of nothing. */
export class Stack {
  #head: number;
  #tail: Uint16Array;
  #length: number;
  #drawn = 0;
  readonly #random = wordsOf({ seed: 0, stream: streamOf('compression/stack'), step: 0 });

  /** @param words what `words` gave of another stack. */
  constructor(words: Uint16Array = Uint16Array.of(0, 0, 16, 0)) {
    this.#head = words.subarray(-headWords).reduceRight((head, value) => head * word + value, 0);
    if (this.#head < lowest || this.#head >= lowest * word) throw damaged();
    this.#length = words.length - headWords;
    this.#tail = words.slice(0, Math.max(this.#length, 1024));
  }

  /** How many random words were drawn from beneath the stack. */
  get drawn(): number {
    return this.#drawn;
  }

  push({ start, mass }: Interval): void {
    while (this.#head >= mass * room) {
      const rest = Math.floor(this.#head / word);
      this.#pushWord(this.#head - rest * word);
      this.#head = rest;
    }
    const quotient = Math.floor(this.#head / mass);
    this.#head = quotient * wholeMass + (this.#head - quotient * mass) + start;
  }

  /** The place in [0, 2²⁸) that says which symbol is on top: the one in whose interval it is. */
  peek(): number {
    return this.#head - Math.floor(this.#head / wholeMass) * wholeMass;
  }

  /** Takes off the symbol that `peek` told of. */
  drop({ start, mass }: Interval): void {
    const quotient = Math.floor(this.#head / wholeMass);
    this.#head = mass * quotient + (this.#head - quotient * wholeMass) - start;
    while (this.#head < lowest) this.#head = this.#head * word + this.#popWord();
  }

  /** All of it, the top last. */
  words(): Uint16Array {
    const words = new Uint16Array(this.#length + headWords);
    words.set(this.#tail.subarray(0, this.#length));
    let head = this.#head;
    for (let i = 0; i < headWords; i++) {
      words[this.#length + i] = head % word;
      head = Math.floor(head / word);
    }
    return words;
  }

  /**
   * Whether nothing but random words is left, as many as the stack that this one continues had `drawn`: then each step was
   * undone.
   */
  isAsAtFirst(drawn: number): boolean {
    if (this.#head !== lowest || this.#length !== drawn || this.#drawn > 0) return false;
    while (this.#length > 0) if (this.#popWord() !== this.#random() % word) return false;
    return true;
  }

  #pushWord(value: number): void {
    if (this.#length === this.#tail.length) {
      const longer = new Uint16Array(2 * this.#length);
      longer.set(this.#tail);
      this.#tail = longer;
    }
    this.#tail[this.#length++] = value;
  }

  #popWord(): number {
    if (this.#length > 0) return this.#tail[--this.#length]!;
    this.#drawn += 1;
    return this.#random() % word;
  }
}

function damaged(): LatentkitError {
  return new LatentkitError('data', 'the compressed words are cut off. Copy or download the file again.');
}

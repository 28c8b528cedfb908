import { describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { below, wordsOf } from '../random/index.ts';
import { type Interval, Stack, wholeMass } from './ans.ts';

/** Symbols of four masses, from one to nearly all. */
const masses = [1, 700, 2 ** 20, wholeMass - 2 ** 20 - 701];
const intervals: readonly Interval[] = masses.map((mass, k) => ({
  start: masses.slice(0, k).reduce((a, b) => a + b, 0),
  mass,
}));

const random = (stream: number): (() => number) => wordsOf({ seed: 1, stream, step: 0 });

/** Symbols drawn by their masses, but each kind in every thirty at least once. */
function symbols(count: number): number[] {
  const next = random(1);
  return Array.from({ length: count }, (_, i) =>
    i % 30 < 4 ? i % 30 : intervals.findLastIndex(({ start }) => start <= below(wholeMass, next)),
  );
}

function popSymbol(stack: Stack): number {
  const place = stack.peek();
  const symbol = intervals.findLastIndex(({ start }) => start <= place);
  stack.drop(intervals[symbol]!);
  return symbol;
}

/** The same coder over one big integer, without head, tail or rounding. */
function pushBig(state: bigint, { start, mass }: Interval): bigint {
  return (state / BigInt(mass)) * BigInt(wholeMass) + (state % BigInt(mass)) + BigInt(start);
}

describe('the stack', () => {
  it('gives back what was pushed, last first', () => {
    const pushed = symbols(20_000);
    const stack = new Stack();
    for (const symbol of pushed) stack.push(intervals[symbol]!);
    const again = new Stack(stack.words());
    expect(pushed.map(() => popSymbol(again))).toEqual(pushed.toReversed());
    expect(again.isAsAtFirst(0)).toBe(true);
  });

  it('takes −log2 of its mass for each symbol', () => {
    const pushed = symbols(20_000);
    const stack = new Stack();
    for (const symbol of pushed) stack.push(intervals[symbol]!);
    const bits = pushed.reduce((sum, symbol) => sum + Math.log2(wholeMass / masses[symbol]!), 0);
    const words = 16 * stack.words().length;
    expect(words).toBeGreaterThan(bits);
    expect(words).toBeLessThan(1.0001 * bits + 64);
  });

  it('is the coder over big integers, while the head alone holds all', () => {
    const stack = new Stack();
    let big = 2n ** 36n;
    for (const symbol of [3, 3, 2, 3, 3, 3]) {
      stack.push(intervals[symbol]!);
      big = pushBig(big, intervals[symbol]!);
      const words = Array.from(stack.words(), BigInt);
      expect(words).toHaveLength(4);
      expect(words.reduce((sum, value, i) => sum + (value << BigInt(16 * i)), 0n)).toBe(big);
    }
  });

  it('divides exactly, however large the head and whatever the mass', () => {
    const next = random(2);
    let wrong = 0;
    for (let i = 0; i < 100_000; i++) {
      const mass = 1 + (next() % (wholeMass - 1));
      // Where rounding could err: just below a multiple.
      const quotient = 1 + (next() % Math.floor(2 ** 52 / mass - 1));
      if (Math.floor((mass * quotient - 1) / mass) !== quotient - 1) wrong += 1;
    }
    expect(wrong).toBe(0);
  });

  it('draws symbols by their masses out of nothing, and takes them back to the bit', () => {
    const even = [0, 1, 2, 3].map(k => ({ start: (k * wholeMass) / 4, mass: wholeMass / 4 }));
    const stack = new Stack();
    const drawn = Array.from({ length: 4000 }, () => {
      const symbol = Math.floor(stack.peek() / (wholeMass / 4));
      stack.drop(even[symbol]!);
      return symbol;
    });
    for (const k of [0, 1, 2, 3]) {
      const count = drawn.filter(symbol => symbol === k).length;
      expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(750));
    }
    expect(16 * stack.drawn).toBeGreaterThan(7900);
    for (const symbol of drawn.toReversed()) stack.push(even[symbol]!);
    const again = new Stack(stack.words());
    expect(again.isAsAtFirst(stack.drawn)).toBe(true);
    expect(new Stack(stack.words()).isAsAtFirst(stack.drawn - 1)).toBe(false);
    expect(new Stack(Uint16Array.from(stack.words(), (w, i) => (i === 9 ? w ^ 1 : w))).isAsAtFirst(stack.drawn)).toBe(
      false,
    );
  });

  it('refuses words without a head', () => {
    expect(() => new Stack(Uint16Array.of(9, 9, 9))).toThrow(LatentkitError);
    expect(() => new Stack(Uint16Array.of(1, 1, 0, 0))).toThrow(/cut off/);
  });
});

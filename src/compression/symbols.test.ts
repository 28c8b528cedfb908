// Distributions as intervals of whole mass: those of codes and of levels, against quadrature and the graphs' own log-masses.

import { describe, expect, it } from 'vitest';
import { graph, input } from '../graph/index.ts';
import type { Likelihood } from '../models/index.ts';
import { likelihoodOf } from '../models/likelihoods/index.ts';
import { outputChannels } from '../models/likelihoods/likelihood.ts';
import { RootScope } from '../nn/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { Stack, wholeMass } from './ans.ts';
import { bucketCount, medianOf, PosteriorBuckets, prior } from './buckets.ts';
import { levelsOf } from './levels.ts';
import { standardNormalCdf } from './normal-cdf.ts';
import { intervalOf, pop, push, type Symbols } from './quantise.ts';

/** ∫ of the standard normal's density from 0 to x by Simpson's rule. */
function integral(x: number): number {
  const steps = 2000;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const t = (i * x) / steps;
    sum += (i === 0 || i === steps ? 1 : i % 2 === 0 ? 2 : 4) * Math.exp(-0.5 * t * t);
  }
  return (sum * x) / (3 * steps) / Math.sqrt(2 * Math.PI);
}

describe('the normal distribution function', () => {
  it.each([-6, -3.3, -1, -0.2, 0, 0.7, 2, 5])('is the integral of the density up to %d', x => {
    expect(standardNormalCdf(x)).toBeCloseTo(0.5 + integral(x), 13);
  });

  it('keeps its relative precision far out, and knows the ends', () => {
    // Abramowitz & Stegun 26.2.12, eight terms.
    const tail = (x: number): number =>
      (Math.exp(-0.5 * x * x) / (x * Math.sqrt(2 * Math.PI))) *
      (1 - 1 / x ** 2 + 3 / x ** 4 - 15 / x ** 6 + 105 / x ** 8 - 945 / x ** 10);
    for (const x of [9, 12, 20]) expect(standardNormalCdf(-x) / tail(x)).toBeCloseTo(1, 6);
    expect([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map(standardNormalCdf)).toEqual([0, 1]);
  });
});

/** The masses of all symbols, whose intervals must lie next to each other, none empty, from 0 to all mass. */
function massesOf(symbols: Symbols): number[] {
  const intervals = Array.from({ length: symbols.count }, (_, k) => intervalOf(symbols, k));
  const ends = intervals.map(({ start, mass }) => start + mass);
  expect(intervals.map(({ start }) => start)).toEqual([0, ...ends.slice(0, -1)]);
  expect(ends.at(-1)).toBe(wholeMass);
  expect(intervals.every(({ mass }) => mass >= 1)).toBe(true);
  return intervals.map(({ mass }) => mass);
}

describe('buckets of codes', () => {
  it('have the same mass under the prior, and stand for their medians', () => {
    expect(new Set(massesOf(prior))).toEqual(new Set([wholeMass / bucketCount]));
    for (const k of [0, 1, 77, bucketCount / 2, bucketCount - 1]) {
      expect(standardNormalCdf(medianOf(k))).toBeCloseTo((k + 0.5) / bucketCount, 13);
    }
  });

  it.each([
    [0, 0],
    [1.3, -4],
    [-3, -9],
    [8, 2],
    [-40, -20],
  ])('have the masses of a posterior of mean %d and log-variance %d', (mean, logVar) => {
    const buckets = new PosteriorBuckets().at(mean, logVar);
    const masses = massesOf(buckets);
    const deviation = Math.exp(0.5 * logVar);
    // Of whole stretches, whose edges follow from their probabilities: Φ((Φ⁻¹(p) − mean) / deviation).
    for (const eighth of [1, 2, 3, 4, 5, 6, 7]) {
      const k = (eighth * bucketCount) / 8;
      const edge = 0.5 * (medianOf(k - 1) + medianOf(k));
      const sum = masses.slice(0, k).reduce((a, b) => a + b, 0) / wholeMass;
      expect(sum).toBeCloseTo(standardNormalCdf((edge - mean) / deviation), 2);
    }
  });
});

const cases: readonly { readonly spec: Likelihood; readonly outputs: readonly (readonly number[])[] }[] = [
  { spec: { type: 'bernoulli' }, outputs: [[-30], [-1.2], [0], [4], [100]] },
  {
    spec: { type: 'categorical', levels: 5 },
    outputs: [
      [1, -3, 0.5, 90, 0],
      [0, 0, 0, 0, 0],
    ],
  },
  {
    spec: { type: 'discretizedLogistic', levels: 256, mixtures: 1 },
    outputs: [
      [-0.7, -2],
      [0.99, -6],
      [0, 1],
      [3, -3],
    ],
  },
  {
    spec: { type: 'discretizedLogistic', levels: 16, mixtures: 3 },
    outputs: [[-1, 0.2, 0.9, -5, -2, -4, 1, 0.3, -0.4]],
  },
  {
    spec: { type: 'betaBinomial', levels: 256 },
    outputs: [
      [0, 0],
      [-7, 5],
      [9, -3],
      [0.3, 7.9],
      [-2, -6],
      [-30, 30],
    ],
  },
];

describe.each(cases)('levels of $spec', ({ spec, outputs }) => {
  const input1 = { shape: [1, 1, 1], dtype: 'uint8', range: [0, 255] } as const;
  const definition = likelihoodOf(spec);
  const width = outputChannels(definition.outputsPerChannel(spec, input1), 1);
  const likelihood = definition.build(spec, new RootScope({ training: false }), input1);
  const levels = levelsOf(spec);
  const masses = graph({
    logProb: likelihood.logProb(input('x', ['N', 1, 1, 1]), input('output', ['N', width, 1, 1])),
  });

  it.each(outputs.map(output => ({ output })))('have the masses of the graph at $output', ({ output }) => {
    const { count } = levels;
    const { logProb } = evaluateReference(masses, {
      x: { shape: [count, 1, 1, 1], data: Array.from({ length: count }, (_, k) => k / (count - 1)) },
      output: {
        shape: [count, width, 1, 1],
        data: Array.from({ length: count }, () => output.map(Math.fround)).flat(),
      },
    });
    // Two numbers apart, as those of a row of two dimensions are.
    const strided = Float32Array.from({ length: 2 * width + 1 }, (_, i) => (i % 2 === 1 ? output[(i - 1) / 2]! : 99));
    levels.at(strided, 1, 2);
    const errors = logProb!.data.map((value, k) => Math.abs(levels.below(k + 1) - levels.below(k) - Math.exp(value)));
    expect(Math.max(...errors)).toBeLessThan(1e-9);
    massesOf(levels);
    const stack = new Stack();
    for (let k = 0; k < count; k++) push(stack, levels, k);
    expect(Array.from({ length: count }, () => pop(stack, levels))).toEqual(
      Array.from({ length: count }, (_, k) => count - 1 - k),
    );
    expect(stack.isAsAtFirst(0)).toBe(true);
  });
});

it('keeps a mass for each symbol where a distribution function falls by rounding', () => {
  const falling: Symbols = { count: 4, below: k => [0, 0.5 + 1e-9, 0.5 - 1e-9, 1 - 1e-9, 1 + 1e-9][k]! };
  expect(massesOf(falling)[1]).toBeLessThan(4);
});

it('refuses likelihoods of anything but levels', () => {
  expect(() => levelsOf({ type: 'laplace', scale: 'learned' } as unknown as Likelihood)).toThrow(
    /the likelihood "laplace"/,
  );
});

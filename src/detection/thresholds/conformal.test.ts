// p-values against counting, their uniformity and the share of false discoveries by simulation.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniforms } from '../testing.ts';
import {
  benjaminiHochberg,
  conformalPValue,
  conformalThreshold,
  falseAlarms,
  smallestRate,
  sortedScores,
} from './conformal.ts';

const scores = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 30 });

describe('conformalPValue', () => {
  it('counts the scores that are as high, and itself', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: -6, max: 6 }), (list, score) => {
        const p = (1 + list.filter(other => other >= score).length) / (list.length + 1);
        expect(conformalPValue(sortedScores(list), score)).toBe(p);
      }),
    );
  });

  it('takes what is no number for the highest of all', () => {
    const calibration = sortedScores([3, Number.NaN, 1]);
    expect([...calibration]).toEqual([1, 3, Number.POSITIVE_INFINITY]);
    expect(conformalPValue(calibration, Number.NaN)).toBe(2 / 4);
    expect(conformalPValue(calibration, 4)).toBe(2 / 4);
    expect(conformalPValue(calibration, 0)).toBe(1);
  });

  it('is no more often below a rate than at that rate, and exactly at multiples of the smallest', () => {
    const [trials, rows] = [20_000, 9];
    const draws = uniforms(trials * (rows + 1), 'p-values');
    const pValues = Array.from({ length: trials }, (_, i) => {
      const own = draws.subarray(i * (rows + 1), (i + 1) * (rows + 1));
      return conformalPValue(sortedScores(own.subarray(1)), own[0]!);
    });
    for (const rate of [0.1, 0.3, 0.5]) {
      const share = pValues.filter(p => p <= rate + 1e-12).length / trials;
      expect(Math.abs(share - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / trials));
    }
    expect(Math.min(...pValues)).toBe(smallestRate(rows));
  });
});

describe('conformalThreshold', () => {
  it('is where p-values pass the rate', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: -6, max: 6 }), fc.integer({ min: 0, max: 40 }), (list, score, percent) => {
        const calibration = sortedScores(list);
        const rate = percent / 40;
        expect(score > conformalThreshold(calibration, rate)).toBe(conformalPValue(calibration, score) <= rate + 1e-12);
      }),
    );
  });

  it('is beyond every score where the rate is below the smallest, and flags all at 1', () => {
    const calibration = sortedScores([1, 2, 3]);
    expect(conformalThreshold(calibration, 0.2)).toBe(Number.POSITIVE_INFINITY);
    expect(conformalThreshold(calibration, 0.25)).toBe(3);
    expect(conformalThreshold(calibration, 1)).toBe(Number.NEGATIVE_INFINITY);
  });
});

it('falseAlarms: the share that one calibration set lets through, by simulation', () => {
  const [trials, rows, rate] = [4000, 99, 0.05];
  const draws = uniforms(trials * rows, 'alarms');
  // Of uniform scores the share above a threshold is 1 − threshold.
  const shares = Array.from(
    { length: trials },
    (_, i) => 1 - conformalThreshold(sortedScores(draws.subarray(i * rows, (i + 1) * rows)), rate),
  );
  const mean = shares.reduce((a, b) => a + b, 0) / trials;
  const deviation = Math.sqrt(shares.reduce((a, b) => a + (b - mean) ** 2, 0) / trials);
  const expected = falseAlarms(rows, rate);
  expect(expected.mean).toBeCloseTo(0.05, 12);
  expect(Math.abs(mean - expected.mean)).toBeLessThan((4 * expected.deviation) / Math.sqrt(trials));
  expect(deviation / expected.deviation).toBeCloseTo(1, 1);
});

describe('benjaminiHochberg', () => {
  it('is the largest p below its line (the example of the paper, section 3.2)', () => {
    const p = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
    ];
    expect(benjaminiHochberg(p.toReversed(), 0.05)).toBe(0.0095);
    expect(benjaminiHochberg([0.2, 0.6], 0.05)).toBe(0);
    expect(benjaminiHochberg([], 0.05)).toBe(0);
  });

  it('keeps the share of false discoveries at the level, of conformal p-values that share a calibration set', () => {
    const [trials, rows, normal, anomalous, level] = [1500, 100, 40, 10, 0.2];
    const width = rows + normal;
    const draws = uniforms(trials * width, 'discoveries');
    const shares = Array.from({ length: trials }, (_, i) => {
      const own = draws.subarray(i * width, (i + 1) * width);
      const calibration = sortedScores(own.subarray(0, rows));
      const batch = [...own.subarray(rows), ...Array<number>(anomalous).fill(2)];
      const pValues = batch.map(score => conformalPValue(calibration, score));
      const cut = benjaminiHochberg(pValues, level);
      const called = pValues.filter(p => p <= cut).length;
      return called === 0 ? 0 : pValues.slice(0, normal).filter(p => p <= cut).length / called;
    });
    const mean = shares.reduce((a, b) => a + b, 0) / trials;
    // Expected: level · normal / all.
    expect(mean).toBeLessThan(0.16 + 4 * (0.2 / Math.sqrt(trials)));
    expect(mean).toBeGreaterThan(0.1);
  });
});

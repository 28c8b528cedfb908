// Each test against known values, its p-values under no difference, and what it finds where there is one.

import { describe, expect, it } from 'vitest';
import type { Column } from '../../columns.ts';
import { normals, uniforms } from '../testing.ts';
import { chiSquare, chiSquareChance } from './chi-square.ts';
import { detectDrift, holm, type Seen } from './drift.ts';
import { energyTest } from './energy.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';

/** That a share of trials is no larger than a rate, but for chance. */
function expectRate(pValues: readonly number[], rate: number, least = 0): void {
  const share = pValues.filter(p => p <= rate).length / pValues.length;
  const error = Math.sqrt((rate * (1 - rate)) / pValues.length);
  expect(share).toBeLessThan(rate + 4 * error);
  expect(share).toBeGreaterThanOrEqual(least);
}

describe('kolmogorovSmirnov', () => {
  it('has the p-values of SciPy: counted, and in the limit', () => {
    const { statistic, pValue } = kolmogorovSmirnov([1, 2, 3, 4, 5], [2.5, 3.5, 6, 7]);
    expect([statistic, pValue]).toEqual([0.5, expect.closeTo(0.5634920634920635, 12)]);
    const a = Array.from({ length: 60 }, (_, i) => i / 7);
    const b = Array.from({ length: 50 }, (_, i) => i / 5 - 1);
    expect(kolmogorovSmirnov(a, b).pValue).toBeCloseTo(0.8584236685865488, 10);
    // kolmogorov(x) of SciPy, at x = 0.2, 0.5, 1, 2: two grids of m numbers, apart by as much.
    const limits = [1, 0.9639452436648751, 0.26999967167735456, 0.0006709252557796953];
    [0.2, 0.5, 1, 2].forEach((x, i) => {
      const m = 20_000;
      const shift = x / Math.sqrt(m / 2);
      const grid = Array.from({ length: m }, (_, k) => k / m);
      const found = kolmogorovSmirnov(
        grid,
        grid.map(value => value + shift),
      );
      expect(found.pValue / limits[i]!).toBeCloseTo(1, 1);
    });
  });

  it('is uniform where there is no difference', () => {
    const [trials, size] = [2000, 20];
    const draws = normals(trials * 2 * size, 'ks');
    const pValues = Array.from({ length: trials }, (_, t) => {
      const own = draws.subarray(2 * t * size, 2 * (t + 1) * size);
      return kolmogorovSmirnov(own.subarray(0, size), own.subarray(size)).pValue;
    });
    expectRate(pValues, 0.1, 0.03);
    expectRate(pValues, 0.5, 0.3);
  });
});

describe('chiSquare', () => {
  it('has the p-values of SciPy', () => {
    const { statistic, pValue } = chiSquare([10, 20, 30], [15, 15, 40]);
    expect([statistic, pValue]).toEqual([expect.closeTo(2.3877551020408165, 10), expect.closeTo(0.3030439146851, 10)]);
    expect(chiSquareChance(0.3, 1)).toBeCloseTo(0.583882420770365, 10);
    expect(chiSquareChance(10, 3)).toBeCloseTo(0.01856613546304325, 10);
    expect(chiSquareChance(120, 100)).toBeCloseTo(0.08440668109369177, 10);
    expect(chiSquareChance(300, 100) / 7.4121008573230175e-22).toBeCloseTo(1, 8);
  });

  it('takes rare categories together, and has no opinion of one category', () => {
    expect(chiSquare([50, 1, 0, 2], [50, 0, 1, 2])).toEqual(chiSquare([50, 3], [50, 3]));
    expect(chiSquare([7, 0], [9, 0])).toEqual({ statistic: 0, pValue: 1 });
  });
});

describe('energyTest', () => {
  it('is what its definition says', () => {
    const [a, b] = [normals(8, 'energy a'), normals(12, 'energy b')];
    const mean = (x: Float64Array, y: Float64Array): number => {
      let sum = 0;
      for (let i = 0; i < x.length; i += 2) {
        for (let j = 0; j < y.length; j += 2) sum += Math.hypot(x[i]! - y[j]!, x[i + 1]! - y[j + 1]!);
      }
      return sum / (x.length / 2) / (y.length / 2);
    };
    const { statistic } = energyTest({ width: 2, data: a }, { width: 2, data: b });
    expect(statistic).toBeCloseTo(2 * mean(a, b) - mean(a, a) - mean(b, b), 6);
  });

  it('is uniform where there is no difference, and sees a change of spread alone', () => {
    const [trials, size] = [150, 24];
    const draws = normals(trials * 4 * size, 'energy');
    const found = (stretch: number) =>
      Array.from({ length: trials }, (_, t) => {
        const own = draws.subarray(4 * t * size, 4 * (t + 1) * size);
        const [a, b] = [own.subarray(0, 2 * size), own.subarray(2 * size).map(value => stretch * value)];
        return energyTest({ width: 2, data: a }, { width: 2, data: b }).pValue;
      });
    expectRate(found(1), 0.1, 0.03);
    expect(found(3).filter(p => p <= 0.05).length).toBeGreaterThan(0.9 * trials);
  });
});

it('holm: the example of its rule', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02].map(p => expect.closeTo(p, 12)));
  expect(holm([0.6, 0.9])).toEqual([1, 1]);
});

describe('detectDrift', () => {
  const columns: Column[] = [
    { name: 'age', type: 'numeric' },
    { name: 'smoker', type: 'binary' },
    { name: 'city', type: 'categorical', categories: 3 },
  ];
  const seen = (name: string, size: number, change: (row: number[]) => number[] = row => row): Seen => {
    const [a, b] = [normals(3 * size, name), uniforms(3 * size, name)];
    const rows = Array.from({ length: size }, (_, i) =>
      change([a[3 * i]!, b[3 * i]! < 0.3 ? 1 : 0, Math.floor(3 * b[3 * i + 1]!)]),
    );
    return {
      scores: a.filter((_, i) => i % 3 === 1),
      codes: { width: 1, data: a.filter((_, i) => i % 3 === 2) },
      values: { width: 3, data: rows.flat() },
    };
  };

  it('finds none where there is none', () => {
    const trials = Array.from({ length: 30 }, (_, t) =>
      detectDrift(seen(`a${t}`, 200), seen(`b${t}`, 100), columns, 0.1),
    );
    expect(trials.filter(({ drifted }) => drifted).length).toBeLessThan(3 + 4 * Math.sqrt(30 * 0.1 * 0.9));
    expect(trials[0]).toMatchObject({ rows: 100, referenceRows: 200, level: 0.1 });
    expect(trials[0]!.tests.map(({ name, of }) => `${of} ${name}`).sort()).toEqual(
      ['scores scores', 'codes codes', 'column age', 'column smoker', 'column city'].sort(),
    );
  });

  it.each<[string, string, (row: number[]) => number[]]>([
    ['age', 'column', ([age, ...rest]) => [age! + 1, ...rest]],
    ['smoker', 'column', ([age, , city]) => [age!, 1, city!]],
    ['city', 'column', ([age, smoker]) => [age!, smoker!, 2]],
    ['age', 'missing', ([age, ...rest]) => [age! > 1 ? Number.NaN : age!, ...rest]],
  ])('names what has changed: %s, %s', (name, of, change) => {
    const { drifted, tests } = detectDrift(seen('before', 300), seen('after', 150, change), columns);
    expect(drifted).toBe(true);
    expect(tests[0]).toMatchObject({ name, of });
  });

  it('hears the codes among many columns', () => {
    const many = Array.from({ length: 40 }, (_, i): Column => ({ name: `c${i}`, type: 'binary' }));
    const of = (name: string, shift: number): Seen => ({
      scores: normals(100, name),
      codes: { width: 1, data: normals(100, `${name} codes`).map(code => code + shift) },
      values: { width: 40, data: uniforms(4000, name).map(Math.round) },
    });
    const { drifted, tests } = detectDrift(of('one', 0), of('other', 2), many);
    expect([drifted, tests.filter(({ adjusted }) => adjusted <= 0.01).map(({ name }) => name)]).toEqual([
      true,
      ['codes'],
    ]);
  });

  it('bears a column that is all missing', () => {
    const nothing = seen('gone', 100, ([, ...rest]) => [Number.NaN, ...rest]);
    const { tests } = detectDrift(seen('before', 300), nothing, columns);
    expect(tests.filter(({ name }) => name === 'age').map(({ of }) => of)).toEqual(['missing']);
  });
});

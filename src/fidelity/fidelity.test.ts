import { describe, expect, it } from 'vitest';
import type { Column } from '../columns.ts';
import { wordsOf } from '../random/index.ts';
import { dependences, ranks } from './dependence.ts';
import { fidelity } from './index.ts';
import { marginalDistances } from './marginals.ts';
import { nearestDistances } from './nearest.ts';
import type { TableRows } from './table.ts';
import { predictions, withGaps } from './utility.ts';

const columns: readonly Column[] = [
  { name: 'x', type: 'numeric' },
  { name: 'y', type: 'numeric' },
  { name: 'kind', type: 'categorical', categories: ['a', 'b', 'c'] },
  { name: 'on', type: 'binary' },
];

/** Normal numbers by Box and Muller. */
function normals(seed: number): () => number {
  const next = wordsOf({ seed, stream: 1, step: 0 });
  const uniform = (): number => (next() + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** y = 0.8 x + 0.6 e, of correlation 0.8; the kind is the third of the line that x is in; `on` is a coin's. */
function linear(rows: number, seed: number, dependent = true): TableRows {
  const normal = normals(seed);
  const values = Array.from({ length: rows }, () => {
    const x = normal();
    const [z, w] = dependent ? [x, x] : [normal(), normal()];
    return [x, 0.8 * z + 0.6 * normal(), w < -0.43 ? 0 : w < 0.43 ? 1 : 2, normal() > 0 ? 1 : 0];
  });
  return { columns, values: Float32Array.from(values.flat()) };
}

const train = linear(2000, 1);
const test = linear(1000, 2);

describe('marginals', () => {
  it('are alike of one distribution, and far of another', () => {
    const shifted: TableRows = {
      columns,
      values: train.values.map((v, i) => (i % 4 === 0 ? v + 10 : i % 4 === 2 ? 0 : v)),
    };
    expect(marginalDistances(test, train).every(distance => distance! < 0.06)).toBe(true);
    const [x, y, kind] = marginalDistances(shifted, train);
    expect(x).toBeGreaterThan(0.99);
    expect(y).toBe(0);
    // All in one category of which there is a third: half of (2/3 + 1/3 + 1/3).
    expect(kind).toBeCloseTo(2 / 3, 1);
  });

  it('leave out what is missing', () => {
    const values = train.values.map((v, i) => (i % 8 === 0 ? Number.NaN : v));
    expect(marginalDistances({ columns, values }, train)[0]).toBeLessThan(0.05);
  });
});

describe('dependence', () => {
  it('is that of closed forms', () => {
    const found = new Map(dependences(linear(20_000, 3)).map(([i, j, value]) => [`${i}${j}`, value]));
    // Spearman's correlation of normals is 6/π asin(ρ/2); a coin depends on nothing.
    expect(found.get('01')).toBeCloseTo((6 / Math.PI) * Math.asin(0.4), 1);
    expect(Math.abs(found.get('03')!)).toBeLessThan(0.03);
    expect(found.get('23')).toBeLessThan(0.02);
    // η² of x upon its thirds: Σ p E[x | third]², E[x | x > 0.43] = φ(0.43) / 0.3336.
    const tail = Math.exp(-(0.43 ** 2) / 2) / Math.sqrt(2 * Math.PI) / 0.3336;
    expect(found.get('02')).toBeCloseTo(Math.sqrt(2 * 0.3336 * tail ** 2), 1);
  });

  it('of a category with itself is 1', () => {
    const twice: TableRows = {
      columns: [columns[2]!, { ...columns[2]!, name: 'again' }],
      values: Float32Array.from({ length: 600 }, (_, i) => (i >> 1) % 3),
    };
    expect(dependences(twice)[0]![2]).toBeCloseTo(1, 6);
  });

  it('gives equal numbers one rank', () => {
    expect(ranks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2]);
  });
});

describe('utility', () => {
  it('is 1 for rows of the same kind and the explained variance is ρ²', () => {
    const scored = predictions(linear(2000, 4), train, test);
    const y = scored.find(({ column }) => column === 'y')!;
    expect(y.real).toBeCloseTo(0.64, 1);
    expect(y.synthetic).toBeCloseTo(y.real, 1);
    // A coin cannot be learned.
    expect(scored.map(({ column }) => column)).not.toContain('on');
  });

  it('of complete rows is judged with the gaps that real rows have', () => {
    // Both are 0.9 of the same thing, and the second is nearly always missing: alone, x says 0.45 of y's deviations.
    const twin = (rows: number, seed: number, gaps: boolean): TableRows => {
      const normal = normals(seed);
      const values = Array.from({ length: rows }, (_, i) => {
        const cause = normal();
        const hidden = gaps && i % 10 > 0;
        return [cause + 0.7 * normal(), hidden ? Number.NaN : cause + 0.1 * normal(), cause + 0.1 * normal()];
      });
      const own = ['x', 'rare', 'y'].map(name => ({ name, type: 'numeric' }) as const);
      return { columns: own, values: Float32Array.from(values.flat()) };
    };
    const [real, judged, complete] = [twin(2000, 8, true), twin(1000, 9, true), twin(2000, 10, false)];
    const y = predictions(complete, real, judged).find(({ column }) => column === 'y')!;
    expect(y.synthetic).toBeCloseTo(y.real, 1);
    const given = withGaps(complete, real);
    expect(withGaps(given, judged)).toEqual({ columns: given.columns, values: given.values });
    expect(given.values.filter(Number.isNaN)).toHaveLength(1800);
  });

  it('is lost with the dependence', () => {
    const scored = predictions(linear(2000, 5, false), train, test);
    for (const { real, synthetic } of scored) expect(synthetic).toBeLessThan(0.5 * real);
  });
});

describe('nearest rows', () => {
  it('are measured by Gower', () => {
    const two: readonly Column[] = [columns[0]!, columns[2]!];
    const others: TableRows = { columns: two, values: Float32Array.of(0, 0, 10, 1) };
    const rows: TableRows = { columns: two, values: Float32Array.of(1, 0, 9, 0, Number.NaN, 1, 10, 1) };
    const distances = nearestDistances(rows, others);
    // Rows of float32.
    expect([...distances]).toEqual([0.05, 0.45, 0.5, 0].map(distance => expect.closeTo(distance, 6)));
  });

  it('tell copies', () => {
    const copied = fidelity({ columns, values: train.values.subarray(0, 4000) }, { train, test });
    expect(copied.nearest).toMatchObject({ copies: 1000, shareTooNear: 1, medianOfSynthetic: 0 });
    const fresh = fidelity(linear(1000, 6), { train, test });
    expect(fresh.nearest.copies).toBe(0);
    expect(fresh.nearest.shareTooNear).toBeLessThan(0.1);
    expect(fresh.utility.ratio).toBeCloseTo(1, 1);
    expect(fresh.dependence.difference).toBeLessThan(0.05);
    const shuffled = fidelity(linear(1000, 7, false), { train, test });
    expect(shuffled.dependence.difference).toBeGreaterThan(0.25);
    expect(shuffled.dependence.worst[0]!.columns).toContain('x');
  });
});

// Against counting pairs, scikit-learn's figures, and the spread over samples.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankingOf } from './ranking.ts';
import { normals } from './testing.ts';

describe('rankingOf', () => {
  it('auroc: the share of pairs in the right order, ties half; the curve has the same area', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(rows, list => {
        const ranking = rankingOf(
          list.map(([score]) => score),
          list.map(([, anomaly]) => anomaly),
        );
        const [high, low] = [true, false].map(kind => list.filter(row => row[1] === kind).map(row => row[0]));
        if (high!.length === 0 || low!.length === 0) {
          expect(ranking).toBeUndefined();
          return;
        }
        const pairs = high!.flatMap(a => low!.map(b => (a > b ? 1 : a === b ? 0.5 : 0)));
        expect(ranking!.auroc).toBeCloseTo(pairs.reduce<number>((a, b) => a + b, 0) / pairs.length, 12);
        const { x, y } = ranking!.roc;
        let area = 0;
        for (let i = 1; i < x.length; i++) area += ((x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2;
        expect(area).toBeCloseTo(ranking!.auroc, 12);
        expect([x.at(-1), y.at(-1)]).toEqual([1, 1]);
      }),
    );
  });

  it('averagePrecision: as scikit-learn has it', () => {
    // average_precision_score([0, 0, 1, 1, 0, 1, 0, 1], [0.1, 0.4, 0.35, 0.8, 0.8, 0.7, 0.2, 0.1]), version 1.2
    const ranking = rankingOf([0.1, 0.4, 0.35, 0.8, 0.8, 0.7, 0.2, 0.1], [0, 0, 1, 1, 0, 1, 0, 1])!;
    expect(ranking.averagePrecision).toBeCloseTo(0.5666666666666667, 12);
    expect(ranking.auroc).toBeCloseTo(0.5625, 12);
  });

  it('aurocError: the spread over samples', () => {
    const [trials, each] = [1000, 60];
    const draws = normals(trials * each, 'auroc');
    const rankings = Array.from({ length: trials }, (_, t) => {
      const kinds = Array.from({ length: each }, (_, i) => i < 20);
      const scores = kinds.map((anomaly, i) => draws[t * each + i]! + (anomaly ? 1 : 0));
      return rankingOf(scores, kinds)!;
    });
    const mean = rankings.reduce((sum, { auroc }) => sum + auroc, 0) / trials;
    const spread = Math.sqrt(rankings.reduce((sum, { auroc }) => sum + (auroc - mean) ** 2, 0) / trials);
    // Φ(1 / √2), the chance that N(1, 1) exceeds N(0, 1).
    expect(Math.abs(mean - 0.7602)).toBeLessThan((4 * spread) / Math.sqrt(trials));
    const told = Math.sqrt(rankings.reduce((sum, { aurocError }) => sum + aurocError ** 2, 0) / trials);
    expect(told / spread).toBeCloseTo(1, 1);
  });

  it('takes what is no number for the highest', () => {
    expect(rankingOf([Number.NaN, 1, 2], [1, 0, 0])!.auroc).toBe(1);
  });
});

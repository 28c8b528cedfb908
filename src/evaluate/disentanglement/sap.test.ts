import { describe, expect, it } from 'vitest';
import { balancedAccuracy, separatedAttributePredictability } from './sap.ts';
import { aligned, codesOf, grid, mixed, normals } from './testing.ts';

describe('the separated attribute predictability', () => {
  it('is 1 of aligned codes of quantities, whatever their order and scale, near 0 of mixtures and of noise', () => {
    const factors = grid([5, 5, 5, 5]);
    const axes = aligned(factors);
    expect(separatedAttributePredictability(codesOf(factors, axes))).toBeCloseTo(1, 10);
    const other = [axes[2]!, axes[0]!.map(x => 5 - 100 * x), axes[3]!, axes[1]!];
    expect(separatedAttributePredictability(codesOf(factors, other))).toBeCloseTo(1, 10);
    expect(separatedAttributePredictability(codesOf(factors, mixed(axes)))).toBeCloseTo(0, 10);
    const noise = [1, 2, 3, 4].map(seed => normals(625, seed));
    expect(separatedAttributePredictability(codesOf(factors, noise))).toBeLessThan(0.01);
  });

  it('regresses quantities: R² = share of variance that is not noise', () => {
    // Orthogonal to the factor by construction, as the sign alternates within each of its values.
    const factors = grid([4, 2], 50);
    const [axis, sign] = aligned([factors[0]!, factors[1]!]);
    const dimensions = [0.5, 2].map(share => axis!.map((x, i) => 3 * x + 3 * share * sign![i]!));
    const codes = codesOf([factors[0]!], [...dimensions, new Array(400).fill(1)]);
    expect(separatedAttributePredictability(codes)).toBeCloseTo(1 / (1 + 0.25) - 1 / (1 + 4), 10);
    // What the values are counts, not their numbers: these are no line.
    const bent = { ...factors[0]!, values: [0, 1, 0, 1] };
    expect(separatedAttributePredictability(codesOf([bent], [axis!]))).toBeCloseTo(0.2, 10);
  });

  it('classifies names by thresholds', () => {
    const factor = { ...grid([3], 100)[0]!, values: ['square', 'ellipse', 'heart'] };
    const clear = Array.from(factor.numbers, n => [4, -1, 2][n]!);
    expect(separatedAttributePredictability(codesOf([factor], [clear, clear.map(() => 0)]))).toBeCloseTo(2 / 3, 10);
  });
});

describe('balanced accuracy by thresholds', () => {
  /** The best over all thresholds and all classes of the intervals. */
  function byHand(x: readonly number[], numbers: Uint8Array, classes: number): number {
    const size = (c: number) => numbers.filter(n => n === c).length;
    const all = [Number.NEGATIVE_INFINITY, ...x];
    let best = 0;
    const cutsOf = classes === 2 ? all.map(a => [a]) : all.flatMap(a => all.map(b => [a, b].sort((p, q) => p - q)));
    for (const cuts of cutsOf) {
      const intervals = x.map(value => cuts.filter(cut => value >= cut).length);
      let total = 0;
      for (let interval = 0; interval < classes; interval++) {
        const shares = Array.from({ length: classes }, (_, c) => {
          return x.filter((_, i) => intervals[i] === interval && numbers[i] === c).length / size(c);
        });
        total += Math.max(...shares) / classes;
      }
      best = Math.max(best, total);
    }
    return best;
  }

  it.each([2, 3])('of %i classes is the best that there is', classes => {
    for (let seed = 0; seed < 8; seed++) {
      // Some values are equal, and classes are not equally large.
      const x = normals(24, seed).map(value => Math.round(4 * value) / 4);
      const numbers = Uint8Array.from(normals(24, seed + 100), (value, i) =>
        i < classes ? i : value > 0.4 ? 1 : i % classes,
      );
      expect(balancedAccuracy(Float64Array.from(x), numbers)).toBeCloseTo(byHand(x, numbers, classes), 10);
    }
  });
});

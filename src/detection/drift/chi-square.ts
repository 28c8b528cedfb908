// Pearson's test of homogeneity: whether two samples of categories are of one distribution.

import type { TestResult } from './kolmogorov-smirnov.ts';

/** Categories that are expected less often in a sample count as one (Cochran 1954). */
const leastExpected = 5;

/**
 * Σ (observed − expected)² / expected over both samples and all categories that occur, against the chi-square distribution.
 * @param a how often each category occurs in one sample; `b` in the other.
 */
export function chiSquare(a: readonly number[], b: readonly number[]): TestResult {
  const [inA, inB] = [totalOf(a), totalOf(b)];
  const share = Math.min(inA, inB) / (inA + inB);
  const cells: [number, number][] = [];
  let rare: [number, number] = [0, 0];
  a.forEach((count, i) => {
    const other = b[i]!;
    if ((count + other) * share < leastExpected) rare = [rare[0] + count, rare[1] + other];
    else cells.push([count, other]);
  });
  if (totalOf(rare) > 0) cells.push(rare);
  let statistic = 0;
  for (const [count, other] of cells) {
    const [expectedA, expectedB] = [inA, inB].map(size => ((count + other) * size) / (inA + inB)) as [number, number];
    statistic += (count - expectedA) ** 2 / expectedA + (other - expectedB) ** 2 / expectedB;
  }
  const freedom = cells.length - 1;
  return { statistic, pValue: freedom < 1 ? 1 : chiSquareChance(statistic, freedom) };
}

function totalOf(counts: readonly number[]): number {
  return counts.reduce((a, b) => a + b, 0);
}

/**
 * The chance that a chi-square variable of so many degrees of freedom is at least so large: the regularised incomplete gamma
 * function Q(freedom / 2, x / 2), by its series or its continued fraction (Press et al. 2007, "Numerical Recipes", section 6.2).
 */
export function chiSquareChance(x: number, freedom: number): number {
  const [a, half] = [freedom / 2, x / 2];
  if (half <= 0) return 1;
  const front = Math.exp(a * Math.log(half) - half - logGamma(a));
  if (half < a + 1) {
    let [term, sum] = [1 / a, 1 / a];
    for (let n = 1; term > sum * 1e-16; n++) {
      term *= half / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - front * sum);
  }
  // Lentz's method.
  let b = half + 1 - a;
  let [c, d] = [1e300, 1 / b];
  let fraction = d;
  for (let n = 1; n < 10_000; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** log Γ of a whole number or one and a half. */
function logGamma(a: number): number {
  let sum = a % 1 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let t = a % 1 === 0 ? 1 : 0.5; t < a; t++) sum += Math.log(t);
  return sum;
}

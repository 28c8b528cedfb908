// The two-sample test of Kolmogorov and Smirnov: whether two samples of numbers are of one distribution.

/** A test's statistic, and the chance of one as large where there is no difference. */
export interface TestResult {
  readonly statistic: number;
  readonly pValue: number;
}

/** Up to so many lattice points the chance is counted exactly. */
const mostCounted = 1e6;

/**
 * The largest distance between the two distribution functions. Its p-value is exact for samples without ties whose sizes
 * multiply to a million at most, and beyond that Kolmogorov's limit. Ties make it larger than it need be.
 */
export function kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): TestResult {
  const [x, y] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  const [m, n] = [x.length, y.length];
  let statistic = 0;
  for (let i = 0, j = 0; i < m && j < n; ) {
    const value = Math.min(x[i]!, y[j]!);
    while (i < m && x[i]! <= value) i++;
    while (j < n && y[j]! <= value) j++;
    statistic = Math.max(statistic, Math.abs(i / m - j / n));
  }
  const pValue = m * n <= mostCounted ? countedChance(m, n, statistic) : kolmogorov(statistic, (m * n) / (m + n));
  return { statistic, pValue };
}

/**
 * The share of the ways to interleave m and n numbers in which the distribution functions are somewhere as far apart
 * (Hodges 1958, "The significance probability of the Smirnov two-sample test"): lattice paths to (i, j) come from
 * (i − 1, j) in i of i + j cases.
 */
function countedChance(m: number, n: number, distance: number): number {
  const reached = new Float64Array(n + 1);
  for (let i = 0; i <= m; i++) {
    for (let j = 0; j <= n; j++) {
      if (Math.abs(i / m - j / n) >= distance - 1e-9) reached[j] = 1;
      else if (i + j === 0) reached[j] = 0;
      else reached[j] = (i * reached[j]! + (j === 0 ? 0 : j * reached[j - 1]!)) / (i + j);
    }
  }
  return reached[n]!;
}

/** P(√size · D ≥ √size · distance) in the limit of large samples: 2 Σ (−1)ᵏ⁻¹ exp(−2 k² size distance²). */
function kolmogorov(distance: number, size: number): number {
  const squared = size * distance ** 2;
  // Below this the series alternates slowly, and the chance is 1 to ten digits.
  if (squared < 0.04) return 1;
  let sum = 0;
  for (let k = 1; k <= 20; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * squared);
  return Math.min(1, sum);
}

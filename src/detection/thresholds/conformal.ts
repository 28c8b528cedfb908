// Conformal p-values (Vovk, Gammerman and Shafer 2005, "Algorithmic Learning in a Random World", section 2.2; for outliers:
// Bates et al. 2023, "Testing for Outliers with Conformal p-values", equation 2). Where a new row and n held-out normal ones
// are exchangeable, P(p ≤ α) ≤ α, whatever the score and however few the rows; no distribution is assumed.

/** Scores in ascending order; what is no number counts as infinitely high. */
export function sortedScores(scores: ArrayLike<number>): Float64Array {
  return Float64Array.from(scores, score => (Number.isNaN(score) ? Number.POSITIVE_INFINITY : score)).sort();
}

/** How many of some ascending numbers are below a value. */
function countBelow(ascending: ArrayLike<number>, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * p = (1 + #{calibration scores ≥ score}) / (n + 1): small where few normal rows score as high.
 * @param calibration scores of held-out normal rows, as {@link sortedScores} gives them.
 */
export function conformalPValue(calibration: Float64Array, score: number): number {
  const higher = Number.isNaN(score) ? Number.POSITIVE_INFINITY : score;
  return (1 + calibration.length - countBelow(calibration, higher)) / (calibration.length + 1);
}

/** The least p-value there is, hence the least rate of false alarms that n held-out rows can promise. */
export function smallestRate(rows: number): number {
  return 1 / (rows + 1);
}

/**
 * The score above which p ≤ rate, and at or below which p > rate. Infinite where the rate is below {@link smallestRate}.
 * @param rate from 0 to 1.
 */
export function conformalThreshold(calibration: Float64Array, rate: number): number {
  const among = ranksWithin(calibration.length, rate);
  if (among === 0) return Number.POSITIVE_INFINITY;
  return calibration[calibration.length - among] ?? Number.NEGATIVE_INFINITY;
}

/**
 * What share of normal rows one calibration set lets through to alarm. Over calibration sets that share has the distribution
 * Beta(k, n + 1 − k) with k = ⌊rate (n + 1)⌋ (Vovk 2012, "Conditional validity of inductive conformal predictors",
 * proposition 2a), if scores have no ties.
 */
export function falseAlarms(rows: number, rate: number): { readonly mean: number; readonly deviation: number } {
  const k = ranksWithin(rows, rate);
  const n = rows + 1;
  return { mean: k / n, deviation: Math.sqrt((k * (n - k)) / (n * n * (n + 1))) };
}

/** ⌊rate (n + 1)⌋, of a product that may have been rounded down. */
function ranksWithin(rows: number, rate: number): number {
  return Math.floor(rate * (rows + 1) * (1 + 1e-12));
}

/**
 * The p-value up to which rows are called anomalies so that of those called so a share of at most `level` is normal, in
 * expectation (Benjamini and Hochberg 1995). Conformal p-values of one calibration set depend on each other in a way that
 * keeps this true (Bates et al. 2023, theorem 2). 0 where none is to be called.
 */
export function benjaminiHochberg(pValues: ArrayLike<number>, level: number): number {
  const ascending = Float64Array.from(pValues).sort();
  for (let rank = ascending.length; rank > 0; rank--) {
    const p = ascending[rank - 1]!;
    if (p <= (level * rank) / ascending.length) return p;
  }
  return 0;
}

// Peaks over threshold (Siffer et al. 2017, "Anomaly Detection in Streams with Extreme Value Theory"): beyond a high
// threshold, excesses are nearly of a generalised Pareto distribution (Balkema and de Haan 1974; Pickands 1975), so that
// rates smaller than any held-out row shows can be extrapolated. It is fitted by the estimator of Zhang and Stephens
// (2009, "A New and Efficient Estimation Method for the Generalized Pareto Distribution"): a mean over the profile likelihood
// that Grimshaw (1993) maximises, which unlike its maximum always exists.

import { LatentkitError } from '../../errors.ts';

/** P(excess > y) = (1 + shape · y / scale)^(−1 / shape), and exp(−y / scale) where the shape is 0. */
export interface GeneralizedPareto {
  /** ξ: above 0 a heavy tail, below 0 one that ends. */
  readonly shape: number;
  /** σ > 0. */
  readonly scale: number;
}

/** Fits excesses, which are above 0 and not all equal. */
export function fitGeneralizedPareto(excesses: ArrayLike<number>): GeneralizedPareto {
  const y = Float64Array.from(excesses).sort();
  const n = y.length;
  const candidates = 20 + Math.floor(Math.sqrt(n));
  const quartile = y[Math.max(0, Math.floor(n / 4 + 0.5) - 1)]!;
  // θ = −shape / scale; given it, the likeliest shape is the mean of log(1 − θ y).
  const theta = Float64Array.from(
    { length: candidates },
    (_, j) => 1 / y[n - 1]! + (1 - Math.sqrt(candidates / (j + 0.5))) / (3 * quartile),
  );
  const logLikelihood = theta.map(t => {
    const shape = profileShape(y, t);
    return n * (Math.log(-t / shape) - shape - 1);
  });
  let [weighted, total] = [0, 0];
  const most = logLikelihood.reduce((a, b) => Math.max(a, b));
  logLikelihood.forEach((value, j) => {
    const weight = Math.exp(value - most);
    weighted += weight * theta[j]!;
    total += weight;
  });
  const found = weighted / total;
  const shape = profileShape(y, found);
  return Math.abs(shape) < 1e-9 ? { shape: 0, scale: meanOf(y) } : { shape, scale: -shape / found };
}

function profileShape(y: Float64Array, theta: number): number {
  let sum = 0;
  for (const value of y) sum += Math.log1p(-theta * value);
  return sum / y.length;
}

function meanOf(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** The upper tail of scores. */
export interface Tail extends GeneralizedPareto {
  /** Where it begins: a score of the calibration rows. */
  readonly start: number;
  /** The share of the calibration rows that lie beyond. */
  readonly share: number;
}

/** Fewer rows have no tail to speak of. */
const leastRows = 50;

/**
 * Fits the tail of calibration scores, ascending. How many of them it is made of follows Vehtari et al. (2024, "Pareto
 * Smoothed Importance Sampling"): a fifth, and no more than 3 √n.
 * @throws LatentkitError `data` where they are too few, or all the same at the top.
 */
export function fitTail(calibration: Float64Array): Tail {
  const rows = calibration.length;
  const most = Math.floor(Math.min(rows / 5, 3 * Math.sqrt(rows)));
  const start = calibration[rows - 1 - most]!;
  const beyond = calibration.subarray(rows - most).filter(score => score > start);
  const varies = beyond.length >= 5 && beyond[0]! < beyond.at(-1)! && Number.isFinite(beyond.at(-1));
  if (rows < leastRows || !varies) {
    throw new LatentkitError(
      'data',
      `peaks over threshold: expected at least ${leastRows} held-out rows whose highest scores differ, got ${rows} rows with ` +
        `${beyond.length} scores above ${start}. Set more rows aside for validation, or choose the method "conformal".`,
    );
  }
  return { ...fitGeneralizedPareto(beyond.map(score => score - start)), start, share: beyond.length / rows };
}

/** The score that a normal row exceeds at this rate (Siffer et al., equation 1); the rate is below the tail's share. */
export function tailQuantile({ shape, scale, start, share }: Tail, rate: number): number {
  const ratio = share / rate;
  return start + scale * (shape === 0 ? Math.log(ratio) : (ratio ** shape - 1) / shape);
}

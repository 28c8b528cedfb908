// The cases of the conformance suite: specs of every type with their formulas written out in float64, sharing no code
// with the graphs.

import { lbeta, lgamma } from '../../distributions/testing.ts';
import type { InputSpec } from '../spec.ts';
import type { Likelihood } from './index.ts';

/** Where a number may lie: anywhere, in [0, 1], or at values. */
type Support = 'line' | 'interval' | readonly number[];

/** A likelihood, and what it must give. */
export interface Case<S extends Likelihood = Likelihood> {
  readonly spec: S;
  readonly input: InputSpec;
  /** Values for its own parameters, each a vector of one. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** Decoder outputs for one number. */
  readonly outputs: readonly (readonly number[])[];
  /** Data on the scale of [0, 1], where nothing has a kink. */
  readonly points: readonly number[];
  readonly support: Support;
  /** log p(x) of one number. */
  logProb(x: number, output: readonly number[]): number;
  mean(output: readonly number[]): number;
  /** How far the mean may be from the expectation. */
  meanTolerance?(output: readonly number[]): number;
  /** How far the variance may be from the expected squared distance. */
  varianceTolerance?(expected: number): number;
  /** The step of plain gradient descent on a summed loss; 1e-3 unless told. */
  readonly rate?: number;
}

const unit: InputSpec = { shape: [1], dtype: 'float32', range: [0, 1] };
const bytes: InputSpec = { shape: [1], dtype: 'uint8', range: [0, 255] };
const countsUpTo = (low: number, high: number): InputSpec => ({ shape: [1], dtype: 'float32', range: [low, high] });

const sigmoid = (y: number): number => 1 / (1 + Math.exp(-y));
const softplus = (y: number): number => Math.max(y, 0) + Math.log1p(Math.exp(-Math.abs(y)));
/** What `softClip` makes of a number. */
export const held = (v: number, low: number, high: number): number => {
  const below = high - Math.log1p(Math.exp(high - v));
  return low + Math.log1p(Math.exp(below - low));
};

const normal = (x: number, mean: number, logVar: number): number =>
  -0.5 * ((x - mean) ** 2 / Math.exp(logVar) + logVar + Math.log(2 * Math.PI));
const laplace = (x: number, mean: number, scale: number): number => -Math.abs(x - mean) / scale - Math.log(2 * scale);
const hyperbolicSecant = (x: number, mean: number, scale: number): number =>
  -Math.log(Math.PI * scale * Math.cosh((x - mean) / scale));
const studentT = (x: number, mean: number, scale: number, v: number): number =>
  lgamma((v + 1) / 2) -
  lgamma(v / 2) -
  0.5 * Math.log(v * Math.PI) -
  Math.log(scale) -
  ((v + 1) / 2) * Math.log(1 + ((x - mean) / scale) ** 2 / v);

/** λ and the normaliser's artanh of Loaiza-Ganem & Cunningham. */
const lambdaOf = (y: number): [number, number] => [sigmoid(y), 2 * Math.atanh(1 - 2 * sigmoid(y))];

/** σ(b) − σ(a), the side taken where neither is near 1. */
const logisticMass = (a: number, b: number): number =>
  a + b > 0 ? sigmoid(-a) - sigmoid(-b) : sigmoid(b) - sigmoid(a);

const discretized = (x: number, location: number, logScale: number, levels: number): number => {
  const scale = Math.exp(held(logScale, -7, 3));
  const level = Math.round(x * (levels - 1));
  const center = (2 * level) / (levels - 1) - 1;
  const lower = level === 0 ? -1e9 : (center - 1 / (levels - 1) - location) / scale;
  const upper = level === levels - 1 ? 1e9 : (center + 1 / (levels - 1) - location) / scale;
  return logisticMass(lower, upper);
};
const clippedMean = (location: number, logScale: number): number => {
  const scale = Math.exp(held(logScale, -7, 3));
  return (scale / 2) * (softplus((location + 1) / scale) - softplus((location - 1) / scale));
};
/** Half a level where a scale is below a bin's width; else the error bound of the midpoint rule. */
const discretizedTolerance =
  (levels: number) =>
  (output: readonly number[]): number => {
    const width = 2 / (levels - 1);
    const count = output.length / (output.length === 2 ? 2 : 3);
    const scale = Math.exp(Math.min(...output.slice(count, 2 * count)));
    return scale < width ? width / 4 : width ** 2 / (192 * scale);
  };

/** A few hundredths, and half a level squared for what is rounded to levels. */
const quantileTolerance =
  (levels: number) =>
  (expected: number): number =>
    0.05 * expected + 0.25 / (levels - 1) ** 2;

const betaBinomial = (x: number, logit: number, logConcentration: number, levels: number): number => {
  const n = levels - 1;
  const k = Math.round(x * n);
  const p = sigmoid(held(logit, -8, 8));
  const concentration = Math.exp(held(logConcentration, -4, 8));
  const [a, b] = [concentration * p, concentration * (1 - p)];
  const choose = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
  return choose + lbeta(k + a, n - k + b) - lbeta(a, b);
};

const poisson = (k: number, logRate: number): number => k * logRate - Math.exp(logRate) - lgamma(k + 1);
const negativeBinomial = (k: number, mean: number, r: number): number =>
  lgamma(k + r) - lgamma(r) - lgamma(k + 1) + r * Math.log(r / (r + mean)) + k * Math.log(mean / (r + mean));
const inflated = (k: number, logProb: number, gate: number): number =>
  k === 0 ? Math.log(sigmoid(gate) + sigmoid(-gate) * Math.exp(logProb)) : Math.log(sigmoid(-gate)) + logProb;

const levelsFrom0 = (levels: number): number[] => Array.from({ length: levels }, (_, k) => k / (levels - 1));
/** Counts 0, 1, ... as the model sees them. */
const countsAs = ({ range: [low, high] }: InputSpec, last: number): number[] =>
  Array.from({ length: last + 1 }, (_, k) => (k - low) / (high - low));
const countOf = (x: number, { range: [low, high] }: InputSpec): number => Math.round(x * (high - low) + low);
const scaled = (mean: number, { range: [low, high] }: InputSpec): number => (mean - low) / (high - low);

const shifted = countsUpTo(1, 21);
const upTo20 = countsUpTo(0, 20);
const upTo50 = countsUpTo(0, 50);
const logMean20 = (v: number): number => held(v, -12, Math.log(20) + 2);
const logMean21 = (v: number): number => held(v, -12, Math.log(21) + 2);
const logMean50 = (v: number): number => held(v, -12, Math.log(50) + 2);
const dispersion = (v: number): number => Math.exp(held(v, -6, 6));

const places = [0, 0.21, 0.5, 0.83, 1];
const located = { input: unit, points: [-0.4, ...places], support: 'line' } as const;

/** All cases by type; a type that is missing here does not compile. Whole images and tables have cases of their own. */
export const cases: {
  readonly [T in Exclude<Likelihood['type'], 'msSsim' | 'mixed'>]: readonly Case<
    Extract<Likelihood, { readonly type: T }>
  >[];
} = {
  bernoulli: [
    {
      spec: { type: 'bernoulli' },
      input: bytes,
      outputs: [[0.4], [-3], [6]],
      points: places,
      support: [0, 1],
      logProb: (x, [y]) => x * Math.log(sigmoid(y!)) + (1 - x) * Math.log(1 - sigmoid(y!)),
      mean: ([y]) => sigmoid(y!),
    },
  ],
  continuousBernoulli: [
    {
      spec: { type: 'continuousBernoulli' },
      input: bytes,
      outputs: [[0.4], [-3], [0], [1e-3], [-0.999], [1.001], [12]],
      points: places,
      support: 'interval',
      logProb(x, [y]) {
        const [lambda, artanh] = lambdaOf(y!);
        const log = x * Math.log(lambda) + (1 - x) * Math.log(1 - lambda);
        return log + Math.log(y === 0 ? 2 : artanh / (1 - 2 * lambda));
      },
      mean([y]) {
        const [lambda, artanh] = lambdaOf(y!);
        return y === 0 ? 0.5 : lambda / (2 * lambda - 1) + 1 / artanh;
      },
    },
  ],
  normal: [
    {
      ...located,
      spec: { type: 'normal', variance: 'fixed', deviation: 0.3 },
      outputs: [[0.4], [-1]],
      logProb: (x, [y]) => normal(x, y!, 2 * Math.log(0.3)),
      mean: ([y]) => y!,
    },
    {
      ...located,
      spec: { type: 'normal', variance: 'shared' },
      parameters: { logVar: -1.5 },
      outputs: [[0.4], [-1]],
      logProb: (x, [y]) => normal(x, y!, held(-1.5, -12, 6)),
      mean: ([y]) => y!,
    },
    {
      ...located,
      spec: { type: 'normal', variance: 'perDimension' },
      outputs: [
        [0.4, -2],
        [-1, 0.5],
        [0.9, -5],
      ],
      logProb: (x, [y, logVar]) => normal(x, y!, held(logVar!, -12, 6)),
      mean: ([y]) => y!,
    },
    {
      ...located,
      spec: { type: 'normal', variance: 'optimal' },
      parameters: { logVarTenth: -0.1 },
      outputs: [[0.4], [-1]],
      logProb: (x, [y]) => normal(x, y!, held(-1, -12, 6)),
      mean: ([y]) => y!,
    },
  ],
  laplace: [
    {
      ...located,
      spec: { type: 'laplace', scale: 0.2 },
      outputs: [[0.4], [-1]],
      logProb: (x, [y]) => laplace(x, y!, 0.2),
      mean: ([y]) => y!,
    },
    {
      ...located,
      spec: { type: 'laplace', scale: 'shared' },
      parameters: { logScale: -0.7 },
      outputs: [[0.4], [-1]],
      logProb: (x, [y]) => laplace(x, y!, Math.exp(held(-0.7, -6, 3))),
      mean: ([y]) => y!,
    },
    {
      ...located,
      spec: { type: 'laplace', scale: 'perDimension' },
      outputs: [
        [0.4, -2],
        [-1, 0.5],
      ],
      logProb: (x, [y, logScale]) => laplace(x, y!, Math.exp(held(logScale!, -6, 3))),
      mean: ([y]) => y!,
    },
  ],
  logCosh: [
    {
      ...located,
      spec: { type: 'logCosh', scale: 0.2 },
      outputs: [[0.4], [-1]],
      logProb: (x, [y]) => hyperbolicSecant(x, y!, 0.2),
      mean: ([y]) => y!,
    },
    {
      ...located,
      spec: { type: 'logCosh', scale: 'shared' },
      parameters: { logScale: -0.7 },
      outputs: [[0.4], [-1]],
      logProb: (x, [y]) => hyperbolicSecant(x, y!, Math.exp(held(-0.7, -6, 3))),
      mean: ([y]) => y!,
    },
    {
      ...located,
      spec: { type: 'logCosh', scale: 'perDimension' },
      outputs: [
        [0.4, -2],
        [-1, 0.5],
      ],
      logProb: (x, [y, logScale]) => hyperbolicSecant(x, y!, Math.exp(held(logScale!, -6, 3))),
      mean: ([y]) => y!,
    },
  ],
  studentT: [
    {
      ...located,
      spec: { type: 'studentT', scale: 0.2, degrees: 5 },
      outputs: [[0.4], [-1]],
      logProb: (x, [y]) => studentT(x, y!, 0.2, 5),
      mean: ([y]) => y!,
    },
    {
      ...located,
      spec: { type: 'studentT', scale: 'shared', degrees: 'learned' },
      parameters: { logDegrees: 0.6, logScale: -1.2 },
      outputs: [[0.4], [-1]],
      logProb: (x, [y]) => studentT(x, y!, Math.exp(held(-1.2, -6, 3)), 2 + Math.exp(held(0.6, -4, 5))),
      mean: ([y]) => y!,
    },
    {
      ...located,
      spec: { type: 'studentT', scale: 'perDimension', degrees: 30 },
      outputs: [
        [0.4, -2],
        [-1, 0.5],
      ],
      logProb: (x, [y, logScale]) => studentT(x, y!, Math.exp(held(logScale!, -6, 3)), 30),
      mean: ([y]) => y!,
    },
  ],
  categorical: [5, 256].map(levels => ({
    spec: { type: 'categorical', levels },
    input: bytes,
    outputs: [2, 5].map(stride => Array.from({ length: levels }, (_, k) => 3 * Math.sin(stride * (k + 1)))),
    points: [0, 0.26, 0.49, 0.75, 0.903, 1],
    support: levelsFrom0(levels),
    logProb: (x: number, logits: readonly number[]) =>
      logits[Math.round(x * (levels - 1))]! - Math.log(logits.reduce((sum, v) => sum + Math.exp(v), 0)),
    mean(logits: readonly number[]) {
      const total = logits.reduce((sum, v) => sum + Math.exp(v), 0);
      return logits.reduce((sum, v, k) => sum + (Math.exp(v) / total) * (k / (levels - 1)), 0);
    },
  })),
  discretizedLogistic: [
    ...[256, 8].map(levels => ({
      spec: { type: 'discretizedLogistic' as const, levels, mixtures: 1 },
      input: bytes,
      varianceTolerance: quantileTolerance(levels),
      outputs: [
        [0.2, -2],
        [-0.9, -5],
        [1.3, 0.5],
        [0.1, -6],
      ],
      points: [0, 1 / 255, 0.26, 0.55, 200 / 255, 254 / 255, 1],
      support: levelsFrom0(levels),
      logProb: (x: number, [location, logScale]: readonly number[]) =>
        Math.log(discretized(x, location!, logScale!, levels)),
      mean: ([location, logScale]: readonly number[]) => clippedMean(location!, logScale!),
      meanTolerance: discretizedTolerance(levels),
    })),
    {
      spec: { type: 'discretizedLogistic', levels: 256, mixtures: 2 },
      input: bytes,
      varianceTolerance: quantileTolerance(256),
      outputs: [
        [0.2, -0.5, -2, -3, 0.5, -1],
        [1.2, -1.5, 0.3, -4, -1, 2],
      ],
      points: [0, 1 / 255, 0.26, 0.55, 200 / 255, 254 / 255, 1],
      support: levelsFrom0(256),
      logProb(x, [l1, l2, s1, s2, w1, w2]) {
        const p = sigmoid(w1! - w2!);
        return Math.log(p * discretized(x, l1!, s1!, 256) + (1 - p) * discretized(x, l2!, s2!, 256));
      },
      mean([l1, l2, s1, s2, w1, w2]) {
        const p = sigmoid(w1! - w2!);
        return p * clippedMean(l1!, s1!) + (1 - p) * clippedMean(l2!, s2!);
      },
      meanTolerance: discretizedTolerance(256),
    },
  ],
  betaBinomial: [256, 8].map(levels => ({
    spec: { type: 'betaBinomial' as const, levels },
    input: bytes,
    outputs: [
      [0.3, 1],
      [-2, 3],
      [5, -1],
      [0.1, 6],
    ],
    points: [0, 1 / 255, 0.26, 0.55, 200 / 255, 1],
    support: levelsFrom0(levels),
    logProb: (x: number, [logit, concentration]: readonly number[]) => betaBinomial(x, logit!, concentration!, levels),
    mean: ([logit]: readonly number[]) => sigmoid(held(logit!, -8, 8)),
  })),
  poisson: [
    {
      spec: { type: 'poisson' },
      input: shifted,
      outputs: [[0.7], [-2], [3]],
      points: [0, 1, 2, 7, 20].map(k => scaled(k, shifted)),
      support: countsAs(shifted, 300),
      logProb: (x, [y]) => poisson(countOf(x, shifted), logMean21(y!)),
      mean: ([y]) => scaled(Math.exp(logMean21(y!)), shifted),
    },
    {
      spec: { type: 'poisson', zeroInflated: true },
      input: upTo20,
      outputs: [
        [0.7, -1],
        [-2, 2],
        [3, 0.5],
      ],
      points: [0, 1, 2, 7, 20].map(k => k / 20),
      support: countsAs(upTo20, 300),
      logProb: (x, [y, gate]) => inflated(countOf(x, upTo20), poisson(countOf(x, upTo20), logMean20(y!)), gate!),
      mean: ([y, gate]) => (Math.exp(logMean20(y!)) * sigmoid(-gate!)) / 20,
    },
  ],
  negativeBinomial: [
    {
      spec: { type: 'negativeBinomial', dispersion: 'shared' },
      input: upTo50,
      parameters: { logDispersion: 0.5 },
      outputs: [[0.7], [-2], [3]],
      points: [0, 1, 2, 7, 50].map(k => k / 50),
      support: countsAs(upTo50, 900),
      logProb: (x, [y]) => negativeBinomial(countOf(x, upTo50), Math.exp(logMean50(y!)), dispersion(0.5)),
      mean: ([y]) => Math.exp(logMean50(y!)) / 50,
    },
    {
      spec: { type: 'negativeBinomial', dispersion: 'perDimension' },
      input: upTo50,
      outputs: [
        [0.7, 0.3],
        [-2, 2],
        [2, 7],
      ],
      points: [0, 1, 2, 7, 50].map(k => k / 50),
      support: countsAs(upTo50, 900),
      logProb: (x, [y, r]) => negativeBinomial(countOf(x, upTo50), Math.exp(logMean50(y!)), dispersion(r!)),
      mean: ([y]) => Math.exp(logMean50(y!)) / 50,
    },
    {
      spec: { type: 'negativeBinomial', dispersion: 'shared', zeroInflated: true },
      input: upTo50,
      parameters: { logDispersion: 0.5 },
      outputs: [
        [0.7, -1],
        [3, 2],
      ],
      points: [0, 1, 2, 7, 50].map(k => k / 50),
      support: countsAs(upTo50, 900),
      logProb(x, [y, gate]) {
        const k = countOf(x, upTo50);
        return inflated(k, negativeBinomial(k, Math.exp(logMean50(y!)), dispersion(0.5)), gate!);
      },
      mean: ([y, gate]) => (Math.exp(logMean50(y!)) * sigmoid(-gate!)) / 50,
    },
    {
      spec: { type: 'negativeBinomial', dispersion: 'perDimension', zeroInflated: true },
      input: upTo50,
      outputs: [
        [0.7, 0.3, -1],
        [-2, 2, 1],
      ],
      points: [0, 1, 2, 7, 50].map(k => k / 50),
      support: countsAs(upTo50, 900),
      logProb(x, [y, r, gate]) {
        const k = countOf(x, upTo50);
        return inflated(k, negativeBinomial(k, Math.exp(logMean50(y!)), dispersion(r!)), gate!);
      },
      mean: ([y, , gate]) => (Math.exp(logMean50(y!)) * sigmoid(-gate!)) / 50,
    },
  ],
};

type LogProbs = (points: readonly number[]) => ArrayLike<number>;

/** ∑ or ∫ exp(log p). */
export function totalOf(support: Support, center: number, logProbs: LogProbs): number {
  return weigh(support, center, logProbs, () => 1);
}

/** ∑ or ∫ x · exp(log p). */
export function expectationOf(support: Support, center: number, logProbs: LogProbs): number {
  return weigh(support, center, logProbs, x => x);
}

/** The expected squared distance from a number. */
export function spreadOf(support: Support, center: number, logProbs: LogProbs, about: number): number {
  return weigh(support, center, logProbs, x => (x - about) ** 2);
}

/** By Simpson's rule; on the line at x = center + sinh t, which reaches far and is dense at the center. */
function weigh(support: Support, center: number, logProbs: LogProbs, f: (x: number) => number): number {
  const { points, weights } = typeof support === 'string' ? simpson(support, center) : discrete(support);
  const logs = logProbs(points);
  return points.reduce((total, x, i) => total + weights[i]! * f(x) * Math.exp(logs[i]!), 0);
}

const discrete = (points: readonly number[]) => ({ points, weights: points.map(() => 1) });

function simpson(support: 'line' | 'interval', center: number): { points: number[]; weights: number[] } {
  const [low, high] = support === 'line' ? [-14, 14] : [0, 1];
  const count = 4000;
  const step = (high - low) / count;
  const t = Array.from({ length: count + 1 }, (_, i) => low + i * step);
  const weights = t.map((_, i) => (step / 3) * (i === 0 || i === count ? 1 : i % 2 === 0 ? 2 : 4));
  if (support === 'interval') return { points: t, weights };
  return { points: t.map(v => center + Math.sinh(v)), weights: weights.map((w, i) => w * Math.cosh(t[i]!)) };
}

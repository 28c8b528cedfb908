import { describe, expect, it } from 'vitest';
import { checkGradients, grad } from '../autodiff/index.ts';
import { constant, type Graph, graph, input, type Tensor } from '../graph/index.ts';
import { alignedBytes, createKernels } from '../kernels/index.ts';
import { mul, square, sum } from '../ops/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluateReference, type ReferenceFeed } from '../runtime/reference.ts';
import { lgamma } from './testing.ts';
import { direction, logSphereArea, vonMisesFisher } from './von-mises-fisher.ts';

const dimensions = [2, 3, 4, 5, 8, 17, 64, 128, 700];
const concentrations = [0.1, 1, 1.3, 2, 5, 7, 10, 30, 100, 1000, 1e4, 1e6];
/** The concentrations at which power series are summed in float64 without losing digits. */
const summable = concentrations.filter(kappa => kappa <= 1e4);

const kappa = input('kappa', ['N', 1]);
const u = input('u', ['N', 1]);

/** Distributions whose means are the directions of x, a code of theirs, and a draw. */
function built(d: number) {
  const [x, z, n] = ['x', 'z', 'n'].map(name => input(name, ['N', d])) as [Tensor, Tensor, Tensor];
  const q = vonMisesFisher(direction(x), kappa);
  return { q, x, z, drawn: q.sample(u, n) };
}

/** log ₀F₁(; ½d; ¼κ²) = log E[exp(κ w)] for w a coordinate of a uniform point on the sphere, by its power series. */
function logMoment(k: number, d: number): number {
  const terms: number[] = [];
  let [term, largest] = [0, 0];
  for (let j = 0; term > largest - 60 || j < k; j++) {
    terms.push(term);
    largest = Math.max(largest, term);
    term += 2 * Math.log(k / 2) - Math.log(j + 1) - Math.log(d / 2 + j);
  }
  return largest + Math.log(terms.reduce((total, t) => total + Math.exp(t - largest), 0));
}

/** E[cos θ] = A_d(κ), the ratio of Bessel functions of orders ½d and ½d − 1. */
const meanCosine = (k: number, d: number): number => (k / d) * Math.exp(logMoment(k, d + 2) - logMoment(k, d));

const klOf = (k: number, d: number): number => k * meanCosine(k, d) - logMoment(k, d);

const column = (values: readonly number[]): ReferenceFeed => ({ shape: [values.length, 1], data: values });

/** A graph's outputs in float32 on ONNX Runtime. */
async function single(whole: Graph, feeds: Readonly<Record<string, ReferenceFeed>>) {
  const program = await (await nodeRuntime({ threads: 1 })).compile(whole);
  const host = Object.entries(feeds).map(
    ([name, { shape, data }]) => [name, { dtype: 'float32' as const, shape, data: Float32Array.from(data) }] as const,
  );
  const out = await program.run(Object.fromEntries(host));
  await program.dispose();
  return out;
}

/** A vector of d numbers for each of so many rows. */
function rows(count: number, vector: readonly number[]): ReferenceFeed {
  return { shape: [count, vector.length], data: Array.from({ length: count }, () => vector).flat() };
}
const first = (d: number): number[] => Array.from({ length: d }, (_, i) => (i === 0 ? 1 : 0));
const unit = (v: readonly number[]): number[] => v.map(a => a / Math.hypot(...v));

/** Noise of so many draws. */
function draws(count: number, d: number, seed = 1): Record<'u' | 'n', ReferenceFeed> {
  const kernels = createKernels(alignedBytes(4 * count) + alignedBytes(4 * count * d));
  const [uniform, normal] = [kernels.float32(count), kernels.float32(count * d)];
  kernels.fillUniform(uniform, { seed, stream: 1, step: 0 });
  kernels.fillNormal(normal, { seed, stream: 2, step: 0 });
  return { u: { shape: [count, 1], data: uniform }, n: { shape: [count, d], data: normal } };
}

/** The mean of numbers, and its standard error. */
function meanAndError(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, error: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0)) / values.length };
}

describe('areas of spheres', () => {
  it('are 2 π^(d/2) / Γ(d/2)', () => {
    for (const d of [1, ...dimensions]) {
      expect(logSphereArea(d)).toBeCloseTo(Math.log(2) + (d / 2) * Math.log(Math.PI) - lgamma(d / 2), 9);
    }
  });
});

describe('the density', () => {
  it.each(dimensions)('has the normaliser that a power series gives, in float32 too, at %i dimensions', async d => {
    // At the mean, and at right angles to it.
    for (const code of [first(d), first(d).reverse()]) {
      const { q, z } = built(d);
      const whole = graph({ logProb: q.logProb(z) });
      const feeds = { kappa: column(summable), x: rows(summable.length, first(d)), z: rows(summable.length, code) };
      const double = evaluateReference(whole, feeds).logProb!.data;
      const float = (await single(whole, feeds)).logProb!.data;
      summable.forEach((k, i) => {
        const expected = k * code[0]! - logMoment(k, d) - logSphereArea(d);
        expect(Math.abs(double[i]! - expected)).toBeLessThan(1e-7 * Math.max(1, Math.abs(expected)));
        expect(Math.abs(float[i]! - expected)).toBeLessThan(2e-6 * Math.max(1, d, Math.abs(expected)));
      });
    }
  });

  it('is κ / (4π sinh κ) · exp(κ μᵀz) on the sphere of three dimensions, at any κ', () => {
    const code = unit([1, 1e-3, -2e-3]);
    const feeds = { kappa: column(concentrations), x: rows(12, [3, 0, 0]), z: rows(12, code) };
    const { q, z } = built(3);
    const { logProb } = evaluateReference(graph({ logProb: q.logProb(z) }), feeds);
    concentrations.forEach((k, i) => {
      // 1 − cos θ = sin² θ / (1 + cos θ), of a code that lies √5e-6 from the mean's line.
      const rise = 5e-6 / (1 + 5e-6) / (1 + code[0]!);
      const expected = Math.log(k / (2 * Math.PI * -Math.expm1(-2 * k))) - k * rise;
      expect(Math.abs(logProb!.data[i]! - expected)).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected)));
    });
  });

  it('in float32 keeps the digits that κ (μᵀz − 1) loses', async () => {
    const d = 16;
    const { q, z } = built(d);
    const whole = graph({ logProb: q.logProb(z) });
    const code = Array.from(Float32Array.from(unit(first(d).map((v, i) => v + 0.002 * Math.sin(i + 1)))));
    const mean = Array.from(Float32Array.from(first(d)));
    const feeds = { kappa: column([1e4]), x: rows(1, mean), z: rows(1, code) };
    const [double, float] = [evaluateReference(whole, feeds).logProb!.data[0]!, (await single(whole, feeds)).logProb!];
    expect(Math.abs(float.data[0]! - double)).toBeLessThan(2e-5);
  });
});

describe('the KL to the uniform distribution', () => {
  it.each(dimensions)('and its slope are those of Bessel functions, in float32 too, at %i dimensions', async d => {
    const kl = built(d).q.klToUniform();
    const whole = graph({ kl, slope: grad(sum(kl), [kappa])[0]! });
    const feeds = { kappa: column(summable), x: rows(summable.length, first(d)) };
    const double = evaluateReference(whole, feeds);
    const float = await single(whole, feeds);
    summable.forEach((k, i) => {
      const [expected, a] = [klOf(k, d), meanCosine(k, d)];
      expect(Math.abs(double.kl!.data[i]! - expected)).toBeLessThan(1e-7 * Math.max(1, k / 10));
      expect(Math.abs(float.kl!.data[i]! - expected)).toBeLessThan(1e-5 + 4e-7 * d);
      // κ A'(κ) = κ (1 − A² − (d − 1) A / κ), whose own terms cancel where κ is large.
      const slope = k * (1 - a * a) - (d - 1) * a;
      if (k <= 100) expect(Math.abs(double.slope!.data[i]! - slope)).toBeLessThan(1e-7 * d);
      const relative = Math.abs(float.slope!.data[i]! / double.slope!.data[i]! - 1);
      expect(relative, `slope at ${k}`).toBeLessThan(1e-3);
    });
  });

  it('is what its draws say, within their standard error, and their length is 1', async () => {
    for (const [d, k] of [
      [2, 1],
      [2, 40],
      [3, 4],
      [10, 20],
      [64, 300],
    ] as const) {
      const count = 3000;
      const { q, drawn } = built(d);
      const mean = Array.from({ length: d }, (_, i) => Math.cos(i + 1));
      const whole = graph({ drawn, logProb: q.logProb(drawn), kl: q.klToUniform() });
      const out = await single(whole, {
        ...draws(count, d),
        kappa: column(Array(count).fill(k)),
        x: rows(count, mean),
      });
      const ratios = meanAndError(Array.from(out.logProb!.data, v => v + logSphereArea(d)));
      expect(Math.abs(ratios.mean - out.kl!.data[0]!)).toBeLessThan(4 * ratios.error);
      for (let i = 0; i < count; i++) {
        expect(Math.hypot(...out.drawn!.data.slice(d * i, d * i + d))).toBeCloseTo(1, 5);
      }
    }
  });
});

describe('draws', () => {
  /** cos θ of draws at given shares u. */
  const cosines = (d: number, k: number, shares: readonly number[]) => {
    const whole = graph({ drawn: built(d).drawn });
    const feeds = { kappa: column(shares.map(() => k)), u: column(shares) };
    const { drawn } = evaluateReference(whole, {
      ...feeds,
      x: rows(shares.length, first(d)),
      n: rows(shares.length, first(d).reverse()),
    });
    return shares.map((_, i) => drawn!.data[d * i]!);
  };
  const shares = [0, 1e-7, 1e-4, 0.01, 0.1, 0.25, 0.4, 0.5, 0.6, 0.8, 0.95, 0.999, 1 - 1e-5, 1 - 2 ** -24];

  it('solve F(θ) = u, which three dimensions have in closed form', () => {
    for (const k of concentrations) {
      cosines(3, k, shares).forEach((w, i) => {
        // The share of codes beyond cos θ = w.
        const got = -Math.expm1(k * (w - 1)) / -Math.expm1(-2 * k);
        expect(Math.abs(got - shares[i]!), `κ ${k}, u ${shares[i]}`).toBeLessThan(5e-6);
      });
    }
  });

  it.each([2, 4, 5, 16, 64, 128])('solve F(θ) = u by quadrature, at %i dimensions', d => {
    const log = (k: number, theta: number): number =>
      k * (Math.cos(theta) - 1) + (d === 2 ? 0 : (d - 2) * Math.log(Math.sin(theta)));
    const integral = (k: number, from: number, to: number): number => {
      const steps = 4000;
      const values = Array.from({ length: steps }, (_, i) => log(k, from + ((i + 0.5) * (to - from)) / steps));
      return (values.reduce((total, v) => total + Math.exp(v - logTop(k)), 0) * (to - from)) / steps;
    };
    const logTop = (k: number): number => {
      const c = (2 * k) / (d - 2 + Math.hypot(d - 2, 2 * k));
      return log(k, Math.acos(Math.min(1, c)));
    };
    for (const k of [1, 5, 30, 1000]) {
      const some = [1e-4, 0.03, 0.3, 0.5, 0.9, 0.999];
      const whole = integral(k, 0, Math.PI);
      cosines(d, k, some).forEach((w, i) => {
        expect(Math.abs(integral(k, 0, Math.acos(w)) / whole - some[i]!)).toBeLessThan(3e-6);
      });
    }
  });

  it('have the mean A μ, and about it the second moments of the distribution', async () => {
    for (const [d, k] of [
      [2, 1],
      [3, 8],
      [6, 3],
      [20, 100],
    ] as const) {
      const count = 20_000;
      const mean = unit(Array.from({ length: d }, (_, i) => Math.cos(i + 1)));
      const { drawn } = await single(graph({ drawn: built(d).drawn }), {
        ...draws(count, d),
        kappa: column(Array(count).fill(k)),
        x: rows(count, mean),
      });
      const along = (v: readonly number[]): number[] =>
        Array.from({ length: count }, (_, i) => v.reduce((total, a, j) => total + a * drawn!.data[d * i + j]!, 0));
      const a = meanCosine(k, d);
      for (const probe of [mean, first(d), first(d).reverse()]) {
        const values = along(probe);
        const dot = probe.reduce((total, v, i) => total + v * mean[i]!, 0);
        const [one, two] = [meanAndError(values), meanAndError(values.map(v => v * v))];
        expect(Math.abs(one.mean - a * dot)).toBeLessThan(4 * one.error);
        expect(Math.abs(two.mean - secondMoment(k, d, dot))).toBeLessThan(4 * two.error);
      }
    }
  });

  it('are finite in float32 whatever the noise and κ, of length 1, and where float64 puts them', async () => {
    for (const d of [2, 3, 16, 128]) {
      const whole = graph({ drawn: built(d).drawn });
      const cases = concentrations.flatMap(k => shares.map(share => [k, share] as const));
      const n = draws(cases.length, d).n;
      const feeds = { kappa: column(cases.map(([k]) => k)), u: column(cases.map(([, share]) => share)), n };
      const all = { ...feeds, x: rows(cases.length, first(d).reverse()) };
      const float = (await single(whole, all)).drawn!.data;
      const double = evaluateReference(whole, all).drawn!.data;
      cases.forEach(([k, share], i) => {
        const code = Array.from(float.slice(d * i, d * i + d));
        expect(Math.hypot(...code)).toBeCloseTo(1, 5);
        if (share < 1e-3 || share > 0.9991) return;
        const off = Math.hypot(...code.map((v, j) => v - double[d * i + j]!));
        expect(off * Math.sqrt(k), `d ${d}, κ ${k}, u ${share}`).toBeLessThan(2e-3);
      });
    }
  });
});

/** E[(aᵀz)²] for a unit vector a with aᵀμ = dot: A/κ + (1 − d A/κ) dot². */
function secondMoment(k: number, d: number, dot: number): number {
  const share = meanCosine(k, d) / k;
  return share + (1 - d * share) * dot * dot;
}

describe('gradients', () => {
  it.each([2, 3, 7])('by κ are those of the draw at its noise, at %i dimensions', d => {
    const count = 6;
    const random = draws(count, d, 5);
    const { q, x, z, drawn } = built(d);
    const weights = constant(
      Array.from({ length: d }, (_, i) => Math.sin(i + 1)),
      [1, d],
    );
    checkGradients(sum(mul(drawn, weights)), [kappa], {
      ...random,
      u: column([0.02, 0.2, 0.5, 0.7, 0.9, 0.99]),
      kappa: column([1, 2, 5, 10, 50, 300]),
      x: rows(
        count,
        Array.from({ length: d }, (_, i) => Math.cos(i + 1)),
      ),
    });
    checkGradients(sum(q.logProb(z)), [kappa, x, z], {
      kappa: column([1, 30]),
      x: rows(
        2,
        Array.from({ length: d }, (_, i) => Math.cos(i + 1)),
      ),
      z: rows(2, first(d)),
    });
    checkGradients(sum(q.klToUniform()), [kappa], { kappa: column([1, 3, 30]), x: rows(3, first(d)) });
  });

  it.each([
    [2, 3],
    [3, 1],
    [3, 20],
    [5, 6],
    [24, 30],
  ])(
    'of an expectation are those of its closed form, within the standard error, at %i dimensions, κ = %i',
    async (d, k) => {
      const count = 20_000;
      const raw = Array.from({ length: d }, (_, i) => Math.cos(i + 1) / Math.sqrt(d));
      const probe = unit(Array.from({ length: d }, (_, i) => (i < 2 ? 1 : 0.2)));
      const { x, drawn } = built(d);
      const value = sum(square(sum(mul(drawn, constant(probe, [1, d])), 1)));
      const [byKappa, byMean] = grad(value, [kappa, x]);
      const out = await single(graph({ byKappa: byKappa!, byMean: byMean! }), {
        ...draws(count, d, 9),
        kappa: column(Array(count).fill(k)),
        x: rows(count, raw),
      });
      const expectation = (kk: number, v: readonly number[]): number =>
        secondMoment(
          kk,
          d,
          unit(v).reduce((total, a, i) => total + a * probe[i]!, 0),
        );
      const h = 1e-4;
      const expected = (expectation(k + h, raw) - expectation(k - h, raw)) / (2 * h);
      const got = meanAndError(Array.from(out.byKappa!.data));
      expect(Math.abs(got.mean - expected)).toBeLessThan(4 * got.error);
      expect(got.error).toBeLessThan(0.1 * Math.abs(expected) + 1e-4);
      for (const j of [0, 1, d - 1]) {
        const moved = (by: number): number[] => raw.map((v, i) => (i === j ? v + by : v));
        const slope = (expectation(k, moved(h)) - expectation(k, moved(-h))) / (2 * h);
        const mean = meanAndError(Array.from({ length: count }, (_, i) => out.byMean!.data[d * i + j]!));
        expect(Math.abs(mean.mean - slope)).toBeLessThan(4 * mean.error);
        expect(mean.error).toBeLessThan(0.02);
      }
    },
  );
});

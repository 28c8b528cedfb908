import { describe, expect, it } from 'vitest';
import { checkGradients } from '../autodiff/check.ts';
import { graph, input, type Tensor } from '../graph/index.ts';
import { sum } from '../ops/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { bernoulli, klToStandardNormal, normal, sumPerExample } from './index.ts';

const vector = (name: string): Tensor => input(name, ['N']);
const feed = (values: readonly number[]) => ({ shape: [values.length], data: Float64Array.from(values) });

/** The outputs in float64, the same from ONNX Runtime within rounding. */
async function evaluate(outputs: Record<string, Tensor>, values: Record<string, readonly number[]>) {
  const whole = graph(outputs);
  const expected = evaluateReference(whole, Object.fromEntries(Object.entries(values).map(([k, v]) => [k, feed(v)])));
  const program = await (await nodeRuntime({ threads: 1 })).compile(whole);
  const got = await program.run(
    Object.fromEntries(
      Object.entries(values).map(([k, v]) => [
        k,
        { dtype: 'float32' as const, shape: [v.length], data: Float32Array.from(v) },
      ]),
    ),
  );
  for (const [name, { data }] of Object.entries(expected)) {
    data.forEach((value, i) => {
      expect(Math.abs(got[name]!.data[i]! - value)).toBeLessThan(2e-6 * Math.max(1, Math.abs(value)));
    });
  }
  await program.dispose();
  return expected;
}

/** Points from `low` to `high` and the step between them. */
function grid(low: number, high: number, count: number): { points: number[]; step: number } {
  const step = (high - low) / (count - 1);
  return { points: Array.from({ length: count }, (_, i) => low + i * step), step };
}

const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

describe('normal', () => {
  it.each([
    [0, 0],
    [1.5, -2],
    [-0.3, 1.2],
  ])('with mean %f and log-variance %f integrates to one', async (mean, logVar) => {
    const { points, step } = grid(-20, 20, 4001);
    const [x, m, v] = [vector('x'), vector('m'), vector('v')];
    const { learned, fixed } = await evaluate(
      {
        learned: normal(m, { logVar: v }).logProb(x),
        fixed: normal(m, { deviation: Math.exp(logVar / 2) }).logProb(x),
      },
      { x: points, m: points.map(() => mean), v: points.map(() => logVar) },
    );
    expect(total(learned!.data.map(Math.exp)) * step).toBeCloseTo(1, 9);
    expect(total(fixed!.data.map(Math.exp)) * step).toBeCloseTo(1, 9);
  });

  it('draws samples with its mean and variance, the noise standard normal', async () => {
    // The normal's own quantiles stand for noise: their moments are exact but for the tails.
    const noise = grid(-6, 6, 1201).points;
    const weights = noise.map(z => Math.exp((-z * z) / 2));
    const [e, m, v] = [vector('e'), vector('m'), vector('v')];
    const { learned, fixed } = await evaluate(
      { learned: normal(m, { logVar: v }).sample(e), fixed: normal(m, { deviation: 0.5 }).sample(e) },
      { e: noise, m: noise.map(() => 2), v: noise.map(() => Math.log(0.25)) },
    );
    for (const { data } of [learned!, fixed!]) {
      const mean = total(data.map((s, i) => s * weights[i]!)) / total(weights);
      const variance = total(data.map((s, i) => (s - mean) ** 2 * weights[i]!)) / total(weights);
      expect(mean).toBeCloseTo(2, 6);
      expect(variance).toBeCloseTo(0.25, 6);
    }
  });

  it('has the KL to the standard normal that quadrature finds', async () => {
    const cases = [
      [0, 0],
      [1, -1],
      [-2, 0.7],
      [0.2, -5],
    ] as const;
    const [m, v] = [vector('m'), vector('v')];
    const { kl } = await evaluate(
      { kl: klToStandardNormal(normal(m, { logVar: v })) },
      { m: cases.map(c => c[0]), v: cases.map(c => c[1]) },
    );
    cases.forEach(([mean, logVar], i) => {
      const deviation = Math.exp(logVar / 2);
      const { points, step } = grid(mean - 12 * deviation, mean + 12 * deviation, 20001);
      const integrand = points.map(z => {
        const logQ = -0.5 * (((z - mean) / deviation) ** 2 + Math.log(2 * Math.PI)) - Math.log(deviation);
        const logP = -0.5 * (z * z + Math.log(2 * Math.PI));
        return Math.exp(logQ) * (logQ - logP);
      });
      expect(kl!.data[i]).toBeCloseTo(total(integrand) * step, 9);
    });
    const fixed = evaluateReference(graph({ kl: klToStandardNormal(normal(m, { deviation: 0.5 })) }), { m: feed([1]) });
    expect(fixed.kl!.data[0]).toBeCloseTo(0.5 * (1 + 0.25 - 1 - Math.log(0.25)), 12);
  });

  it('has gradients that finite differences confirm', () => {
    const [x, m, v, e] = [vector('x'), vector('m'), vector('v'), vector('e')];
    const q = normal(m, { logVar: v });
    const feeds = { x: feed([0.3, -2, 1]), m: feed([1, 0.5, -1]), v: feed([0, -2, 1.5]), e: feed([0.1, -1, 2]) };
    checkGradients(sum(q.logProb(x)), [x, m, v], feeds);
    checkGradients(sum(normal(m, { deviation: 0.7 }).logProb(x)), [x, m], feeds);
    checkGradients(sum(klToStandardNormal(q)), [m, v], feeds);
    checkGradients(sum(q.logProb(q.sample(e))), [m, v], feeds);
  });
});

describe('bernoulli', () => {
  const logits = [-80, -30, -3, -0.5, 0, 0.5, 3, 30, 80];
  const y = vector('y');

  it('gives masses that sum to one, and stays finite at large logits', async () => {
    const [zero, one] = [vector('zero'), vector('one')];
    const { p0, p1 } = await evaluate(
      { p0: bernoulli(y).logProb(zero), p1: bernoulli(y).logProb(one) },
      { y: logits, zero: logits.map(() => 0), one: logits.map(() => 1) },
    );
    logits.forEach((logit, i) => {
      expect(Math.exp(p0!.data[i]!) + Math.exp(p1!.data[i]!)).toBeCloseTo(1, 12);
      expect(p1!.data[i]! - p0!.data[i]!).toBeCloseTo(logit, 9);
    });
  });

  it('gives grey values the cross-entropy', async () => {
    const grey = [0, 0.1, 0.5, 0.73, 1];
    const logit = [0.4, -1, 2, 0.3, -0.2];
    const { logProb, mean } = await evaluate(
      { logProb: bernoulli(y).logProb(vector('x')), mean: bernoulli(y).mean },
      { y: logit, x: grey },
    );
    grey.forEach((x, i) => {
      const p = 1 / (1 + Math.exp(-logit[i]!));
      expect(mean!.data[i]).toBeCloseTo(p, 12);
      expect(logProb!.data[i]).toBeCloseTo(x * Math.log(p) + (1 - x) * Math.log(1 - p), 12);
    });
  });

  it('draws ones as often as its mean says', async () => {
    const uniform = Array.from({ length: 1000 }, (_, i) => i / 1000);
    const { sample } = await evaluate(
      { sample: bernoulli(y).sample(vector('u')) },
      { u: uniform, y: uniform.map(() => Math.log(0.2507 / 0.7493)) },
    );
    expect(total(sample!.data)).toBe(251);
    expect(new Set(sample!.data)).toEqual(new Set([0, 1]));
  });

  it('has gradients that finite differences confirm', () => {
    const x = vector('x');
    checkGradients(sum(bernoulli(y).logProb(x)), [x, y], { y: feed([0.4, -1, 2]), x: feed([0, 0.4, 1]) });
  });
});

it('sums per example over all dimensions but the first', () => {
  const x = input('x', ['N', 2, 3]);
  const { s, same } = evaluateReference(graph({ s: sumPerExample(x), same: sumPerExample(vector('v')) }), {
    x: { shape: [2, 2, 3], data: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] },
    v: feed([3, 4]),
  });
  expect([...s!.data]).toEqual([21, 57]);
  expect([...same!.data]).toEqual([3, 4]);
});

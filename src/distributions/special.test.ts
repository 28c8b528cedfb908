import { describe, expect, it } from 'vitest';
import { checkGradients, grad } from '../autodiff/index.ts';
import { graph, input, type Tensor } from '../graph/index.ts';
import { sum } from '../ops/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { log1mExp, logBeta, logGamma, logSinhc } from './special.ts';
import { lbeta, lgamma } from './testing.ts';

const [x, y] = [input('x', ['N']), input('y', ['N'])];

/** Value and slope by x, in float64 and in ONNX Runtime's float32, of numbers that float32 holds exactly. */
async function evaluate(f: Tensor, feeds: Readonly<Record<string, readonly number[]>>) {
  const all = graph({ f, slope: grad(sum(f), [x])[0]! });
  const exact = Object.entries(feeds).map(([name, v]) => [name, Float32Array.from(v), [v.length]] as const);
  const program = await (await nodeRuntime({ threads: 1 })).compile(all);
  const single = await program.run(
    Object.fromEntries(exact.map(([name, data, shape]) => [name, { dtype: 'float32' as const, shape, data }])),
  );
  await program.dispose();
  const double = evaluateReference(
    all,
    Object.fromEntries(exact.map(([name, data, shape]) => [name, { shape, data }])),
  );
  return { values: exact[0]![1], double, single };
}

/** Differences beyond `tolerance` of max(1, |expected|). */
function expectNear(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  Array.from(expected).forEach((value, i) => {
    expect(Math.abs(got[i]! - value) / Math.max(1, Math.abs(value)), `${i}: ${value}`).toBeLessThan(tolerance);
  });
}

const positive = [1e-6, 1e-3, 0.1, 0.5, 0.999, 1, 1.5, 2, 2.5, 3.9, 4, 4.1, 7, 30, 255, 1e4, 1e6];
const anywhere = [-2000, -40, -3, -1.01, -0.99, -0.5, -0.1, -1e-3, 0, 1e-4, 0.3, 0.49, 0.51, 1, 2, 20, 500];

describe('logGamma', () => {
  it('is Lanczos’s, in float32 too', async () => {
    const { values, double, single } = await evaluate(logGamma(x), { x: positive });
    expectNear(double.f!.data, [...values].map(lgamma), 1e-9);
    expectNear(single.f!.data, double.f!.data, 2e-6);
    expectNear(single.slope!.data, double.slope!.data, 2e-6);
  });

  it('has the digamma function as derivative: at 1 it is −γ, and ψ(x + 1) = ψ(x) + 1 / x', async () => {
    const { double } = await evaluate(logGamma(x), { x: [1, 0.5, 1.5, 3.5, 4.5] });
    const [atOne, atHalf, oneAndHalf, below, above] = double.slope!.data;
    expect(atOne).toBeCloseTo(-0.5772156649015329, 9);
    expect(oneAndHalf! - atHalf!).toBeCloseTo(2, 9);
    expect(above! - below!).toBeCloseTo(1 / 3.5, 8);
    checkGradients(sum(logGamma(x)), [x], { x: { shape: [5], data: [0.3, 1, 2.2, 5, 40] } });
  });
});

describe('logBeta', () => {
  const pairs = positive.flatMap(a => positive.map(b => [a, b] as const));

  it('is what three log Γ give, and in float32 keeps the digits that those lose', async () => {
    const feeds = { x: pairs.map(([a]) => a), y: pairs.map(([, b]) => b) };
    const { double, single } = await evaluate(logBeta(x, y), feeds);
    const [a, b] = [Float32Array.from(feeds.x), Float32Array.from(feeds.y)];
    // Lanczos's own terms cancel at large arguments: 1e6 · log 1e6 · 1e-15.
    expectNear(
      double.f!.data,
      [...a].map((value, i) => lbeta(value, b[i]!)),
      1e-7,
    );
    expectNear(single.f!.data, double.f!.data, 1e-5);
    expectNear(single.slope!.data, double.slope!.data, 1e-5);
  });

  it('has gradients that finite differences confirm', () => {
    checkGradients(sum(logBeta(x, y)), [x, y], {
      x: { shape: [5], data: [0.3, 2, 5, 30, 0.7] },
      y: { shape: [5], data: [0.2, 7, 2.5, 90, 300] },
    });
  });
});

describe('logSinhc and log1mExp', () => {
  it('are even and smooth through zero, in float32 too', async () => {
    const { values, double, single } = await evaluate(logSinhc(x), { x: anywhere });
    const expected = [...values].map(v => {
      const a = Math.abs(v);
      if (a < 1e-2) return (a * a) / 6 - a ** 4 / 180;
      return a > 20 ? a - Math.log(2 * a) : Math.log(Math.sinh(a) / a);
    });
    expectNear(double.f!.data, expected, 1e-10);
    expectNear(single.f!.data, double.f!.data, 1e-6);
    expectNear(single.slope!.data, double.slope!.data, 1e-6);
  });

  it('give log(1 − e⁻ˣ) from x = 1e-8 on', async () => {
    const { values, double, single } = await evaluate(log1mExp(x), { x: [-18, -5, -1, -0.1, 0, 0.1, 1, 3, 5] });
    expectNear(
      double.f!.data,
      [...values].map(v => Math.log(-Math.expm1(-Math.exp(v)))),
      1e-10,
    );
    expectNear(single.f!.data, double.f!.data, 1e-6);
    checkGradients(sum(log1mExp(x)), [x], { x: { shape: [4], data: [-7, -0.5, 0.2, 2] } });
  });
});

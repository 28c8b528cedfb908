import { describe, expect, it } from 'vitest';
import { checkGradients } from '../autodiff/index.ts';
import { constant, graph, input, type Tensor } from '../graph/index.ts';
import { alignedBytes, createKernels } from '../kernels/index.ts';
import { add, argmax, cast, exp, mul, sum } from '../ops/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluateReference, type ReferenceFeed } from '../runtime/reference.ts';
import { categories, gumbelSoftmax } from './categories.ts';

const rowsOf = (rows: readonly (readonly number[])[]): ReferenceFeed => ({
  shape: [rows.length, rows[0]!.length],
  data: rows.flat(),
});
const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const logits = [0.5, -1, 1.2];
const weights = logits.map(Math.exp);
const probabilities = weights.map(w => w / total(weights));

function uniforms(count: number, width: number): ReferenceFeed {
  const kernels = createKernels(alignedBytes(4 * count * width));
  const data = kernels.float32(count * width);
  kernels.fillUniform(data, { seed: 2, stream: 1, step: 0 });
  return { shape: [count, width], data };
}

const l = (k: number): Tensor => input('l', ['N', k]);
const u = (k: number): Tensor => input('u', ['N', k]);
const z = (k: number): Tensor => input('z', ['N', k]);

describe('categories', () => {
  it('are drawn as often as their probabilities say, one-hot, and their relaxation has the same largest', () => {
    const count = 20_000;
    const [hard, soft] = [categories(l(3)), gumbelSoftmax(l(3), 0.5)];
    const [one, many] = [hard.sample(u(3)), soft.sample(u(3))];
    const whole = graph({ one, many, a: cast(argmax(one, 1), 'float32'), b: cast(argmax(many, 1), 'float32') });
    const l1 = { shape: [count, 3], data: Array.from({ length: count }, () => logits).flat() };
    const out = evaluateReference(whole, { l: l1, u: uniforms(count, 3) });
    expect([...out.b!.data]).toEqual([...out.a!.data]);
    expect(new Set(out.one!.data)).toEqual(new Set([0, 1]));
    expect(Math.min(...out.many!.data.slice(0, 900))).toBeGreaterThan(0);
    probabilities.forEach((p, k) => {
      const share = out.a!.data.filter(value => value === k).length / count;
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / count));
      expect(total(out.many!.data.slice(0, 3))).toBeCloseTo(1, 12);
    });
  });

  it('know their probabilities, the likeliest of them, log-masses, and the KL to the uniform distribution', () => {
    const q = categories(l(3));
    const whole = graph({ p: q.probabilities, mode: q.mode, log: q.logProb(z(3)), kl: q.klToUniform() });
    const { p, mode, log, kl } = evaluateReference(whole, { l: rowsOf([logits]), z: rowsOf([[0, 1, 0]]) });
    probabilities.forEach((value, k) => {
      expect(p!.data[k]).toBeCloseTo(value, 12);
    });
    expect([...mode!.data]).toEqual([0, 0, 1]);
    expect(log!.data[0]).toBeCloseTo(Math.log(probabilities[1]!), 12);
    expect(kl!.data[0]).toBeCloseTo(total(probabilities.map(value => value * Math.log(3 * value))), 12);
  });

  it('have gradients that finite differences confirm', () => {
    const feeds = {
      l: rowsOf([logits, [2, 0, -1]]),
      u: rowsOf([
        [0.2, 0.7, 0.4],
        [0.9, 0.1, 0.5],
      ]),
    };
    const q = gumbelSoftmax(l(3), 0.7);
    const leaf = l(3);
    const soft = gumbelSoftmax(leaf, 0.7);
    const drawn = soft.sample(u(3));
    const loss = add(sum(mul(drawn, constant([1, -2, 3]))), add(sum(soft.logProb(drawn)), sum(soft.klToUniform())));
    checkGradients(loss, [leaf], feeds);
    const code = z(3);
    checkGradients(sum(q.logProb(code)), [code], {
      ...feeds,
      z: rowsOf([
        [0.2, 0.5, 0.3],
        [0.01, 0.01, 0.98],
      ]),
    });
  });
});

describe('the density of relaxed categories', () => {
  it.each([0.4, 1, 2])('of two is that of a logistic number, scaled and squashed, at temperature %d', temperature => {
    const shares = [1e-6, 0.01, 0.3, 0.5, 0.8, 0.999];
    const q = gumbelSoftmax(l(2), temperature);
    const { log } = evaluateReference(graph({ log: q.logProb(z(2)) }), {
      l: rowsOf(shares.map(() => [0.3, 1.1])),
      z: rowsOf(shares.map(y => [y, 1 - y])),
    });
    shares.forEach((y, i) => {
      // y = sigmoid((0.3 − 1.1 + logistic) / τ).
      const logistic = temperature * Math.log(y / (1 - y)) + 0.8;
      const density = Math.exp(-logistic) / (1 + Math.exp(-logistic)) ** 2;
      expect(log!.data[i]).toBeCloseTo(Math.log((density * temperature) / (y * (1 - y))), 8);
    });
  });

  it('of three integrates to one over the triangle, and has the mean of its draws', () => {
    const temperature = 1.3;
    const side = 400;
    // The triangle by its corners' logits, y = softmax(a, b, 0), with |dy| = y₁ y₂ y₃ da db.
    const reach = 18;
    const axis = Array.from({ length: side }, (_, i) => -reach + ((i + 0.5) * 2 * reach) / side);
    const points = axis.flatMap(a =>
      axis.map(b => {
        const largest = Math.max(a, b, 0);
        const e = [a, b, 0].map(v => Math.exp(v - largest));
        return e.map(v => v / total(e));
      }),
    );
    const q = gumbelSoftmax(l(3), temperature);
    const fixed = constant(logits, [1, 3]);
    const density = exp(gumbelSoftmax(mul(fixed, 1), temperature).logProb(z(3)));
    const { p } = evaluateReference(graph({ p: density }), { z: rowsOf(points) });
    const cell = ((2 * reach) / side) ** 2;
    const mass = points.map((y, i) => p!.data[i]! * y[0]! * y[1]! * y[2]! * cell);
    expect(total(mass)).toBeCloseTo(1, 4);
    const count = 20_000;
    const { drawn } = evaluateReference(graph({ drawn: q.sample(u(3)) }), {
      l: { shape: [count, 3], data: Array.from({ length: count }, () => logits).flat() },
      u: uniforms(count, 3),
    });
    for (const k of [0, 1, 2]) {
      const expected = total(points.map((y, i) => y[k]! * mass[i]!));
      const values = Array.from({ length: count }, (_, i) => drawn!.data[3 * i + k]!);
      const mean = total(values) / count;
      const error = Math.sqrt(total(values.map(v => (v - mean) ** 2))) / count;
      expect(Math.abs(mean - expected)).toBeLessThan(4 * error + 1e-4);
    }
  });

  it('and draws are finite in float32 at the noise’s ends, for one-hot vectors, and far apart logits', async () => {
    const leaf = l(3);
    const q = gumbelSoftmax(leaf, 0.3);
    const drawn = q.sample(u(3));
    const whole = graph({ drawn, own: q.logProb(drawn), other: q.logProb(z(3)) });
    const program = await (await nodeRuntime({ threads: 1 })).compile(whole);
    const host = (rows: readonly (readonly number[])[]) => ({
      dtype: 'float32' as const,
      shape: [rows.length, 3],
      data: Float32Array.from(rows.flat()),
    });
    const out = await program.run({
      l: host([[0, 0, 0], [60, -60, 0], logits]),
      u: host([
        [0, 1 - 2 ** -24, 0.5],
        [0, 1 - 2 ** -24, 0.5],
        [0, 0, 0],
      ]),
      z: host([
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
      ]),
    });
    await program.dispose();
    for (const { data } of Object.values(out)) expect(data.every(Number.isFinite)).toBe(true);
  });
});

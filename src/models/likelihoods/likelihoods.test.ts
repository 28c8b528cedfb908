import { describe, expect, it } from 'vitest';
import { checkGradients } from '../../autodiff/check.ts';
import { graph, input } from '../../graph/index.ts';
import { RootScope } from '../../nn/index.ts';
import { sum } from '../../ops/index.ts';
import { evaluateReference } from '../../runtime/reference.ts';
import { type Likelihood, likelihoodOf, likelihoods } from './index.ts';
import { logVarRange, softClip } from './normal.ts';

interface Case {
  readonly spec: Likelihood;
  readonly parameters?: Readonly<Record<string, number>>;
  /** log p(x) of one number, given the decoder's outputs for it; written independently of the graph. */
  logProb(x: number, output: readonly number[]): number;
  mean(output: readonly number[]): number;
}

const normalLogProb = (x: number, mean: number, deviation: number): number =>
  -0.5 * ((x - mean) / deviation) ** 2 - Math.log(deviation) - 0.5 * Math.log(2 * Math.PI);
const sigmoid = (y: number): number => 1 / (1 + Math.exp(-y));

/** The log-variance that `softClip` makes of one, written out. */
const held = (logVar: number): number => {
  const [low, high] = logVarRange;
  const below = high - Math.log1p(Math.exp(high - logVar));
  return low + Math.log1p(Math.exp(below - low));
};

const cases: readonly Case[] = [
  {
    spec: { type: 'bernoulli' },
    logProb: (x, [y]) => x * Math.log(sigmoid(y!)) + (1 - x) * Math.log(1 - sigmoid(y!)),
    mean: ([y]) => sigmoid(y!),
  },
  {
    spec: { type: 'normal', variance: 'fixed', deviation: 0.3 },
    logProb: (x, [y]) => normalLogProb(x, y!, 0.3),
    mean: ([y]) => y!,
  },
  {
    spec: { type: 'normal', variance: 'shared' },
    parameters: { logVar: -1.5 },
    logProb: (x, [y]) => normalLogProb(x, y!, Math.exp(held(-1.5) / 2)),
    mean: ([y]) => y!,
  },
  {
    spec: { type: 'normal', variance: 'perDimension' },
    logProb: (x, [y, logVar]) => normalLogProb(x, y!, Math.exp(held(logVar!) / 2)),
    mean: ([y]) => y!,
  },
];

it('every likelihood is in this list', () => {
  expect(new Set(cases.map(({ spec }) => spec.type))).toEqual(new Set(Object.keys(likelihoods)));
});

describe.each(cases)('$spec', ({ spec, parameters = {}, logProb, mean }) => {
  const definition = likelihoodOf(spec);
  const outputs = definition.outputsPerChannel(spec);
  const scope = new RootScope({ training: true });
  const built = definition.build(spec, scope);
  const own = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, { shape: [1], data: [value] }]),
  );
  // Two channels over two places; first all channels' first outputs, then their second.
  const [x, output] = [input('x', ['N', 2, 2]), input('output', ['N', 2 * outputs, 2])];
  const data = [0.2, 1, 0, 0.7];
  const given = [0.4, -1, 0.8, 2, -1.5, -0.3, 0.6, -2].slice(0, 4 * outputs);
  const outputOf = (i: number): number[] => (outputs === 1 ? [given[i]!] : [given[i]!, given[i + 4]!]);

  it('sums the log-probability over channels and places, and takes each one’s own outputs', () => {
    const { p, m } = evaluateReference(graph({ p: built.logProb(x, output), m: built.mean(output) }), {
      ...own,
      x: { shape: [2, 2, 2], data: [...data, ...data.toReversed()] },
      output: { shape: [2, 2 * outputs, 2], data: [...given, ...given] },
    });
    const total = (values: readonly number[]) => values.reduce((sum, v, i) => sum + logProb(v, outputOf(i)), 0);
    expect(p!.shape).toEqual([2]);
    expect(p!.data[0]).toBeCloseTo(total(data), 10);
    expect(p!.data[1]).toBeCloseTo(total(data.toReversed()), 10);
    expect(m!.shape).toEqual([2, 2, 2]);
    data.forEach((_, i) => {
      expect(m!.data[i]).toBeCloseTo(mean(outputOf(i)), 12);
    });
  });

  it('sums to one, or integrates to one', () => {
    const points = definition.binary ? [0, 1] : Array.from({ length: 3001 }, (_, i) => (i - 1500) / 100);
    const one = [...points.map(() => [0.3, ...(outputs === 2 ? [-0.8] : [])])].flat();
    const [x, output] = [input('x', ['N', 1]), input('output', ['N', outputs])];
    const { p } = evaluateReference(graph({ p: built.logProb(x, output) }), {
      ...own,
      x: { shape: [points.length, 1], data: points },
      output: { shape: [points.length, outputs], data: one },
    });
    const mass = p!.data.reduce((total, value) => total + Math.exp(value), 0);
    expect(mass * (definition.binary ? 1 : 0.01)).toBeCloseTo(1, 9);
  });

  it('has gradients that finite differences confirm, and its own parameters', () => {
    const feeds = {
      ...own,
      x: { shape: [1, 2, 2], data },
      output: { shape: [1, 2 * outputs, 2], data: given },
    };
    checkGradients(sum(built.logProb(x, output)), [output, ...scope.tensors], feeds);
    expect(scope.parameters.map(({ name }) => name)).toEqual(Object.keys(parameters));
  });
});

describe('softClip', () => {
  it('is the identity well inside, and never leaves the range', () => {
    const [low, high] = logVarRange;
    const v = [-1e4, -100, -4, 0, 2, 100, 1e4];
    const { y } = evaluateReference(graph({ y: softClip(input('v', ['N']), logVarRange) }), {
      v: { shape: [v.length], data: v },
    });
    for (const value of y!.data) {
      expect(value).toBeGreaterThanOrEqual(low);
      expect(value).toBeLessThanOrEqual(high + 1e-6);
    }
    expect(y!.data[2]).toBeCloseTo(-4, 2);
    expect(y!.data[3]).toBeCloseTo(0, 2);
    expect(y!.data[4]).toBeCloseTo(2, 1);
    expect([y!.data[0], y!.data[1]].every(value => Math.abs(value! - low) < 0.02)).toBe(true);
    expect([y!.data[5], y!.data[6]].every(value => Math.abs(value! - high) < 0.02)).toBe(true);
  });
});

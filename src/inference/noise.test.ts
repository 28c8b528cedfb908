import { describe, expect, it } from 'vitest';
import { checkGradients } from '../autodiff/index.ts';
import { bernoulli, normal } from '../distributions/index.ts';
import { constant, graph, input } from '../graph/index.ts';
import { vae } from '../models/index.ts';
import { feedsFor } from '../models/testing.ts';
import { dense, flatten, tanh } from '../nn/index.ts';
import { sum } from '../ops/index.ts';
import { evaluateReference, type ReferenceFeed } from '../runtime/reference.ts';
import { type Explained, type NoiseType, noises } from './noise.ts';
import { targetGraphs } from './target.ts';

const column = (values: readonly number[]): ReferenceFeed => ({ shape: [values.length, 1], data: values });

/** What a kind of noise computes of y, given the expectation of x. */
function at(type: NoiseType, x: Explained, level: number, values: readonly number[]) {
  const [y, l] = [input('y', ['N', 1]), input('level', ['N', 1])];
  const { logProb, restored } = noises[type];
  const { mean, variance } = restored(y, x, l);
  const outputs = graph({ logProb: logProb(y, x, l), mean, variance });
  const feeds = { y: column(values), level: column(values.map(() => level)) };
  const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => outputs.leaves.has(name)));
  return evaluateReference(outputs, used);
}

const grid = Array.from({ length: 6001 }, (_, i) => -6 + i * 0.002);
const expectedX = (mean: number, variance: number): Explained => {
  const x = normal(constant([mean], [1, 1]), { logVar: constant([Math.log(variance)], [1, 1]) });
  return { mean: x.mean, variance: x.variance, density: true, logProb: x.logProb };
};

describe.each(['gaussian', 'poisson', 'speckle'] as const)('%s', type => {
  const level = type === 'poisson' ? 20 : 0.4;
  const [mean, variance] = [0.7, 0.04];

  it('has a density of y with the mean of x, and the variance of x and the noise', () => {
    const p = at(type, expectedX(mean, variance), level, grid).logProb!.data.map(log => 0.002 * Math.exp(log));
    const total = p.reduce((a, b) => a + b);
    const center = p.reduce((a, b, i) => a + b * grid[i]!, 0);
    const spread = p.reduce((a, b, i) => a + b * (grid[i]! - center) ** 2, 0);
    const added = { gaussian: level ** 2, poisson: mean / level, speckle: level ** 2 * (mean ** 2 + variance) }[type];
    expect(total).toBeCloseTo(1, 6);
    expect(center).toBeCloseTo(mean, 6);
    expect(spread).toBeCloseTo(variance + added, 6);
  });

  it('leaves of x what is not explained by y: E[x] = E[E[x|y]], and variances add up', () => {
    const { logProb, mean: restored, variance: left } = at(type, expectedX(mean, variance), level, grid);
    const p = logProb!.data.map(log => 0.002 * Math.exp(log));
    const average = (f: (i: number) => number): number => p.reduce((a, b, i) => a + b * f(i), 0);
    expect(average(i => restored!.data[i]!)).toBeCloseTo(mean, 5);
    const within = average(i => left!.data[i % left!.data.length]!);
    expect(within + average(i => (restored!.data[i]! - mean) ** 2)).toBeCloseTo(variance, 5);
  });
});

describe('saltAndPepper', () => {
  it('is, over a Bernoulli pixel, what counting all cases gives', () => {
    const [q, p] = [0.8, 0.3];
    const x = bernoulli(constant([Math.log(q / (1 - q))], [1, 1]));
    const { logProb, mean, variance } = at('saltAndPepper', { ...x, density: false }, p, [0, 1]);
    for (const y of [0, 1]) {
      const own = (1 - p) * (y === 1 ? q : 1 - q);
      const joint = own + p / 2;
      const white = ((y === 1 ? (1 - p) * q : 0) + (p / 2) * q) / joint;
      expect(Math.exp(logProb!.data[y]!)).toBeCloseTo(joint, 8);
      expect(mean!.data[y]).toBeCloseTo(white, 8);
      expect(variance!.data[y]).toBeCloseTo(white * (1 - white), 8);
    }
  });

  it('takes a grey value for what it was', () => {
    const { mean, variance } = at('saltAndPepper', expectedX(0.7, 0.04), 0.3, [0.4]);
    expect(mean!.data[0]).toBeCloseTo(0.4, 8);
    expect(variance!.data[0]).toBeCloseTo(0, 8);
  });
});

describe('the target', () => {
  const spec = vae({
    input: [2, 2, 1],
    latent: 2,
    encoder: [flatten(), dense(3)],
    decoder: [dense(3), tanh(), dense('output')],
    likelihood: { type: 'normal', variance: 'perDimension' },
  });
  const { NaN: hidden } = Number;
  const given = [0, 0.3, 1, hidden, 0.9, hidden, 0.2, 1];

  it.each([undefined, ...Object.keys(noises)] as (NoiseType | undefined)[])(
    'under %s has the gradient of finite differences',
    type => {
      const target = targetGraphs(spec, type && { type }).gradient();
      const width = type ? 3 : 2;
      const feeds: Record<string, ReferenceFeed> = {
        ...feedsFor(target, 2),
        y: { shape: [2, 2, 2, 1], data: given },
        state: { shape: [2, width], data: [0.4, -0.7, 1.2, 0.8, 0.1, -0.5].slice(0, 2 * width) },
      };
      checkGradients(sum(target.outputs.logJoint!), [target.leaves.get('state')!], feeds, { tolerance: 1e-5 });
      const { gradient } = evaluateReference(target, feeds);
      expect(gradient!.data.every(Number.isFinite)).toBe(true);
      expect(gradient!.data.every(value => value !== 0)).toBe(true);
    },
  );
});

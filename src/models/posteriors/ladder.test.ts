// Codes of several levels: what the levels' distributions are, against densities written out and integrals over a grid.

import { describe, expect, it } from 'vitest';
import { graph, input, noisesOf, type Tensor } from '../../graph/index.ts';
import { RootScope } from '../../nn/index.ts';
import { evaluateReference, type ReferenceFeed } from '../../runtime/reference.ts';
import { buildModel, presets } from '../index.ts';
import { priorOf } from '../priors/index.ts';
import { feedsFor } from '../testing.ts';
import { type LadderPosterior, ladder } from './ladder.ts';

const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const logNormal = (z: number, mean: number, logVar: number): number =>
  -0.5 * ((z - mean) ** 2 / Math.exp(logVar) + logVar + Math.log(2 * Math.PI));

/** Posterior and prior of one model, upon features of 3 numbers. */
function built(levels: LadderPosterior['levels']) {
  const spec: LadderPosterior = { type: 'ladder', levels };
  const latent = total(levels.map(level => level.latent));
  const scope = new RootScope({ training: true });
  const posterior = ladder.build(spec, input('h', ['N', 3]), latent, scope.child('posterior'));
  const prior = priorOf({ type: 'ladder' }).build({ type: 'ladder' }, latent, scope.child('prior'), {
    encode: () => posterior,
    posterior: { spec, scope: scope.child('posterior') },
    dataShape: [3],
  });
  return { scope, posterior, prior, latent };
}

/** In float64, parameters at random and one row of features repeated, with other leaves given as rows. */
function at(outputs: Record<string, Tensor>, rows: number, given: Record<string, readonly number[]>) {
  const whole = graph(outputs);
  const feeds: Record<string, ReferenceFeed> = feedsFor(whole, 1, 0.9);
  const each = Array.from(feeds.h?.data ?? []);
  if (feeds.h) feeds.h = { shape: [rows, 3], data: Array.from({ length: rows }, () => each).flat() };
  for (const [name, data] of Object.entries(given)) {
    if (feeds[name]) feeds[name] = { shape: [rows, data.length / rows], data };
  }
  return evaluateReference(whole, feeds);
}

/** Standard normal noise by quadrature: points and weights. */
function quadrature(dimensions: number, side: number) {
  const axis = Array.from({ length: side }, (_, i) => -7 + (14 * i) / (side - 1));
  let points: number[][] = [[]];
  for (let d = 0; d < dimensions; d++) points = points.flatMap(point => axis.map(v => [...point, v]));
  const weights = points.map(p => p.reduce((w, v) => w * Math.exp(logNormal(v, 0, 0)) * (14 / (side - 1)), 1));
  return { points, weights };
}

const two = [
  { latent: 1, hidden: 4 },
  { latent: 1, hidden: 3 },
];
const three = [{ latent: 1, hidden: 5 }, ...two];

describe('a level’s posterior', () => {
  it('is the product of the prior’s normal and that of the features, normalised', () => {
    const { posterior, prior } = built(two);
    // Below a top code of 0.7: the densities at places of the bottom code.
    const places = Array.from({ length: 2001 }, (_, i) => -20 + 0.02 * i);
    const z = places.flatMap(v => [0.7, v]);
    const code = input('z', ['N', 2]);
    const outputs = { q: posterior.logProb(code), p: prior.logProb(code) };
    const { q, p } = at(outputs, places.length, { z });
    const top = at(posterior.outputs, 1, {});
    const logTop = logNormal(0.7, top.mean!.data[0]!, top.conditionalLogVar!.data[0]!);
    // What the features say, from the heads by hand: with the hidden layers of the way up, the bottom level's have none.
    const feeds = feedsFor(graph({ q: posterior.logProb(code) }), 1, 0.9);
    const [weight, bias] = ['weight', 'bias'].map(name => feeds[`posterior.bottomUp.0.${name}`]!.data);
    const head = (j: number): number => total(Array.from(feeds.h!.data, (v, i) => v * weight![2 * i + j]!)) + bias![j]!;
    const logPriorTop = logNormal(0.7, 0, 0);
    const raw = places.map((v, i) => Math.exp(logNormal(v, head(0), head(1)) + p!.data[i]! - logPriorTop));
    const mass = 0.02 * total(raw);
    places.forEach((_, i) => {
      expect(Math.exp(q!.data[i]! - logTop)).toBeCloseTo(raw[i]! / mass, 9);
    });
  });

  it('at the top is what the features say alone', () => {
    const { posterior } = built(two);
    const whole = graph({ ...posterior.outputs });
    const feeds = feedsFor(whole, 1, 0.9);
    const of = (name: string): ArrayLike<number> => feeds[`posterior.bottomUp.1.${name}`]!.data;
    const units = Array.from({ length: 3 }, (_, k) =>
      Math.max(
        0,
        total(Array.from(feeds.h!.data, (v, i) => v * of('network.0.weight')[3 * i + k]!)) + of('network.0.bias')[k]!,
      ),
    );
    const [mean, logVar] = [0, 1].map(j => total(units.map((v, k) => v * of('weight')[2 * k + j]!)) + of('bias')[j]!);
    const { mean: exported, conditionalLogVar } = evaluateReference(whole, feeds);
    expect(units.some(v => v > 0)).toBe(true);
    expect(exported!.data[0]).toBeCloseTo(mean!, 12);
    expect(conditionalLogVar!.data[0]).toBeCloseTo(logVar!, 12);
  });
});

describe.each([
  ['2', two, 201],
  ['3', three, 29],
] as const)('a code of %s levels', (_, levels, side) => {
  const { posterior, prior, latent, scope } = built(levels);
  const drawn = posterior.sample();

  it('has a KL whose terms, averaged over draws, are those that integrals find level by level', () => {
    const { points, weights } = quadrature(latent, side);
    const conditionals = { q: posterior.conditional!(drawn), kl: prior.kl(posterior, drawn) };
    const outputs = {
      z: drawn,
      mean: conditionals.q.mean,
      logVar: conditionals.q.logVar as Tensor,
      kl: conditionals.kl,
    };
    const noise = { 'posterior.noise': points.flat() };
    const { z, mean, logVar, kl } = at(outputs, points.length, noise);
    expect(kl!.shape).toEqual([points.length, latent]);
    const code = input('z', ['N', latent]);
    const totals = at({ q: posterior.logProb(code), p: prior.logProb(code) }, points.length, { z: [...z!.data] });
    // The whole: E[log q(z|x) − log p(z)].
    const whole = total(weights.map((w, n) => w * (totals.q!.data[n]! - totals.p!.data[n]!)));
    expect(total(weights.map((w, n) => w * total(kl!.data.slice(n * latent, (n + 1) * latent))))).toBeCloseTo(whole, 5);
    // The top level: KL to N(0, 1), by its integral.
    const top = total(
      weights.map((w, n) => {
        const v = z!.data[n * latent]!;
        return w * (logNormal(v, mean!.data[n * latent]!, logVar!.data[n * latent]!) - logNormal(v, 0, 0));
      }),
    );
    expect(kl!.data[0]).toBeCloseTo(top, 6);
    expect(kl!.data.every(v => v > -1e-12)).toBe(true);
    // The lowest level under the first point's upper codes: ∫ q log (q / p).
    const places = Array.from({ length: 4001 }, (_, i) => -30 + 0.015 * i);
    const above = [...z!.data.slice(0, latent - 1)];
    const line = at({ q: posterior.logProb(code), p: prior.logProb(code) }, places.length, {
      z: places.flatMap(v => [...above, v]),
    });
    const normalised = (logs: ArrayLike<number>): number[] => {
      const mass = 0.015 * total(Array.from(logs, Math.exp));
      return Array.from(logs, v => v - Math.log(mass));
    };
    const [q, p] = [normalised(line.q!.data), normalised(line.p!.data)];
    const integral = 0.015 * total(q.map((v, i) => Math.exp(v) * (v - p[i]!)));
    expect(kl!.data[latent - 1]).toBeCloseTo(integral, 6);
  });

  it('has a mean that is made from the top down without noise, and exports what it was made of', () => {
    const { posterior: again } = built(levels);
    const still = again.sample();
    const {
      mean,
      still: z,
      conditionalLogVar,
    } = at({ ...again.outputs, still }, 1, {
      'posterior.noise': Array<number>(latent).fill(0),
    });
    expect([...mean!.data]).toEqual([...z!.data]);
    expect(conditionalLogVar!.shape).toEqual([1, latent]);
    expect(noisesOf(graph({ ...again.outputs }))).toEqual([]);
  });

  it('shares the way down between posterior and prior, which has no other parameters', () => {
    const before = scope.parameters.length;
    const { leaves } = graph({ p: prior.logProb(input('z', ['N', latent])) });
    const names = [...leaves.keys()].filter(name => name !== 'z');
    expect(names.every(name => name.startsWith('posterior.topDown.'))).toBe(true);
    expect(names.length).toBe(4 * (levels.length - 1));
    expect(scope.parameters.length).toBe(before);
  });
});

it('a decoder’s code has the top level first: lower levels change with higher ones, never the other way', () => {
  const { prior } = built(three);
  const z = prior.sample();
  const draw = (noise: readonly number[]) => at({ z }, 1, { 'prior.noise': noise }).z!.data;
  const still = draw([0.3, -0.4, 0.2]);
  const moved = [0, 1, 2].map(i => draw([0.3, -0.4, 0.2].map((v, j) => (i === j ? v + 0.5 : v))));
  expect(moved.map(code => [0, 1, 2].map(j => code[j] !== still[j]))).toEqual([
    [true, true, true],
    [false, true, true],
    [false, false, true],
  ]);
});

it('free bits count for dimensions of all levels, the KL being one number each', () => {
  const step = (freeBits?: number) => {
    const objective = freeBits === undefined ? {} : { freeBits };
    const model = buildModel(presets.lvae.build({ input: [4, 4, 1], hidden: 6, latent: 4, objective }));
    const graphOf = model.stepGraph();
    return evaluateReference(graphOf, feedsFor(graphOf, 3));
  };
  const [plain, free] = [step(), step(50)];
  expect(free.kl!.data[0]).toBe(plain.kl!.data[0]);
  expect(free.loss!.data[0]! - free.reconstruction!.data[0]!).toBeCloseTo(3 * 4 * 50, 6);
});

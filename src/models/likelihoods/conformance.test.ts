// What every likelihood must do, run over cases of every type: a type without a case does not compile.

import { describe, expect, it } from 'vitest';
import { checkGradients, grad } from '../../autodiff/index.ts';
import { graph, input } from '../../graph/index.ts';
import { dense, flatten, RootScope, tanh } from '../../nn/index.ts';
import { sum } from '../../ops/index.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { evaluateReference, type ReferenceFeed } from '../../runtime/reference.ts';
import { buildModel } from '../build.ts';
import { networkShape } from '../data-scale.ts';
import { type InputSpec, parseModel, vae } from '../spec.ts';
import { feedsFor, toHost } from '../testing.ts';
import { type Case, cases, expectationOf, held, spreadOf, totalOf } from './cases.ts';
import { type ImageCase, imageCases } from './image-cases.ts';
import { type Likelihood, likelihoodOf, likelihoods } from './index.ts';
import { outputChannels } from './likelihood.ts';

const all: readonly Case[] = Object.values<readonly Case[]>(cases).flat();
type AnyCase = Case | ImageCase;
const label = <C extends AnyCase>(list: readonly C[]) => list.map(one => [JSON.stringify(one.spec), one] as const);

/** How many channels the decoder gives for so many of the data. */
const outputsOf = (spec: Likelihood, data: InputSpec, channels: number): number =>
  outputChannels(likelihoodOf(spec).outputsPerChannel(spec, data), channels);

/** A likelihood built outside training, its own parameters fed with the case's values. */
function built(one: AnyCase, training = false) {
  const { spec, input: data } = one;
  const parameters = ('parameters' in one && one.parameters) || {};
  const scope = new RootScope({ training });
  const likelihood = likelihoodOf(spec).build(spec, scope, data);
  const own: Record<string, ReferenceFeed> = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, { shape: [1], data: [value] }]),
  );
  return { likelihood, scope, own, width: outputsOf(spec, data, 1) };
}

/** log p and mean of single numbers, each with the same output. */
function atPoints(one: Case, points: readonly number[], output: readonly number[]) {
  const { likelihood, own, width } = built(one);
  const [x, y] = [input('x', ['N', 1]), input('output', ['N', width])];
  const outputs = graph({ logProb: likelihood.logProb(x, y), mean: likelihood.mean(y) });
  return evaluateReference(outputs, {
    ...own,
    x: { shape: [points.length, 1], data: points },
    output: { shape: [points.length, width], data: points.flatMap(() => [...output]) },
  });
}

describe.each(label(all))('%s', (_, one) => {
  const { spec, outputs, support } = one;
  const width = outputsOf(spec, one.input, 1);

  it('gives the log-probabilities of its formula, written out', () => {
    for (const output of outputs) {
      const points = one.points;
      const { logProb, mean } = atPoints(one, points, output);
      points.forEach((x, i) => {
        const expected = one.logProb(x, output);
        expect(Math.abs(logProb!.data[i]! - expected)).toBeLessThan(1e-8 * Math.max(1, Math.abs(expected)));
      });
      expect(mean!.data[0]).toBeCloseTo(one.mean(output), 8);
    }
  });

  it('sums or integrates to one, unless it is a pseudo-likelihood of grey values', () => {
    for (const output of outputs) {
      const total = totalOf(support, one.mean(output), points => atPoints(one, points, output).logProb!.data);
      expect(total).toBeCloseTo(1, 7);
    }
  });

  it('has the mean that quadrature finds', () => {
    for (const output of outputs) {
      const center = one.mean(output);
      const expected = expectationOf(support, center, points => atPoints(one, points, output).logProb!.data);
      const mean = atPoints(one, [0], output).mean!.data[0]!;
      expect(Math.abs(mean - expected)).toBeLessThan(
        one.meanTolerance?.(output) ?? 1e-6 * Math.max(1, Math.abs(expected)),
      );
    }
  });

  it('has the variance that quadrature finds', () => {
    for (const output of outputs) {
      const { likelihood, own } = built(one);
      const y = input('output', ['N', width]);
      const feeds = { ...own, output: { shape: [1, width], data: [...output] } };
      const found = evaluateReference(graph({ mean: likelihood.mean(y), variance: likelihood.variance!(y) }), feeds);
      const mean = found.mean!.data[0]!;
      const expected = spreadOf(support, one.mean(output), points => atPoints(one, points, output).logProb!.data, mean);
      expect(Math.abs(found.variance!.data[0]! - expected)).toBeLessThan(
        one.varianceTolerance?.(expected) ?? 1e-6 * Math.max(1e-3, expected),
      );
    }
  });

  it('takes each channel’s and place’s own outputs, and sums over both', () => {
    const { likelihood, own } = built(one);
    const [x, y] = [input('x', ['N', 2, 2]), input('output', ['N', 2 * width, 2])];
    // Part k of channel c at place s stands at [k · 2 + c, s].
    const of = (place: number) => outputs[place % outputs.length]!;
    const given = Array.from({ length: width }, (_, k) => [0, 1, 2, 3].map(place => of(place)[k]!)).flat();
    const data = [0, 1, 2, 3].map(place => one.points[place % one.points.length]!);
    const terms = likelihood.perDimension!(x, y);
    const { p, m, t } = evaluateReference(graph({ p: likelihood.logProb(x, y), m: likelihood.mean(y), t: terms }), {
      ...own,
      x: { shape: [2, 2, 2], data: [...data, ...data.toReversed()] },
      output: { shape: [2, 2 * width, 2], data: [...given, ...given] },
    });
    const total = (values: readonly number[]) => values.reduce((sum, v, place) => sum + one.logProb(v, of(place)), 0);
    expect(p!.shape).toEqual([2]);
    expect(p!.data[0]! / total(data)).toBeCloseTo(1, 8);
    expect(p!.data[1]! / total(data.toReversed())).toBeCloseTo(1, 8);
    expect(t!.shape).toEqual([2, 2, 2]);
    data.forEach((value, place) => {
      expect(t!.data[place]).toBeCloseTo(one.logProb(value, of(place)), 8);
    });
    expect(m!.shape).toEqual([2, 2, 2]);
    for (const place of [0, 1, 2, 3]) expect(m!.data[place]).toBeCloseTo(one.mean(of(place)), 8);
  });

  it('has gradients that finite differences confirm', () => {
    const { likelihood, scope, own } = built(one);
    const [x, y] = [input('x', ['N', 1]), input('output', ['N', width])];
    const pairs = outputs.flatMap(output => one.points.map(point => [point, output] as const));
    checkGradients(sum(likelihood.logProb(x, y)), [y, ...scope.tensors], {
      ...own,
      x: { shape: [pairs.length, 1], data: pairs.map(([point]) => point) },
      output: { shape: [pairs.length, width], data: pairs.flatMap(([, output]) => [...output]) },
    });
    expect(scope.parameters.map(({ name }) => name)).toEqual(Object.keys(one.parameters ?? {}));
  });

  it('is in float32 on ONNX Runtime what it is in float64, gradient and mean too', async () => {
    await compareWithRuntime(
      one,
      outputs.flatMap(output => one.points.map(point => [[point], output] as const)),
    );
  });

  it('stays finite at the ends of the data and at saturated outputs', async () => {
    const extremes = [-1e4, -60, 60, 1e4];
    const saturated = extremes.flatMap(first =>
      extremes.map(rest => Array.from({ length: width }, (_, i) => (i % 2 === 0 ? first : rest))),
    );
    const got = await onRuntime(
      one,
      saturated.flatMap(output => [0, 1].map(x => [[x], output] as const)),
    );
    for (const [name, { data }] of Object.entries(got)) {
      for (const value of data) expect(Number.isFinite(value), `${name}: ${value}`).toBe(true);
    }
  });
});

describe.each(label<AnyCase>([...all, ...imageCases]))('%s in a model', (_, one) => {
  const { spec } = one;

  it('survives JSON, and its name alone means a whole spec', () => {
    const options = { input: one.input, latent: 1, encoder: [flatten(), dense(2)], decoder: [dense('output')] };
    const spec = vae({ ...options, likelihood: one.spec });
    expect(spec.likelihood).toEqual(one.spec);
    expect(parseModel(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    const named = parseModel({ ...spec, likelihood: one.spec.type });
    const { byName } = likelihoodOf(one.spec);
    expect(named.likelihood).toEqual(byName);
    expect(parseModel({ ...spec, likelihood: byName }).likelihood).toEqual(byName);
    // What is left out of an object takes the same values. Of the normal's variances none stands for the others.
    const { type } = one.spec;
    if (type !== 'normal') expect(parseModel({ ...spec, likelihood: { type } }).likelihood).toEqual(byName);
  });

  it('trains: ten finite steps on one batch lower the loss', async () => {
    const model = buildModel(
      vae({
        input: 'pairs' in one ? one.input : { ...one.input, shape: [2, 2, 2] },
        latent: 2,
        encoder: [flatten(), dense(4), tanh()],
        decoder: [dense(4), tanh(), dense('output')],
        likelihood: spec,
      }),
    );
    const step = model.stepGraph();
    const program = await (await nodeRuntime({ threads: 1 })).compile(step);
    const [low, high] = one.input.range;
    const feeds = toHost(step, feedsFor(step, 8));
    const x = feeds.x!;
    if (x.dtype === 'float32') {
      x.data.forEach((v, i) => {
        x.data[i] = Math.round(low + (high - low) * Math.abs(Number(v)));
      });
    }
    const rate = ('rate' in one && one.rate) || 1e-3;
    const losses: number[] = [];
    for (let i = 0; i < 11; i++) {
      const out = await program.run(feeds);
      losses.push(Number(out.loss!.data[0]));
      for (const { name } of model.parameters) {
        const [weights, gradient] = [feeds[name]!.data, out[`gradient/${name}`]!.data];
        expect(Array.from(gradient).every(Number.isFinite), name).toBe(true);
        gradient.forEach((g, j) => {
          weights[j]! -= rate * Number(g);
        });
      }
    }
    await program.dispose();
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });
});

type Pair = readonly [x: readonly number[], output: readonly number[]];

/** Data and output of one example: an image, or one number. */
function shapesOf(one: AnyCase): { readonly x: readonly number[]; readonly output: readonly number[] } {
  const [channels, ...size] = ('pairs' in one ? networkShape(one.input) : [1]) as [number, ...number[]];
  return { x: [channels, ...size], output: [outputsOf(one.spec, one.input, channels), ...size] };
}

function graphOf(one: AnyCase) {
  const { likelihood, scope } = built(one);
  const { x: xShape, output } = shapesOf(one);
  const [x, y] = [input('x', ['N', ...xShape]), input('output', ['N', ...output])];
  const logProb = likelihood.logProb(x, y);
  const wrt = [y, ...scope.tensors];
  const gradients = grad(sum(logProb), wrt).map((g, i) => [`gradient ${i}`, g] as const);
  return graph({ logProb, mean: likelihood.mean(y), ...Object.fromEntries(gradients) });
}

/** In float32, as ONNX Runtime gets them. */
function feedsOf(one: AnyCase, pairs: readonly Pair[]) {
  const single = (values: ArrayLike<number>, shape: readonly number[]) => ({ shape, data: Float32Array.from(values) });
  const { x, output } = shapesOf(one);
  const own = Object.entries(built(one).own).map(([name, { data }]) => [name, single(data, [1])] as const);
  return {
    ...Object.fromEntries(own),
    x: single(
      pairs.flatMap(pair => pair[0]),
      [pairs.length, ...x],
    ),
    output: single(
      pairs.flatMap(pair => pair[1]),
      [pairs.length, ...output],
    ),
  };
}

async function onRuntime(one: AnyCase, pairs: readonly Pair[]) {
  const feeds = Object.entries(feedsOf(one, pairs));
  const program = await (await nodeRuntime({ threads: 1 })).compile(graphOf(one));
  const got = await program.run(
    Object.fromEntries(feeds.map(([name, feed]) => [name, { dtype: 'float32' as const, ...feed }])),
  );
  await program.dispose();
  return got;
}

async function compareWithRuntime(one: AnyCase, pairs: readonly Pair[], tolerance = 5e-5): Promise<void> {
  const expected = evaluateReference(graphOf(one), feedsOf(one, pairs));
  const got = await onRuntime(one, pairs);
  for (const [name, { data }] of Object.entries(expected)) {
    data.forEach((value, i) => {
      const difference = Math.abs(Number(got[name]!.data[i]) - value) / Math.max(1, Math.abs(value));
      expect(difference, `${name}[${i}] = ${value}`).toBeLessThan(tolerance);
    });
  }
}

describe.each(label(imageCases))('%s of whole images', (_, one) => {
  const { pairs } = one;
  const { x: xShape, output: outputShape } = shapesOf(one);
  const { likelihood } = built(one);
  const [x, y] = [input('x', ['N', ...xShape]), input('output', ['N', ...outputShape])];
  const feeds = {
    x: { shape: [pairs.length, ...xShape], data: pairs.flatMap(pair => pair[0]) },
    output: { shape: [pairs.length, ...outputShape], data: pairs.flatMap(pair => pair[1]) },
  };

  it('gives what its formula gives place by place, written out', () => {
    const { p, m } = evaluateReference(graph({ p: likelihood.logProb(x, y), m: likelihood.mean(y) }), feeds);
    pairs.forEach(([image, output], i) => {
      expect(p!.data[i]! / one.logProb(image, output)).toBeCloseTo(1, 9);
    });
    const means = pairs.flatMap(([, output]) => one.mean(output));
    means.forEach((value, i) => {
      expect(m!.data[i]).toBeCloseTo(value, 12);
    });
  });

  it('has gradients that finite differences confirm', () => {
    const two = [feeds.x, feeds.output].map(({ shape: [, ...row], data }) => ({
      shape: [2, ...row],
      data: data.slice(0, 2 * row.reduce((a, b) => a * b)),
    }));
    checkGradients(sum(likelihood.logProb(x, y)), [y], { x: two[0]!, output: two[1]! }, { elements: 6 });
  });

  it('is in float32 on ONNX Runtime what it is in float64, gradient and mean too', async () => {
    // Variances are differences of means of squares, of which float32 keeps fewer digits.
    await compareWithRuntime(one, pairs, 5e-4);
  });

  it('stays finite on flat and saturated images', async () => {
    const volume = xShape.reduce((a, b) => a * b, 1);
    const flat = (value: number) => Array<number>(volume).fill(value);
    const outputs = [-1e4, -60, 0, 60, 1e4].map(flat);
    outputs.push(flat(0).map((_, i) => (i % 2 === 0 ? 1e4 : -1e4)));
    const got = await onRuntime(
      one,
      outputs.flatMap(output => [flat(0), flat(1), pairs[0]![0]].map(image => [image, output] as const)),
    );
    for (const [name, { data }] of Object.entries(got)) {
      for (const value of data) expect(Number.isFinite(value), `${name}: ${value}`).toBe(true);
    }
  });
});

describe('every option changes the result', () => {
  it.each(Object.entries<readonly Case[]>(cases))('of %s', (_, list) => {
    const results = list.map(one => {
      const { likelihood, own, width } = built(one);
      const [x, y] = [input('x', ['N', 1]), input('output', ['N', width])];
      return evaluateReference(graph({ p: likelihood.logProb(x, y) }), {
        ...own,
        x: { shape: [1, 1], data: [0] },
        output: { shape: [1, width], data: Array.from({ length: width }, (_, i) => 0.3 + 0.25 * i) },
      }).p!.data[0]!;
    });
    expect(new Set(list.map(({ spec }) => JSON.stringify(spec))).size).toBe(list.length);
    expect(new Set(results.map(value => value.toFixed(6))).size).toBe(list.length);
  });
});

describe('the optimal variance', () => {
  const one = cases.normal.find(({ spec }) => spec.variance === 'optimal')!;
  const [x, y] = [input('x', ['N', 2]), input('output', ['N', 2])];
  const data = {
    x: { shape: [2, 2], data: [0.1, 0.9, 0.4, 0.3] },
    output: { shape: [2, 2], data: [0.3, 0.6, 0.2, 0.35] },
  };
  const error = (0.2 ** 2 + 0.3 ** 2 + 0.2 ** 2 + 0.05 ** 2) / 4;

  it('in training is the batch’s mean squared error, which is best: a gradient through it would change nothing', () => {
    const { likelihood, own } = built(one, true);
    const loss = sum(likelihood.logProb(x, y));
    const best = held(Math.log(error), -12, 6);
    const expected = -0.5 * (4 * (Math.log(2 * Math.PI) + best) + (4 * error) / Math.exp(best));
    expect(evaluateReference(graph({ loss }), { ...own, ...data }).loss!.data[0]).toBeCloseTo(expected, 10);
    // Finite differences move the optimum along; softClip leaves it a hair off, hence the tolerance.
    checkGradients(loss, [y], { ...own, ...data }, { tolerance: 1e-4 });
  });

  it('leaves a stored one that follows the optima, with which each row is scored by itself', () => {
    const { likelihood, scope } = built(one, true);
    const [slope] = grad(sum(likelihood.logProb(x, y)), scope.tensors);
    const step = graph({ slope: slope!, p: likelihood.logProb(x, y) });
    let tenth = -0.2;
    for (let i = 0; i < 200; i++) {
      const feeds = { ...data, logVarTenth: { shape: [1], data: [tenth] } };
      tenth += 0.005 * evaluateReference(step, feeds).slope!.data[0]!;
    }
    expect(held(10 * tenth, -12, 6)).toBeCloseTo(held(Math.log(error), -12, 6), 6);

    const outside = built(one).likelihood.logProb(x, y);
    const stored = { logVarTenth: { shape: [1], data: [tenth] } };
    const whole = evaluateReference(graph({ p: outside }), { ...stored, ...data }).p!.data;
    const alone = evaluateReference(graph({ p: outside }), {
      ...stored,
      x: { shape: [1, 2], data: [0.1, 0.9] },
      output: { shape: [1, 2], data: [0.3, 0.6] },
    }).p!.data;
    expect(alone[0]).toBe(whole[0]);
  });
});

describe('what kind of figure it gives', () => {
  it('is a mass for discrete data, a density on [0, 1], and pseudo for the cross-entropy of grey values', () => {
    const measures = Object.keys(likelihoods).map(type => {
      const { measure } = likelihoodOf({ type: type as Likelihood['type'] });
      return [type, measure('none')];
    });
    expect(Object.fromEntries(measures)).toEqual({
      bernoulli: 'pseudo',
      continuousBernoulli: 'density',
      normal: 'density',
      laplace: 'density',
      logCosh: 'density',
      studentT: 'density',
      msSsim: 'pseudo',
      mixed: 'mixed',
      categorical: 'mass',
      discretizedLogistic: 'mass',
      betaBinomial: 'mass',
      poisson: 'mass',
      negativeBinomial: 'mass',
    });
    expect(likelihoodOf({ type: 'bernoulli' }).measure('static')).toBe('mass');
    expect(likelihoodOf({ type: 'bernoulli' }).measure('dynamic')).toBe('mass');
  });
});

describe('counts', () => {
  it.each(['poisson', 'negativeBinomial'] as const)('%s refuses data that are no counts', type => {
    const options = { latent: 1, encoder: [dense(2)], decoder: [dense('output' as const)], likelihood: type };
    expect(() => vae({ ...options, input: { shape: [2], range: [-1, 1] } })).toThrow(
      `model spec: the likelihood "${type}" does not fit: counts need whole numbers from 0 on as input.range [low, high], ` +
        'got [-1, 1].',
    );
    expect(() => vae({ ...options, input: { shape: [2], range: [0, 0.5] } })).toThrow(/got \[0, 0\.5\]/);
    expect(() => vae({ ...options, input: { shape: [2], range: [0, 40] } })).not.toThrow();
  });
});

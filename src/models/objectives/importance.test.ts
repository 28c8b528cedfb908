// The importance-weighted bounds against log-mean-exp in plain float64, their limits, and their gradients' expectation.

import { describe, expect, it } from 'vitest';
import { noisesOf } from '../../graph/index.ts';
import { createKernels } from '../../kernels/index.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { noiseBuffers, noiseBytes } from '../../runtime/noise.ts';
import { buildModel, type ModelOptions, type ObjectiveOptions, presets, vae } from '../index.ts';
import { toHost } from '../testing.ts';
import {
  type Feeds,
  gradients,
  latent,
  logMean,
  logWeights,
  modelWith,
  ofInference,
  rows,
  stepFeeds,
  total,
  values,
} from './testing.ts';

const count = 6;
const reference = modelWith({ type: 'iwae', samples: count });
const feeds = stepFeeds(reference);
const weights = logWeights(reference, feeds, count);
const ofRow = (row: number): number[] => weights.slice(row * count, (row + 1) * count);
const perRow = (f: (logWeights: readonly number[]) => number): number =>
  total(Array.from({ length: rows }, (_, row) => f(ofRow(row))));

const run = (objective: ObjectiveOptions, given: Feeds = feeds) => {
  const out = values(modelWith(objective).stepGraph(), given);
  return { loss: out.loss![0]!, reconstruction: out.reconstruction![0]!, gradients: gradients(out) };
};

/** Gradients alike to rounding; of all parameters, or those that are asked for. */
function expectSame(
  got: Record<string, number[]>,
  expected: Record<string, number[]>,
  only = (_: string) => true,
): void {
  const names = Object.keys(expected).filter(only);
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) {
    got[name]!.forEach((value, i) => {
      expect(value, name).toBeCloseTo(expected[name]![i]!, 10);
    });
  }
}

describe('the bounds of K codes', () => {
  it('are log-mean-exps of the weights, which differ', () => {
    expect(new Set(weights.map(w => w.toFixed(6))).size).toBe(rows * count);
    expect(run({ type: 'iwae', samples: count }).loss).toBeCloseTo(-perRow(logMean), 10);
    expect(run({ type: 'iwae', samples: count, gradient: 'dreg' }).loss).toBeCloseTo(-perRow(logMean), 10);
    expect(run({ type: 'piwae', samples: 3, estimates: 2 }).loss).toBeCloseTo(-perRow(logMean), 10);
    const two = -perRow(w => (logMean(w.slice(0, 3)) + logMean(w.slice(3))) / 2);
    expect(run({ type: 'miwae', samples: 3, estimates: 2 }).loss).toBeCloseTo(two, 10);
  });

  it('grow tighter with the codes of one bound', () => {
    const mean = -perRow(w => total(w) / count);
    expect(run({ type: 'miwae', samples: 1, estimates: count }).loss).toBeCloseTo(mean, 10);
    expect(run({ type: 'miwae', samples: 2, estimates: 3 }).loss).toBeLessThan(mean);
    expect(run({ type: 'miwae', samples: 3, estimates: 2 }).loss).toBeLessThan(mean);
    expect(run({ type: 'iwae', samples: count }).loss).toBeLessThan(
      run({ type: 'miwae', samples: 2, estimates: 3 }).loss,
    );
  });

  it('of weights thousands of nats apart stay finite', async () => {
    // Grey values far from what a narrow likelihood expects: weights that no float32 exponential holds.
    const spec = vae({
      ...presets.mlp.build({ input: [8], hidden: 4, latent: 2 }),
      likelihood: { type: 'normal', variance: 'fixed', deviation: 0.003 },
      objective: { type: 'iwae', samples: 3, gradient: 'dreg' },
    });
    const step = buildModel(spec).stepGraph();
    const program = await (await nodeRuntime({ threads: 1 })).compile(step);
    const out = await program.run(toHost(step, stepFeeds(buildModel(spec))));
    await program.dispose();
    expect(out.loss!.data[0]!).toBeGreaterThan(10_000);
    for (const [name, { data }] of Object.entries(out)) expect(data.every(Number.isFinite), name).toBe(true);
  });
});

describe('limits', () => {
  const one = modelWith({ type: 'iwae', samples: 1 });
  const single = stepFeeds(one);

  it('one code: the bound with its KL estimated at that code', () => {
    const { loss, gradients: got } = run({ type: 'iwae', samples: 1 }, single);
    expect(loss).toBeCloseTo(-total(logWeights(one, single, 1)), 10);
    expectSame(got, run({ type: 'miwae', samples: 1, estimates: 1 }, single).gradients);
    // What is not the KL is the bound's own: so are the decoder's gradients.
    const bound = run({ type: 'elbo' }, single);
    expect(run({ type: 'iwae', samples: 1 }, single).reconstruction).toBeCloseTo(bound.reconstruction, 10);
    expectSame(got, bound.gradients, name => !ofInference(name));
  });

  it('one code, averaged over its noise: the bound and its gradients', () => {
    // The closed KL and its estimate differ by a quadratic in the noise, so noise of the right first moments is enough:
    // the points ±1 in each dimension, all four signs.
    const corners = [1, 1, 1, -1, -1, 1, -1, -1];
    const sums = (objective: ObjectiveOptions) => {
      const all = [0, 1, 2, 3].map(corner => {
        const data = Array.from({ length: rows * latent }, (_, i) => corners[2 * corner + (i % 2)]!);
        return run(objective, { ...single, 'posterior.noise': { shape: [rows, latent], data } });
      });
      const names = Object.keys(all[0]!.gradients);
      const mean = (list: readonly number[][]) => list[0]!.map((_, i) => total(list.map(one => one[i]!)) / 4);
      return {
        loss: total(all.map(({ loss }) => loss)) / 4,
        gradients: Object.fromEntries(names.map(name => [name, mean(all.map(one => one.gradients[name]!))])),
      };
    };
    const [weighted, bound] = [sums({ type: 'iwae', samples: 1 }), sums({ type: 'elbo' })];
    expect(weighted.loss).toBeCloseTo(bound.loss, 10);
    expectSame(weighted.gradients, bound.gradients);
  });

  it('CIWAE of β = 1 is the bound, of β = 0 the importance-weighted bound, and between them lies on the line', () => {
    const [elbo, iwae] = [
      run({ type: 'ciwae', samples: 1, beta: 1 }, single),
      run({ type: 'ciwae', samples: 6, beta: 0 }),
    ];
    expect(elbo.loss).toBeCloseTo(run({ type: 'elbo' }, single).loss, 10);
    expectSame(elbo.gradients, run({ type: 'elbo' }, single).gradients);
    expect(iwae.loss).toBeCloseTo(run({ type: 'iwae', samples: 6 }).loss, 10);
    expectSame(iwae.gradients, run({ type: 'iwae', samples: 6 }).gradients);
    const many = run({ type: 'ciwae', samples: 6, beta: 1 }).loss;
    expect(run({ type: 'ciwae', samples: 6, beta: 0.3 }).loss).toBeCloseTo(0.3 * many + 0.7 * iwae.loss, 10);
  });

  it('MIWAE of one bound is the importance-weighted bound', () => {
    expectSame(run({ type: 'miwae', samples: 6, estimates: 1 }).gradients, run({ type: 'iwae', samples: 6 }).gradients);
  });

  it('PIWAE gives the encoder MIWAE’s gradients, and the decoder those of all codes together', () => {
    const { gradients: got } = run({ type: 'piwae', samples: 3, estimates: 2 });
    const [miwae, iwae] = [run({ type: 'miwae', samples: 3, estimates: 2 }), run({ type: 'iwae', samples: 6 })];
    expectSame(got, miwae.gradients, ofInference);
    expectSame(got, iwae.gradients, name => !ofInference(name));
    expect(miwae.gradients).not.toEqual(iwae.gradients);
  });
});

const level = { latent: 1, hidden: 3 };
// Of a ladder's, inference and generation share the way down.
const families: readonly Pick<ModelOptions, 'posterior' | 'prior'>[] = [
  { posterior: 'diagonalGaussian', prior: 'standardNormal' },
  { posterior: { type: 'ladder', levels: [level, level] }, prior: 'ladder' },
  { posterior: 'vonMisesFisher', prior: 'uniformSphere' },
  { posterior: { type: 'gumbelSoftmax', categories: [2] }, prior: 'normalCategorical' },
];

describe.each(families)('the doubly reparameterised gradient of $prior', parts => {
  const samples = 4;
  const [standard, doubly] = (['standard', 'dreg'] as const).map(gradient =>
    modelWith({ type: 'iwae', samples, gradient }, parts),
  );

  it('leaves the decoder’s as they are', () => {
    const given = stepFeeds(standard!);
    const [a, b] = [standard!, doubly!].map(model => gradients(values(model.stepGraph(), given)));
    expectSame(b!, a!, name => !ofInference(name));
    expect(b!['encoder.1.weight']).not.toEqual(a!['encoder.1.weight']);
  });

  it('has the standard gradient’s mean for the encoder', async () => {
    // Chunks of draws for the same rows; their means over the noise agree within a few standard errors.
    const [chunks, repeats] = [60, 60];
    const one = stepFeeds(standard!);
    const x = Array.from({ length: repeats }, () => [...(one.x!.data as Float64Array)]).flat();
    const batch = repeats * rows;
    const still = toHost(standard!.stepGraph(), { ...one, x: { shape: [batch, 2, 2, 1], data: x } });
    const runtime = await nodeRuntime({ threads: 1 });
    const programs = await Promise.all([standard!, doubly!].map(model => runtime.compile(model.stepGraph())));
    const leaves = noisesOf(standard!.stepGraph());
    const noise = noiseBuffers(createKernels(noiseBytes(leaves, batch)), leaves, batch);
    const host = { ...still, ...noise.feeds };
    const names = standard!.parameters.map(({ name }) => name).filter(ofInference);
    const differences: number[][] = [];
    for (let chunk = 0; chunk < chunks; chunk++) {
      noise.fill({ seed: 3, step: chunk });
      const [a, b] = [await programs[0]!.run(host), await programs[1]!.run(host)];
      differences.push(
        names.flatMap(name => {
          const [from, to] = [a[`gradient/${name}`]!.data, b[`gradient/${name}`]!.data];
          return Array.from(from, (value, i) => (Number(to[i]) - Number(value)) / repeats);
        }),
      );
    }
    for (const program of programs) await program.dispose();
    const scores = differences[0]!.map((_, i) => {
      const list = differences.map(all => all[i]!);
      const mean = total(list) / chunks;
      const variance = total(list.map(value => (value - mean) ** 2)) / (chunks - 1);
      return mean / Math.sqrt(variance / chunks);
    });
    const sizes = standard!.parameters.filter(({ name }) => ofInference(name)).map(({ shape }) => shape);
    expect(scores.length).toBe(total(sizes.map(shape => shape.reduce((a, b) => a * b))));
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(4);
    // As a whole, too: the squares of scores have the mean 1.
    expect(total(scores.map(score => score ** 2)) / scores.length).toBeLessThan(2.2);
  });
});

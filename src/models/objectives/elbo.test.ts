import { describe, expect, it } from 'vitest';
import type { Graph } from '../../graph/index.ts';
import { dense, flatten, tanh } from '../../nn/index.ts';
import { evaluateReference, type ReferenceFeed } from '../../runtime/reference.ts';
import { buildModel, type KlWarmup, type ModelOptions, vae } from '../index.ts';
import { feedsFor } from '../testing.ts';
import { klWeightAt } from './elbo.ts';

const tiny: ModelOptions = {
  input: [3, 1, 1],
  latent: 2,
  encoder: [flatten(), dense(4), tanh()],
  decoder: [dense(4), tanh(), dense('output')],
};

type Feeds = Readonly<Record<string, ReferenceFeed>>;
const run = (graph: Graph, feeds: Feeds) => evaluateReference(graph, feeds);
const gradients = (graph: Graph, feeds: Feeds) =>
  Object.entries(run(graph, feeds)).flatMap(([name, { data }]) => (name.startsWith('gradient/') ? [...data] : []));

describe('the loss', () => {
  const model = buildModel(vae(tiny));
  const feeds = feedsFor(model.stepGraph(), 5);
  const weighted = (weight: number) => ({ ...feeds, klWeight: { shape: [], data: [weight] } });

  it('weighs the KL by what is fed, and reports it unweighted', () => {
    const [none, third, double] = [0, 1 / 3, 2].map(weight => run(model.stepGraph(), weighted(weight)));
    for (const [out, weight] of [
      [none!, 0],
      [third!, 1 / 3],
      [double!, 2],
    ] as const) {
      const { loss, reconstruction, kl } = out;
      expect(loss!.data[0]).toBeCloseTo(reconstruction!.data[0]! + weight * kl!.data[0]!, 12);
      expect(kl!.data[0]).toBe(none!.kl!.data[0]);
    }
    expect(none!.kl!.data[0]).toBeGreaterThan(0.01);
    expect(gradients(model.stepGraph(), weighted(0))).not.toEqual(gradients(model.stepGraph(), weighted(2)));
  });

  it('with free bits charges each dimension the larger of λ and its batch mean', () => {
    const { mean, logVar } = run(model.encoderGraph(), feeds);
    const perDimension = [0, 1].map(j => {
      const all = [0, 1, 2, 3, 4].map(n => {
        const [m, v] = [mean!.data[2 * n + j]!, logVar!.data[2 * n + j]!];
        return 0.5 * (m * m + Math.exp(v) - 1 - v);
      });
      return all.reduce((a, b) => a + b, 0) / 5;
    });
    // λ between the two dimensions: one is charged λ, the other its KL.
    const freeBits = (perDimension[0]! + perDimension[1]!) / 2;
    const free = buildModel(vae({ ...tiny, objective: { freeBits } }));
    const { loss, reconstruction, kl } = run(free.stepGraph(), feeds);
    expect(kl!.data[0]).toBeCloseTo(5 * (perDimension[0]! + perDimension[1]!), 12);
    expect(loss!.data[0]).toBeCloseTo(reconstruction!.data[0]! + 5 * (freeBits + Math.max(...perDimension)), 12);
    expect(gradients(free.stepGraph(), feeds)).not.toEqual(gradients(model.stepGraph(), feeds));
    // The bound of evaluation is the true one all the same.
    expect(run(free.boundGraph(), feeds)).toEqual(run(model.boundGraph(), feeds));
  });
});

describe('free bits of groups', () => {
  const wide = { ...tiny, latent: 4 };
  const plain = buildModel(vae(wide));
  const feeds = feedsFor(plain.stepGraph(), 5);

  it('charge each group the larger of λ and its batch mean', () => {
    const { mean, logVar } = run(plain.encoderGraph(), feeds);
    const kls = [...mean!.data].map((m, i) => 0.5 * (m * m + Math.exp(logVar!.data[i]!) - 1 - logVar!.data[i]!));
    const group = (first: number) =>
      kls.filter((_, i) => Math.floor((i % 4) / 2) === first).reduce((a, b) => a + b, 0) / 5;
    const freeBits = (group(0) + group(1)) / 2;
    const spec = vae({ ...wide, objective: { freeBits, freeBitsGroups: 2 } });
    const { loss, reconstruction } = run(buildModel(spec).stepGraph(), feeds);
    const charged = Math.max(group(0), freeBits) + Math.max(group(1), freeBits);
    expect(loss!.data[0]).toBeCloseTo(reconstruction!.data[0]! + 5 * charged, 12);
  });

  it('need groups of equal size', () => {
    const spec = vae({ ...wide, objective: { freeBits: 1, freeBitsGroups: 3 } });
    expect(() => buildModel(spec)).toThrow(/freeBitsGroups: expected a divisor of 4, .* got 3/);
  });
});

describe('klWeightAt', () => {
  const objective = { type: 'elbo', klWeight: 2 } as const;
  const at = (step: number, stepsPerEpoch: number) => ({ step, stepsPerEpoch, datasetSize: 1 });

  it('is the weight where nothing warms up', () => {
    expect(klWeightAt(objective, at(0, 10))).toBe(2);
  });

  it('rises in a line, by steps or epochs, and stays', () => {
    const bySteps = { ...objective, klWarmup: { steps: 20, from: 1 } };
    expect([0, 10, 20, 1000].map(step => klWeightAt(bySteps, at(step, 7)))).toEqual([1, 1.5, 2, 2]);
    const byEpochs = { ...objective, klWarmup: { epochs: 2 } };
    expect([0, 5, 10, 20, 21].map(step => klWeightAt(byEpochs, at(step, 10)))).toEqual([0, 0.5, 1, 2, 2]);
  });

  it('rises in cycles, holds at the top of each, and stays after the last', () => {
    const weights = (klWarmup: KlWarmup) =>
      [0, 5, 10, 19, 20, 25, 30, 39, 40, 45, 60].map(step => klWeightAt({ ...objective, klWarmup }, at(step, 10)));
    expect(weights({ epochs: 1, cycles: 2 })).toEqual([0, 1, 2, 2, 0, 1, 2, 2, 2, 2, 2]);
    expect(weights({ steps: 10, cycles: 2, from: 1, hold: 2 })).toEqual([1, 1.5, 2, 2, 2, 2, 1, 1.9, 2, 2, 2]);
  });
});

describe('the bound', () => {
  it('averaged over the noise is −log p(x) + KL(q(z|x) ‖ p(z|x)), both by quadrature', () => {
    const model = buildModel(vae({ ...tiny, latent: 1, binarization: 'static' }));
    const pixels = [255, 0, 255];
    const one = { ...feedsFor(model.boundGraph(), 1, 1), x: { shape: [1, 3, 1, 1], data: pixels } };
    const density = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    const grid = Array.from({ length: 1601 }, (_, i) => -8 + i / 100);
    const count = grid.length;

    // log p(x, z) from the decoder's means alone.
    const { mean } = run(model.decoderGraph(), { ...one, z: { shape: [count, 1], data: grid } });
    const joint = grid.map((z, i) =>
      pixels.reduce((p, pixel, d) => p * (pixel > 0 ? mean!.data[3 * i + d]! : 1 - mean!.data[3 * i + d]!), density(z)),
    );
    const evidence = joint.reduce((a, b) => a + b, 0) / 100;

    const posterior = run(model.encoderGraph(), one);
    const [center, deviation] = [posterior.mean!.data[0]!, Math.exp(posterior.logVar!.data[0]! / 2)];
    const q = grid.map(z => density((z - center) / deviation) / deviation);
    const gap = grid.reduce((total, _, i) => {
      const term = q[i]! > 0 ? q[i]! * Math.log((q[i]! * evidence) / joint[i]!) : 0;
      return total + term / 100;
    }, 0);

    const many = { ...one, x: { shape: [count, 3, 1, 1], data: grid.flatMap(() => pixels) } };
    const { negElbo } = run(model.boundGraph(), { ...many, 'posterior.noise': { shape: [count, 1], data: grid } });
    const averaged = grid.reduce((total, e, i) => total + (density(e) * negElbo!.data[i]!) / 100, 0);

    expect(gap).toBeGreaterThan(0.01);
    expect(averaged).toBeCloseTo(-Math.log(evidence) + gap, 8);
  });
});

// Every posterior with every prior: they build and learn, or the spec is refused with a reason.

import { describe, expect, it } from 'vitest';
import { noisesOf } from '../graph/index.ts';
import { dense, flatten, tanh } from '../nn/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import {
  buildModel,
  type Model,
  type ModelOptions,
  type Posterior,
  type Prior,
  parseModel,
  posteriors as posteriorTable,
  presets,
  TrainedVae,
  vae,
} from './index.ts';
import { compareRuntimes, feedsFor, plainSteps, toHost } from './testing.ts';

const posteriors: { readonly [T in Posterior['type']]: Extract<Posterior, { readonly type: T }> } = {
  diagonalGaussian: { type: 'diagonalGaussian' },
  fullGaussian: { type: 'fullGaussian' },
  planar: { type: 'planar', steps: 2 },
  radial: { type: 'radial', steps: 2 },
  iaf: { type: 'iaf', steps: 2, hidden: 6 },
  ladder: {
    type: 'ladder',
    levels: [
      { latent: 1, hidden: 4 },
      { latent: 1, hidden: 3 },
    ],
  },
  vonMisesFisher: { type: 'vonMisesFisher' },
  gumbelSoftmax: { type: 'gumbelSoftmax', categories: [2], temperature: 0.7 },
  vectorQuantized: { type: 'vectorQuantized', codes: 3, width: 1, commitment: 0.3, decay: 0.9, revive: 0.1 },
  deterministic: { type: 'deterministic' },
};

const priors: { readonly [T in Prior['type']]: Extract<Prior, { readonly type: T }> } = {
  standardNormal: { type: 'standardNormal' },
  conditionalNormal: { type: 'conditionalNormal' },
  gaussianMixture: { type: 'gaussianMixture', components: 3 },
  vamp: { type: 'vamp', components: 3 },
  realNvp: { type: 'realNvp', layers: 2, hidden: 4 },
  ladder: { type: 'ladder' },
  uniformSphere: { type: 'uniformSphere' },
  normalCategorical: { type: 'normalCategorical' },
  uniformCodes: { type: 'uniformCodes' },
  autoregressive: { type: 'autoregressive', layers: 1, hidden: 4, heads: 2 },
};

/** Why a pair makes no sense. */
function refusal(posterior: Posterior, prior: Prior): RegExp | undefined {
  if (posterior.type === 'vonMisesFisher') {
    return prior.type === 'uniformSphere' ? undefined : /codes on the unit sphere, for which it needs the prior "unif/;
  }
  const overCodes = prior.type === 'uniformCodes' || prior.type === 'autoregressive';
  if (posterior.type === 'vectorQuantized') {
    return overCodes
      ? undefined
      : /codes from a codebook, for which it needs the prior "uniformCodes" or "autoregressive"/;
  }
  if (posterior.type === 'gumbelSoftmax') {
    return prior.type === 'normalCategorical' ? undefined : /and categories, for which it needs the prior "normalCat/;
  }
  if (posterior.type === 'deterministic' && prior.type === 'autoregressive') return /is learned through the KL/;
  if (posterior.type !== 'ladder') {
    if (overCodes) return /is of the numbers of a codebook, for which it needs the posterior "vectorQuantized"/;
    if (prior.type === 'uniformSphere') return /is of codes on the unit sphere, for which it needs the posterior "von/;
    if (prior.type === 'normalCategorical') return /is of codes of numbers and categories, for which it needs the post/;
  }
  if (posterior.type === 'deterministic') {
    return prior.type === 'standardNormal'
      ? undefined
      : /is learned through the KL, which the posterior "deterministic"/;
  }
  if (posterior.type === 'ladder' && prior.type !== 'ladder') {
    return /the posterior "ladder" shares its way down with the prior "ladder", which it needs; the prior is ".*", the code has 2 d/;
  }
  if (prior.type === 'ladder' && posterior.type !== 'ladder') return /"ladder" is the half of the posterior "ladder"/;
  if (prior.type === 'conditionalNormal') return /is that of a condition, of which the model has none;/;
  if (prior.type !== 'vamp' || posterior.type === 'diagonalGaussian') return undefined;
  return /"vamp" takes the densities .* needs the posterior "diagonalGaussian"; the posterior is ".*" of 2 dimensions\./;
}

const pairs = Object.values(posteriors).flatMap(posterior =>
  Object.values(priors).map(prior => ({ posterior, prior })),
);

const tiny: ModelOptions = {
  input: [2, 3, 2],
  latent: 2,
  encoder: [flatten(), dense(5), tanh()],
  decoder: [dense(5), tanh(), dense('output')],
};

/** A model with parameters at random, ready to run. */
async function trained(model: Model): Promise<TrainedVae> {
  const feeds = toHost(model.stepGraph(), feedsFor(model.stepGraph(), 1));
  const parameters = Object.fromEntries(model.parameters.map(({ name }) => [name, feeds[name]!]));
  return new TrainedVae(model, parameters as TrainedVae['parameters'], await nodeRuntime({ threads: 1 }));
}

describe.each(pairs)('$posterior.type with $prior.type', ({ posterior, prior }) => {
  const latent = posterior.type === 'gumbelSoftmax' ? 4 : 2;
  const options = { ...tiny, latent, posterior, prior };
  const reason = refusal(posterior, prior);
  if (reason !== undefined) {
    it('is refused with the reason', () => {
      expect(() => vae(options)).toThrow(reason);
    });
    return;
  }
  const spec = vae(options);
  const model = buildModel(spec);

  it('survives JSON', () => {
    expect(parseModel(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });

  it('gives on ONNX Runtime what the reference gives, in all graphs', async () => {
    const graphs = [model.boundGraph(), model.encoderGraph(), model.decoderGraph(), model.reconstructGraph()];
    graphs.push(model.stepGraph(), model.scoreGraph(), model.priorGraph());
    if (!posteriorTable[posterior.type].density) expect(() => model.importanceGraph()).toThrow(/has no density/);
    else graphs.push(model.importanceGraph());
    for (const graph of graphs) await compareRuntimes(graph);
    for (const graph of [model.scoreGraph(), model.encoderGraph(), model.reconstructGraph()]) {
      expect(noisesOf(graph)).toEqual([]);
    }
  });

  it('learns: ten plain steps on one batch lower the loss, and every parameter has a part in it', async () => {
    const { losses, largest } = await plainSteps(model, 0.0003);
    for (const [name, value] of Object.entries(largest)) expect(value, name).toBeGreaterThan(0);
    losses.slice(1).forEach((loss, i) => {
      expect(loss).toBeLessThan(losses[i]!);
    });
  });

  it('runs and draws: codes by seed and place alone, whatever the count', async () => {
    const run = await trained(model);
    const x = { dtype: 'uint8' as const, shape: [2, 2, 3, 2], data: Uint8Array.from({ length: 24 }, (_, i) => 10 * i) };
    for (const name of ['bound', 'encoder', 'reconstruct', 'score'] as const) {
      for (const { data } of Object.values(await run.run(name, x))) expect(data.every(Number.isFinite)).toBe(true);
    }
    const [few, many] = [await run.drawLatents(3, { seed: 5 }), await run.drawLatents(700, { seed: 5 })];
    expect([...few.data]).toEqual([...many.data.slice(0, 3 * latent)]);
    // A codebook has three vectors of one number each.
    const numbers = new Set(many.data).size;
    if (posterior.type === 'vectorQuantized') expect(numbers).toBe(3);
    else expect(numbers).toBeGreaterThan(1300);
    expect((await run.drawLatents(700, { seed: 6 })).data).not.toEqual(many.data);
    const cold = await run.drawLatents(200, { seed: 5, temperature: 0 });
    const code = (i: number): string => cold.data.slice(latent * i, latent * (i + 1)).join();
    const distinct = new Set(Array.from({ length: 200 }, (_, i) => code(i)));
    // A temperature leaves choices as they are, and directions.
    const choices: Partial<Record<Prior['type'], number>> = {
      normalCategorical: 2,
      uniformSphere: 200,
      uniformCodes: 9,
      autoregressive: 9,
    };
    expect(distinct.size).toBe('components' in prior ? 3 : (choices[prior.type] ?? 1));
    expect((await run.run('decoder', many)).mean!.shape).toEqual([700, 2, 3, 2]);
    await run.dispose();
  });
});

it('draws of the standard normal have its moments, and scale with the temperature', async () => {
  const run = await trained(buildModel(vae(tiny)));
  const { data } = await run.drawLatents(20_000);
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  const variance = data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length;
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  const half = await run.drawLatents(20_000, { temperature: 0.5 });
  expect([...half.data.slice(0, 100)]).toEqual([...data.slice(0, 100)].map(v => v / 2));
  await run.dispose();
});

describe('what else makes no sense', () => {
  it.each([
    [{ prior: 'realNvp', latent: 1 }, /"realNvp" couples two halves of the code, .* at least 2 latents;/],
    [{ posterior: 'deterministic', klWeight: 2 }, /klWeight would do nothing, since the posterior "deterministic"/],
    [{ posterior: 'deterministic', objective: { freeBits: 1 } }, /freeBits would do nothing/],
    [{ posterior: 'deterministic', objective: { klWarmup: { epochs: 1 } } }, /klWarmup would do nothing/],
    [
      { posterior: 'ladder', prior: 'ladder' },
      /the posterior "ladder" needs levels whose dimensions add up to the code's, but 24 \+ 8 is 32; .* the code has 2 d/,
    ],
    [{ posterior: 'vonMisesFisher', prior: 'uniformSphere', latent: 1 }, /for which it needs at least 2 latents;/],
    [
      { posterior: 'gumbelSoftmax', prior: 'normalCategorical' },
      /needs 10 latents for its categories alone; .* has 2 d/,
    ],
    [
      { posterior: { type: 'gumbelSoftmax', categories: [1] } },
      /posterior\.categories\[0\]: expected at least 2, got 1/,
    ],
    [{ posterior: 'ifa' }, /posterior: expected one of: diagonalGaussian, .*Did you mean "iaf"\?/],
    [{ prior: { type: 'vamp', component: 3 } }, /prior: unknown field "component"\. Did you mean "components"\?/],
    [{ posterior: { type: 'iaf', steps: 0 } }, /posterior\.steps: expected at least 1, got 0/],
  ])('%j', (parts, text) => {
    expect(() => parseModel({ ...tiny, ...parts })).toThrow(text);
  });
});

it('names alone take the defaults, which the spec then holds', () => {
  const { posterior, prior } = vae({ ...tiny, posterior: { type: 'iaf', steps: 3 }, prior: 'realNvp' });
  expect(posterior).toEqual({ type: 'iaf', steps: 3, hidden: 128 });
  expect(prior).toEqual({ type: 'realNvp', layers: 6, hidden: 128 });
});

it('pseudo-inputs go through convolutions too', async () => {
  const model = buildModel(
    presets.conv.build({ input: [8, 8, 2], hidden: [2, 3], latent: 2, prior: { type: 'vamp', components: 3 } }),
  );
  await compareRuntimes(model.stepGraph());
  await compareRuntimes(model.priorGraph());
});

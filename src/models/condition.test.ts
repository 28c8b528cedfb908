// Conditional models: every condition with every posterior and the priors that differ in it; and what they say of x.

import { describe, expect, it } from 'vitest';
import { type Graph, graph } from '../graph/index.ts';
import { dense, flatten, RootScope, tanh } from '../nn/index.ts';
import { float32, int32, nodeRuntime } from '../runtime/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { Assembly } from './assembly.ts';
import {
  buildModel,
  type ConditionOptions,
  type Model,
  type ModelOptions,
  parseModel,
  posteriors,
  presets,
  TrainedVae,
  vae,
} from './index.ts';
import { compareRuntimes, feedsFor, plainSteps, toHost } from './testing.ts';

const conditions: readonly ConditionOptions[] = [
  { type: 'label', classes: 3, hidden: 4 },
  { type: 'attributes', width: 2, hidden: 4 },
  { type: 'semiSupervised', classes: 3, hidden: 4 },
];

const tiny: ModelOptions = {
  input: [2, 3, 2],
  latent: 2,
  encoder: [flatten(), dense(5), tanh()],
  decoder: [dense(5), tanh(), dense('output')],
};

const cases = conditions.flatMap(condition =>
  Object.values(posteriors).flatMap(({ type: posterior }) =>
    (['standardNormal', 'conditionalNormal'] as const).map(prior => ({ condition, posterior, prior })),
  ),
);

async function trained(model: Model): Promise<TrainedVae> {
  const feeds = toHost(model.stepGraph(), feedsFor(model.stepGraph(), 1, 0.9));
  const parameters = Object.fromEntries(model.parameters.map(({ name }) => [name, feeds[name]!]));
  return new TrainedVae(model, parameters as TrainedVae['parameters'], await nodeRuntime({ threads: 1 }));
}

/** What the spec's own checks say of a combination. */
function built(options: ModelOptions): Model | string {
  try {
    return buildModel(vae(options));
  } catch (error) {
    return (error as Error).message;
  }
}

describe.each(cases)('$condition.type, $posterior, $prior', ({ condition, posterior, prior }) => {
  const model = built({ ...tiny, condition, posterior, prior });
  if (typeof model === 'string') {
    it('is refused with the reason', () => {
      expect(model).toMatch(/^model spec: the (prior|posterior) "/);
    });
    return;
  }

  it('survives JSON, and is on ONNX Runtime what it is in the reference', async () => {
    expect(parseModel(JSON.parse(JSON.stringify(model.spec)))).toEqual(model.spec);
    const graphs = [model.stepGraph(), model.boundGraph(), model.scoreGraph(), model.encoderGraph()];
    graphs.push(model.decoderGraph(), model.reconstructGraph(), model.priorGraph());
    if (posteriors[posterior].density) graphs.push(model.importanceGraph());
    for (const each of graphs) await compareRuntimes(each);
  });

  it('learns: ten plain steps on one batch lower the loss', async () => {
    const { losses } = await plainSteps(model, 0.0001);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(losses.every(Number.isFinite)).toBe(true);
  });
});

describe('what is told', () => {
  const x = { dtype: 'uint8' as const, shape: [3, 2, 3, 2], data: Uint8Array.from({ length: 36 }, (_, i) => 7 * i) };
  const label = (...values: number[]) => int32(Int32Array.from(values), [values.length]);
  const told = [
    { condition: conditions[0]!, one: { label: label(0, 1, 2) }, other: { label: label(1, 1, 2) } },
    { condition: conditions[2]!, one: { label: label(0, 1, 2) }, other: { label: label(1, 1, 2) } },
    {
      condition: conditions[1]!,
      one: { attributes: float32(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]) },
      other: { attributes: float32(Float32Array.of(1, 3, 3, 4, 5, 6), [3, 2]) },
    },
  ];

  it.each(told)('changes codes and data of its row alone: $condition.type', async ({ condition, one, other }) => {
    const run = await trained(buildModel(vae({ ...tiny, condition, prior: 'conditionalNormal' })));
    const [a, b] = [
      (await run.run('encoder', { ...x, ...one })).mean!,
      (await run.run('encoder', { ...x, ...other })).mean!,
    ];
    expect(a.data.slice(2)).toEqual(b.data.slice(2));
    expect(a.data.slice(0, 2)).not.toEqual(b.data.slice(0, 2));
    expect(a).toMatchObject(one);
    const z = float32(Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), [3, 2]);
    const decoded = [await run.run('decoder', { ...z, ...one }), await run.run('decoder', { ...z, ...other })];
    expect(decoded[0]!.mean!.data.slice(12)).toEqual(decoded[1]!.mean!.data.slice(12));
    expect(decoded[0]!.mean!.data.slice(0, 12)).not.toEqual(decoded[1]!.mean!.data.slice(0, 12));
    await run.dispose();
  });

  it('is what drawn codes are decoded with: the class asked for, or each in turn', async () => {
    const run = await trained(buildModel(vae({ ...tiny, condition: conditions[0], prior: 'conditionalNormal' })));
    const inTurn = await run.drawLatents(700, { seed: 3 });
    expect([...inTurn.label!.data.slice(0, 5)]).toEqual([0, 1, 2, 0, 1]);
    const second = await run.drawLatents(4, { seed: 3, label: 1 });
    expect([...second.label!.data]).toEqual([1, 1, 1, 1]);
    // The prior is conditional too: the same noise, another normal.
    expect(second.data.slice(2, 4)).toEqual(inTurn.data.slice(2, 4));
    expect(second.data.slice(0, 2)).not.toEqual(inTurn.data.slice(0, 2));
    expect((await run.run('decoder', inTurn)).mean!.shape).toEqual([700, 2, 3, 2]);
    await run.dispose();
  });

  it.each([
    [0, {}, /conditional on the class of each row, one of 3, which these rows do not have; give data with labels/],
    [0, { label: label(0, 3, 1) }, /row 1: expected a class from 0 to 2, got 3/],
    [0, { label: label(0, 1, -1) }, /row 2: expected a class from 0 to 2, got -1/],
    [2, { label: label(0, -2, -1) }, /row 1: expected a class from 0 to 2, got -2/],
    [1, {}, /conditional on 2 attributes of each row, of which these 3 rows have none/],
    [1, { attributes: float32(new Float32Array(9), [3, 3]) }, /of which these 3 rows have \[3, 3\]/],
  ] as const)('has to be there and right: %i %j', async (which, given, text) => {
    const run = await trained(buildModel(vae({ ...tiny, condition: conditions[which] })));
    await expect(run.run('encoder', { ...x, ...given })).rejects.toThrow(text);
    await run.dispose();
  });

  it.each([
    [undefined, { label: 1 }, /label: the model is told nothing beside the code; leave it out/],
    [conditions[1], { label: 1 }, /label: the model is told a vector \(attributes\) beside the code/],
    [conditions[1], {}, /attributes: expected \[5, 2\] numbers, .*, got none/],
    [conditions[0], { label: 3 }, /label: expected a class from 0 to 2, got 3/],
  ] as const)('is refused where it has no use: %j %j', async (condition, options, text) => {
    const run = await trained(buildModel(vae({ ...tiny, ...(condition && { condition }) })));
    await expect(run.drawLatents(5, options)).rejects.toThrow(text);
    await run.dispose();
  });

  it.each([
    [
      { objective: 'iwae' },
      /objective "iwae" does not sum over classes that are not known; choose the objective "elbo"/,
    ],
    [{ prior: 'vamp' }, /"vamp" has no condition for its pseudo-inputs/],
    [{ condition: { type: 'label' } }, /condition\.classes/],
    [{ condition: { type: 'labels', classes: 3 } }, /Did you mean "label"\?/],
  ])('%j', (parts, text) => {
    expect(() => parseModel({ ...tiny, condition: conditions[2], ...parts })).toThrow(text);
  });
});

describe('a semi-supervised model', () => {
  const options: ModelOptions = { ...tiny, latent: 1, condition: { type: 'semiSupervised', classes: 3, hidden: 4 } };
  const model = buildModel(vae(options));
  const rows = 401;
  const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
  const grid = Array.from({ length: rows }, (_, i) => -8 + (16 * i) / (rows - 1));
  const weight = grid.map(v => (Math.exp(-0.5 * v * v) / Math.sqrt(2 * Math.PI)) * (16 / (rows - 1)));
  const x = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? 255 : 0));
  const feedsAt = (of: Graph) => ({
    ...feedsFor(of, rows, 0.9),
    x: { shape: [rows, 2, 3, 2], data: grid.flatMap(() => x) },
    // Every class of a row gets the row's point of the grid.
    'posterior.noise': { shape: [3 * rows, 1], data: grid.flatMap(v => [v, v, v]) },
  });

  it('has importance weights whose mean is p(x), summed over classes and integrated over codes', () => {
    const importance = model.importanceGraph();
    const { logWeight } = evaluateReference(importance, feedsAt(importance));
    const estimated = total(logWeight!.data.map((v, i) => Math.exp(v) * weight[i]!));
    const decoder = model.decoderGraph();
    const perClass = [0, 1, 2].map(label => {
      const { mean } = evaluateReference(decoder, {
        ...feedsFor(decoder, rows, 0.9),
        z: { shape: [rows, 1], data: grid },
        label: { shape: [rows], data: grid.map(() => label) },
      });
      const mass = (i: number): number =>
        x.reduce((p, value, j) => p * (value > 0 ? mean!.data[12 * i + j]! : 1 - mean!.data[12 * i + j]!), 1);
      return total(grid.map((_, i) => weight[i]! * mass(i)));
    });
    expect(estimated / (total(perClass) / 3)).toBeCloseTo(1, 6);
  });

  it('has the bound of equation 7 where classes are inferred, of equation 6 where they are given', () => {
    const assembly = new Assembly(model.spec, new RootScope({ training: false }));
    const { labels } = assembly.infer({ binarize: false, labels: 'ignored' });
    const each = labels!.each();
    const z = each.posterior.sample();
    const parts = graph({
      logits: labels!.logits,
      reconstruction: each.logLikelihood(z),
      kl: each.prior.kl(each.posterior, z),
    });
    const bound = model.boundGraph();
    const [{ logits, reconstruction, kl }, got] = [
      evaluateReference(parts, feedsAt(parts)),
      evaluateReference(bound, feedsAt(bound)),
    ];
    const q = (i: number): number[] => {
      const odds = [0, 1, 2].map(c => Math.exp(logits!.data[3 * i + c]!));
      return odds.map(o => o / total(odds));
    };
    const lower = (i: number, c: number): number =>
      -reconstruction!.data[3 * i + c]! + kl!.data[3 * i + c]! + Math.log(3);
    for (const i of [0, 100, 250]) {
      const expected = total(q(i).map((p, c) => p * (lower(i, c) + Math.log(p))));
      expect(got.negElbo!.data[i]).toBeCloseTo(expected, 8);
    }
    // Given classes: the training step of rows that are all labelled, with its cross-entropy.
    const step = model.stepGraph();
    const given = grid.map((_, i) => i % 3);
    const feeds = { ...feedsAt(step), label: { shape: [rows], data: given } };
    const { loss, reconstruction: first, kl: second } = evaluateReference(step, feeds);
    expect(first!.data[0]! + second!.data[0]!).toBeCloseTo(total(given.map((c, i) => lower(i, c))), 4);
    const crossEntropy = -total(given.map((c, i) => Math.log(q(i)[c]!)));
    expect(loss!.data[0]).toBeCloseTo(first!.data[0]! + second!.data[0]! + 50 * crossEntropy, 3);
    const unknown = evaluateReference(step, { ...feeds, label: { shape: [rows], data: given.map(() => -1) } });
    expect(unknown.loss!.data[0]).toBeCloseTo(total(got.negElbo!.data), 4);
  });

  it('gives codes the class that it finds likeliest, unless it is told', async () => {
    const run = await trained(model);
    const data = Uint8Array.from({ length: 36 }, (_, i) => (i < 12 ? x[i]! : 9 * i));
    const { mean, labelProbability } = await run.run('encoder', {
      ...{ dtype: 'uint8', shape: [3, 2, 3, 2], data },
      label: int32(Int32Array.of(-1, 2, -1), [3]),
    });
    const likeliest = (row: number): number => {
      const values = [...labelProbability!.data.slice(3 * row, 3 * row + 3)];
      return values.indexOf(Math.max(...values));
    };
    expect([...mean!.label!.data]).toEqual([likeliest(0), 2, likeliest(2)]);
    await run.dispose();
  });
});

it('convolutional models are conditional too', async () => {
  const condition = { type: 'label', classes: 3 } as const;
  const model = buildModel(presets.conv.build({ input: [8, 8, 2], hidden: [2, 3], latent: 2, condition }));
  await compareRuntimes(model.stepGraph());
});

// The likelihood of tables, held against the densities and masses of its columns written out in float64 and in the columns'
// own units; what is missing must count for nothing, exactly.

import { describe, expect, it } from 'vitest';
import { checkGradients, grad } from '../../autodiff/index.ts';
import type { Column } from '../../columns.ts';
import { graph, input, noisesOf } from '../../graph/index.ts';
import { columnEmbedding, dense, RootScope, relu, tanh } from '../../nn/index.ts';
import { sum } from '../../ops/index.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { evaluateReference, type ReferenceFeed } from '../../runtime/reference.ts';
import { buildModel } from '../build.ts';
import { presets } from '../presets/index.ts';
import { type ModelOptions, parseModel, vae } from '../spec.ts';
import { standardize } from '../table.ts';
import { feedsFor, toHost } from '../testing.ts';
import { expectationOf, held, totalOf } from './cases.ts';
import { likelihoodOf } from './index.ts';
import type { MixedLikelihood } from './mixed.ts';

// No two of a kind stand together, so that every kind is gathered from places apart.
const columns: readonly Column[] = [
  { name: 'city', type: 'categorical', categories: ['Bern', 'Rome', 'Oslo'] },
  { name: 'age', type: 'numeric', mean: 40, deviation: 12 },
  { name: 'smoker', type: 'binary' },
  { name: 'change', type: 'numeric', mean: -0.02, deviation: 0.005 },
  { name: 'kind', type: 'categorical', categories: 2 },
  { name: 'member', type: 'binary' },
];
const [nan, width] = [Number.NaN, columns.length];
const table = { shape: [width], dtype: 'float32', range: [0, 1], columns } as const;

const rows = [
  [2, 31, 1, -0.018, 0, 0],
  [0, 70, 0, -0.02, 1, 1],
  [nan, 44, nan, -0.031, 1, nan],
  [1, nan, 1, nan, nan, 0],
  [nan, nan, nan, nan, nan, nan],
];

const variances: readonly MixedLikelihood['variance'][] = ['learned', 'decoder'];
const logVars = [-1.2, 0.4];
const sigmoid = (y: number): number => 1 / (1 + Math.exp(-y));

/** A decoder's output by columns, and in the order in which the likelihood takes it: numeric, binary, categorical. */
interface Output {
  readonly city: readonly number[];
  readonly age: readonly number[];
  readonly smoker: number;
  readonly change: readonly number[];
  readonly kind: readonly number[];
  readonly member: number;
}
const outputs: readonly Output[] = rows.map((_, i) => ({
  city: [0.3 - i, 1.2, 0.45 * i],
  age: [0.5 - 0.3 * i, -0.4 + 0.2 * i],
  smoker: 1.5 - i,
  change: [-0.2 + 0.4 * i, 0.9 - 0.5 * i],
  kind: [0.1 * i, -0.7],
  member: 0.6 * i - 1,
}));
const flat = ({ city, age, smoker, change, kind, member }: Output, variance: MixedLikelihood['variance']): number[] => [
  ...[age[0]!, change[0]!],
  ...(variance === 'decoder' ? [age[1]!, change[1]!] : []),
  ...[smoker, member],
  ...city,
  ...kind,
];

/** log p of a row's column, in the column's own unit. */
function logProbOf(place: number, value: number, output: Output, variance: MixedLikelihood['variance']): number {
  const column = columns[place]!;
  const given = output[column.name as keyof Output];
  if (Number.isNaN(value)) return 0;
  if (column.type === 'binary') return Math.log(value === 1 ? sigmoid(given as number) : 1 - sigmoid(given as number));
  const numbers = given as readonly number[];
  if (column.type === 'categorical') {
    return numbers[value]! - Math.log(numbers.reduce((total, logit) => total + Math.exp(logit), 0));
  }
  const { mean = 0, deviation = 1 } = column;
  const logVar = held(variance === 'decoder' ? numbers[1]! : logVars[place === 1 ? 0 : 1]!, -12, 6);
  const spread = deviation * Math.exp(logVar / 2);
  return -0.5 * ((value - (mean + deviation * numbers[0]!)) / spread) ** 2 - Math.log(spread * Math.sqrt(2 * Math.PI));
}

describe.each(variances)('mixed, of a variance that is %s', variance => {
  const spec: MixedLikelihood = { type: 'mixed', variance };
  const definition = likelihoodOf(spec);
  const scope = new RootScope({ training: false });
  const likelihood = definition.build(spec, scope, table);
  const counts = definition.outputsPerChannel(spec, table) as readonly number[];
  const size = counts.reduce((a, b) => a + b);
  const [x, y] = [input('x', ['N', width]), input('output', ['N', size])];
  const seen = standardize(x, columns);
  const whole = graph({
    logProb: likelihood.logProb(seen, y),
    terms: likelihood.perDimension!(seen, y),
    mean: likelihood.mean(y),
  });
  const feedsOf = (
    values: readonly (readonly number[])[],
    output: readonly (readonly number[])[],
  ): Record<string, ReferenceFeed> => ({
    ...(variance === 'learned' && { logVar: { shape: [2], data: logVars } }),
    x: { shape: [values.length, width], data: values.flat() },
    output: { shape: [values.length, size], data: output.flat() },
  });
  const given = outputs.map(output => flat(output, variance));
  const feeds = feedsOf(rows, given);

  it('takes as many outputs as each column has parameters', () => {
    expect(counts).toEqual(variance === 'learned' ? [3, 1, 1, 1, 2, 1] : [3, 2, 1, 2, 2, 1]);
    expect(scope.parameters.map(({ name, shape }) => [name, shape])).toEqual(
      variance === 'learned' ? [['logVar', [2]]] : [],
    );
  });

  it('gives each column’s own log-probability, and their sum', () => {
    const { logProb, terms } = evaluateReference(whole, feeds);
    rows.forEach((row, i) => {
      const expected = row.map((value, place) => logProbOf(place, value, outputs[i]!, variance));
      expected.forEach((term, place) => {
        expect(terms!.data[i * width + place], `row ${i}, ${columns[place]!.name}`).toBeCloseTo(term, 9);
      });
      expect(logProb!.data[i]).toBeCloseTo(
        expected.reduce((a, b) => a + b),
        9,
      );
    });
  });

  it('sums or integrates to one over each column’s values, the others missing', () => {
    columns.forEach((column, place) => {
      const logProbs = (values: readonly number[]): ArrayLike<number> => {
        const hidden = values.map(value => columns.map((_, i) => (i === place ? value : nan)));
        const same = values.map(() => given[1]!);
        return evaluateReference(whole, feedsOf(hidden, same)).logProb!.data;
      };
      const { mean } = evaluateReference(whole, feedsOf([rows[1]!], [given[1]!]));
      const expected = mean!.data[place]!;
      if (column.type === 'numeric') {
        // In units of the deviation about the mean, of which the density is larger by the deviation.
        const { deviation = 1 } = column;
        const scaled = (units: readonly number[]): number[] =>
          Array.from(logProbs(units.map(unit => expected + deviation * unit)), value => value + Math.log(deviation));
        expect(totalOf('line', 0, scaled)).toBeCloseTo(1, 7);
        expect(expectationOf('line', 0, scaled)).toBeCloseTo(0, 7);
      } else {
        const values = Array.from({ length: column.type === 'binary' ? 2 : counts[place]! }, (_, k) => k);
        expect(totalOf(values, 0, logProbs)).toBeCloseTo(1, 12);
        if (column.type === 'binary') expect(expectationOf(values, 0, logProbs)).toBeCloseTo(expected, 12);
      }
    });
  });

  it('expects numbers in their own units, probabilities of 1, and the most likely category', () => {
    const { mean } = evaluateReference(whole, feeds);
    outputs.forEach(({ city, age, smoker, change, kind, member }, i) => {
      const row = [
        city.indexOf(Math.max(...city)),
        40 + 12 * age[0]!,
        sigmoid(smoker),
        -0.02 + 0.005 * change[0]!,
        kind.indexOf(Math.max(...kind)),
        sigmoid(member),
      ];
      row.forEach((value, place) => {
        expect(mean!.data[i * width + place]).toBeCloseTo(value, 10);
      });
    });
    expect(new Set(outputs.map((_, i) => mean!.data[i * width])).size).toBeGreaterThan(1);
  });

  it('has gradients that finite differences confirm, whatever is missing', () => {
    checkGradients(sum(likelihood.logProb(seen, y)), [y, ...scope.tensors], feeds);
    checkGradients(sum(likelihood.perDimension!(seen, y)), [y, ...scope.tensors], feeds);
  });

  it('counts what is missing for exactly nothing, and leaves the other terms as they are', () => {
    const [slope] = grad(sum(likelihood.logProb(seen, y)), [y]);
    const both = graph({ terms: likelihood.perDimension!(seen, y), slope: slope! });
    const full = evaluateReference(both, feedsOf([rows[0]!], [given[0]!]));
    columns.forEach((_, hidden) => {
      const row = rows[0]!.with(hidden, nan);
      const part = evaluateReference(both, feedsOf([row], [given[0]!]));
      const expected = Array.from(full.terms!.data).with(hidden, 0);
      expect(Array.from(part.terms!.data)).toEqual(expected);
      const still = Array.from(part.slope!.data, (value, i) => (value === full.slope!.data[i] ? 0 : 1));
      const changed = still.reduce<number>((a, b) => a + b, 0);
      expect(changed).toBe(counts[hidden]);
      expect(Array.from(part.slope!.data).filter((value, i) => still[i] === 1 && value !== 0)).toEqual([]);
    });
  });

  it('is in float32 on ONNX Runtime what it is in float64, and finite at saturated outputs', async () => {
    const slopes = grad(sum(likelihood.logProb(seen, y)), [y, ...scope.tensors]);
    const all = graph({ ...whole.outputs, ...Object.fromEntries(slopes.map((slope, i) => [`slope ${i}`, slope])) });
    const program = await (await nodeRuntime({ threads: 1 })).compile(all);
    const run = (values: Readonly<Record<string, ReferenceFeed>>) => program.run(toHost(all, values));
    const got = await run(feeds);
    for (const [name, { data }] of Object.entries(evaluateReference(all, feeds))) {
      data.forEach((value, i) => {
        const difference = Math.abs(Number(got[name]!.data[i]) - value) / Math.max(1, Math.abs(value));
        expect(difference, `${name}[${i}] = ${value}`).toBeLessThan(2e-5);
      });
    }
    const saturated = [-1e4, -60, 60, 1e4].map(first => given[0]!.map((_, i) => (i % 2 === 0 ? first : -0.5 * first)));
    const extreme = await run(
      feedsOf(
        saturated.flatMap(() => rows),
        saturated.flatMap(output => rows.map(() => output)),
      ),
    );
    for (const [name, { data }] of Object.entries(extreme)) {
      for (const value of data) expect(Number.isFinite(value), `${name}: ${value}`).toBe(true);
    }
    await program.dispose();
  });
});

const options: ModelOptions = {
  input: { shape: [width], columns },
  latent: 2,
  encoder: [columnEmbedding(), dense(6), tanh()],
  decoder: [dense(6), relu(), dense('output')],
};

describe('a model of a table', () => {
  const model = buildModel(vae(options));
  const withRows = (feeds: Record<string, ReferenceFeed>): Record<string, ReferenceFeed> => ({
    ...feeds,
    x: { shape: [rows.length, width], data: rows.flat() },
  });

  it('has the likelihood mixed unless told, which survives JSON', () => {
    const { spec } = model;
    expect(spec.likelihood).toEqual({ type: 'mixed', variance: 'learned' });
    expect(spec.input).toEqual({ shape: [width], dtype: 'float32', range: [0, 1], columns });
    expect(parseModel(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    expect(vae({ ...options, likelihood: { type: 'mixed', variance: 'decoder' } }).likelihood).toEqual({
      type: 'mixed',
      variance: 'decoder',
    });
    expect(likelihoodOf(spec.likelihood).measure('none')).toBe('mixed');
  });

  it('has gradients that finite differences confirm, missing values and all', () => {
    const step = model.stepGraph();
    const leaves = [...step.leaves.values()].filter(leaf => leaf.op.name === 'parameter');
    checkGradients(step.outputs.loss!, leaves, withRows(feedsFor(step, rows.length)));
  });

  it('lets no NaN into any result, and charges a row of which nothing is known for its KL alone', () => {
    const kinds = [
      'stepGraph',
      'boundGraph',
      'encoderGraph',
      'scoreGraph',
      'reconstructGraph',
      'importanceGraph',
    ] as const;
    for (const kind of kinds) {
      const one = model[kind]();
      for (const [name, { data }] of Object.entries(evaluateReference(one, withRows(feedsFor(one, rows.length))))) {
        for (const value of data) expect(Number.isFinite(value), `${kind} ${name}: ${value}`).toBe(true);
      }
    }
    const bound = model.boundGraph();
    const { reconstruction } = evaluateReference(bound, withRows(feedsFor(bound, rows.length)));
    expect(reconstruction!.data.at(-1)).toBe(-0);
    expect(reconstruction!.data[0]).not.toBe(0);
  });

  it('hides values from the encoder where they are masked in training, and from it alone', () => {
    const masked = buildModel(vae({ ...options, corruption: { type: 'mask', rate: 0.5 } }));
    const step = masked.stepGraph();
    expect(noisesOf(step).map(({ name }) => name)).toContain('corruption');
    expect(noisesOf(masked.boundGraph()).map(({ name }) => name)).not.toContain('corruption');
    const feeds = withRows(feedsFor(step, rows.length));
    const { loss, kl } = evaluateReference(step, feeds);
    const hidden = rows.flat().map((value, i) => (feeds.corruption!.data[i]! < 0.5 ? nan : value));
    const seen = evaluateReference(model.stepGraph(), { ...feeds, x: { ...feeds.x!, data: hidden } });
    const whole = evaluateReference(model.stepGraph(), feeds);
    expect(kl!.data[0]).toBe(seen.kl!.data[0]);
    expect(kl!.data[0]).not.toBe(whole.kl!.data[0]);
    expect(Number.isFinite(loss!.data[0])).toBe(true);
    expect(loss!.data[0]).not.toBe(seen.loss!.data[0]);
  });

  it('may be of any preset that says nothing of likelihood, prior or layers', () => {
    const input = { shape: [width], columns };
    for (const name of ['mlp', 'table', 'iwae', 'beta-vae', 'vae-iaf'] as const) {
      const { spec, stepGraph } = buildModel(presets[name].build({ input, latent: 3 }));
      expect(spec.likelihood.type).toBe('mixed');
      expect(stepGraph().outputs.loss!.shape).toEqual([]);
    }
    const own = presets.table.build();
    expect([own.latent, own.input.columns!.map(({ type }) => type)]).toEqual([8, ['numeric', 'binary', 'categorical']]);
  });
});

describe('what does not go with a table', () => {
  const age = columns[1]!;
  it.each<[object, string]>([
    [
      { likelihood: 'normal' },
      'the likelihood "normal" does not fit: it explains numbers of one kind that are all there',
    ],
    [
      { likelihood: 'mixed', input: [6] },
      'the likelihood "mixed" does not fit: it explains the columns of a table; give',
    ],
    [{ encoder: [dense(4)] }, 'encoder: expected the layer columnEmbedding first, which makes numbers of categories'],
    [{ encoder: [] }, 'got no layer.'],
    [{ prior: 'vamp' }, 'the prior "vamp" learns pseudo-inputs between 0 and 1, which rows of a table are not'],
    [{ corruption: { type: 'gaussian', deviation: 1 } }, 'would change the indices of categories; choose "mask"'],
    [{ binarization: 'dynamic' }, 'the likelihood "mixed" does not explain binarised pixels'],
    [
      { input: { shape: [5], columns } },
      'input: expected float32 rows [6], a number for each of the columns, got float32 [5]',
    ],
    [{ input: { shape: [6], dtype: 'uint8', columns } }, 'got uint8 [6]'],
    [{ input: { shape: [6], range: [0, 2], columns } }, 'input.range means nothing of a table'],
    [{ input: { shape: [2], columns: [age, age] } }, 'input.columns: expected each name once'],
    [{ input: { shape: [1], columns: [{ ...age, deviation: 0 }] } }, 'deviation: expected more than 0, got 0.'],
    [{ input: { shape: [1], columns: [{ ...age, type: 'numerical' }] } }, 'Did you mean "numeric"?'],
    [
      { input: { shape: [1], columns: [{ name: 'a', type: 'categorical', categories: ['x', 'x'] }] } },
      'each category once',
    ],
    [
      { input: { shape: [1], columns: [{ name: 'a', type: 'categorical', categories: 1 }] } },
      'categories: expected at least 2',
    ],
  ])('is refused with a reason: %j', (wrong, message) => {
    expect(() => parseModel({ ...options, ...wrong })).toThrow(message);
  });
});

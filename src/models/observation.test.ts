import { beforeAll, describe, expect, it } from 'vitest';
import { type Column, toPossible } from '../columns.ts';
import { float32, initializeParameters, layoutOf, nodeRuntime, viewsOf } from '../runtime/index.ts';
import { buildModel } from './build.ts';
import { presets } from './presets/index.ts';
import { vae } from './spec.ts';
import { TrainedVae } from './trained.ts';

const columns: readonly Column[] = [
  { name: 'city', type: 'categorical', categories: ['Bern', 'Rome', 'Oslo'] },
  { name: 'age', type: 'numeric', mean: 40, deviation: 12 },
  { name: 'smoker', type: 'binary' },
];
const count = 20_000;

/** One code, as often as asked for. */
const z = float32(
  Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 1.3 : -0.8)),
  [count, 2],
);

let model: TrainedVae;
beforeAll(async () => {
  const built = buildModel(presets.table.build({ input: { shape: [3], dtype: 'float32', columns }, latent: 2 }));
  const layout = layoutOf(built.parameters);
  const buffer = new Float32Array(layout.length);
  initializeParameters(layout, buffer, 5);
  model = new TrainedVae(built, viewsOf(layout, buffer), await nodeRuntime({ threads: 1 }));
});

describe('rows drawn from p(x|z)', () => {
  it('have the moments and the frequencies that the decoder says', async () => {
    const { x } = await model.run('observation', z, { seed: 4, step: 0 });
    const { output } = await model.run('output', { ...z, shape: [1, 2], data: z.data.subarray(0, 2) });
    // Numeric columns first (here the mean, and the log-variance in units of the deviation), then binary, then categorical.
    const { variance } = model.model.spec.likelihood as { readonly variance: string };
    const outputs = [...output!.data];
    const [center, logVar] =
      variance === 'decoder'
        ? [outputs[0]!, outputs[1]!]
        : [outputs[0]!, model.parameters['likelihood.logVar']!.data[0]!];
    const [yes, ...logits] = outputs.slice(variance === 'decoder' ? 2 : 1) as [number, ...number[]];
    const column = (place: number): number[] => Array.from({ length: count }, (_, i) => x!.data[3 * i + place]!);
    const ages = column(1);
    const mean = ages.reduce((a, b) => a + b, 0) / count;
    const deviation = Math.sqrt(ages.reduce((sum, age) => sum + (age - mean) ** 2, 0) / count);
    const expected = 12 * Math.exp(logVar / 2);
    expect(Math.abs(mean - (40 + 12 * center))).toBeLessThan((4 * expected) / Math.sqrt(count));
    expect(deviation / expected).toBeCloseTo(1, 1);
    const smokers = column(2);
    expect(new Set(smokers)).toEqual(new Set([0, 1]));
    const p = 1 / (1 + Math.exp(-yes));
    const error = (share: number): number => 4 * Math.sqrt((share * (1 - share)) / count);
    expect(Math.abs(smokers.reduce((a, b) => a + b, 0) / count - p)).toBeLessThan(error(p));
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    logits.forEach((logit, k) => {
      const share = Math.exp(logit) / total;
      expect(Math.abs(column(0).filter(value => value === k).length / count - share)).toBeLessThan(error(share));
    });
  });

  it('are a function of the seed, and of the row’s place in no other way than by its noise', async () => {
    const draw = async (seed: number) => (await model.run('observation', z, { seed, step: 0 })).x!.data;
    const first = await draw(1);
    expect(await draw(1)).toEqual(first);
    expect(await draw(2)).not.toEqual(first);
    const tail = { ...z, shape: [10, 2], data: z.data.subarray(0, 20) };
    const { x } = await model.run('observation', tail, { seed: 1, step: 0, firstRow: 700 });
    expect(x!.data).toEqual(first.slice(3 * 700, 3 * 710));
  });

  it('are refused where a likelihood cannot be drawn from', () => {
    const spec = vae({ ...presets.mlp.build({ input: [4, 4, 1] }), likelihood: 'msSsim' });
    expect(() => buildModel(spec).observationGraph()).toThrow('cannot be drawn from the likelihood "msSsim"');
  });
});

it('numbers that were made up become ones that could have been seen', () => {
  const limited: readonly Column[] = [
    { name: 'n', type: 'numeric', integer: true, min: 0, max: 9 },
    { name: 'x', type: 'numeric' },
  ];
  const values = Float32Array.of(3.6, 3.6, -2, -2, 11, 11, Number.NaN, 1);
  toPossible(values, limited);
  expect(values).toEqual(Float32Array.from([4, 3.6, 0, -2, 9, 11, Number.NaN, 1]));
});

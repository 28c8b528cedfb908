import { beforeAll, expect, test } from 'vitest';
import { arrayDataset, hostRows } from '../../data/index.ts';
import { encodeAll, evaluateBound, klPerDimension } from '../../evaluate/index.ts';
import { buildModel, presets, TrainedVae, vae } from '../../models/index.ts';
import { dense, flatten } from '../../nn/index.ts';
import { layoutOf, nodeRuntime, type Runtime, viewsOf } from '../../runtime/index.ts';
import { fit } from '../index.ts';
import { measure, sampleOf } from './index.ts';
import { bars } from './testing.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
});

test('the sample is spread over the rows', async () => {
  const { train, validation } = bars();
  const input = { shape: [6, 6, 1], dtype: 'uint8', range: [0, 255] } as const;
  const sample = await sampleOf(train, input);
  expect(sample.rows.shape).toEqual([256, 6, 6, 1]);
  const last = (await hostRows(train, 478, 479)).data;
  expect(sample.rows.data.slice(-36)).toEqual(last);
  expect(Array.from(sample.values.slice(-36))).toEqual(Array.from(last, value => value / 255));
  expect((await sampleOf(validation, input)).rows.shape[0]).toBe(validation.size);
});

test('figures agree with those of the whole model, computed row by row', async () => {
  const data = bars();
  const spec = presets.mlp.build({ input: [6, 6, 1], latent: 3, hidden: 16, likelihood: 'normal' });
  const { vae: model } = await fit(spec, data, {
    ...{ epochs: 15, batchSize: 16, runtime, doctor: 'off' },
    optimizer: { type: 'adam', learningRate: 0.01 },
  });
  const rows = data.validation.size;
  const found = await measure(model, await sampleOf(data.validation, spec.input));
  const codes = await encodeAll(model, data.validation);
  klPerDimension(codes)!.forEach((kl, j) => {
    expect(found.klPerDimension![j]).toBeCloseTo(kl, 2);
  });
  // The KL is in closed form, so the bound's is their sum.
  const { kl } = await evaluateBound(model, data.validation);
  expect(found.klPerDimension!.reduce((a, b) => a + b)).toBeCloseTo(kl, 1);
  const sorted = codes.logVar!.toSorted();
  expect(found.logVar![0]).toBeCloseTo(sorted[Math.floor(0.01 * (sorted.length - 1))]!, 3);
  expect(found.likelihoodLogVar).toBeCloseTo(model.parameters['likelihood.logVar']!.data[0]!, 3);

  const pixels = Array.from((await hostRows(data.validation, 0, rows)).data, value => value / 255);
  const { mean } = await model.run('reconstruct', await hostRows(data.validation, 0, rows));
  let [error, swapped, total] = [0, 0, 0];
  for (let pixel = 0; pixel < 36; pixel++) {
    const column = Array.from({ length: rows }, (_, i) => pixels[36 * i + pixel]!);
    const average = column.reduce((a, b) => a + b) / rows;
    column.forEach((x, i) => {
      total += (x - average) ** 2;
      error += (x - mean!.data[36 * i + pixel]!) ** 2;
      swapped += (x - mean!.data[36 * ((i + rows / 2) % rows) + pixel]!) ** 2;
    });
  }
  expect(found.explained).toBeCloseTo(1 - error / total, 3);
  expect(found.lostBySwap).toBeCloseTo((swapped - error) / total, 3);
  expect(found.explained).toBeGreaterThan(0.05);
});

test('a linear model whose code is the data explains all, and without it nothing', async () => {
  const model = vae({
    input: { shape: [2], dtype: 'float32', range: [-1, 3] },
    latent: 2,
    posterior: 'deterministic',
    encoder: [flatten()],
    decoder: [dense('output')],
    likelihood: { type: 'normal', variance: 'fixed', deviation: 1 },
  });
  const data = arrayDataset({
    name: 'square',
    data: Float32Array.from([-1, -1, 3, 3, 3, 3, -1, -1]),
    shape: [2],
    range: [-1, 3],
  });
  const built = buildModel(model);
  const layout = layoutOf(built.parameters);
  const parameters = viewsOf(layout, new Float32Array(layout.length));
  for (const { name, shape } of built.parameters) {
    if (shape.length === 2) parameters[name]!.data.set([1, 0, 0, 1]);
  }
  const trained = new TrainedVae(built, parameters, runtime);
  // Rows two apart are each other's opposite corner: each coordinate is off by 1 of a range whose variance is ¼.
  expect(await measure(trained, await sampleOf(data, model.input))).toMatchObject({
    explained: 1,
    lostBySwap: 4,
    meanVariances: [0.25, 0.25],
  });
  for (const { data: values } of Object.values(parameters)) values.fill(0);
  expect(await measure(trained, await sampleOf(data, model.input))).toMatchObject({
    explained: -1,
    lostBySwap: 0,
    meanVariances: [0, 0],
  });
});

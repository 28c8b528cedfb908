// The score taken apart by dimension: that it sums to the whole, and each part by its own formula.

import { describe, expect, it } from 'vitest';
import { columnEmbedding, dense, flatten, tanh } from '../nn/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { buildModel, type Model, type ModelOptions, vae } from './index.ts';
import { compareRuntimes, feedsFor } from './testing.ts';

const tiny: ModelOptions = {
  input: [2, 3, 2],
  latent: 2,
  encoder: [flatten(), dense(4), tanh()],
  decoder: [dense(4), tanh(), dense('output')],
};
const build = (options: Partial<ModelOptions> = {}): Model => buildModel(vae({ ...tiny, ...options }));

const columns = [
  { name: 'a', type: 'numeric', mean: 3, deviation: 2 },
  { name: 'b', type: 'binary' },
  { name: 'c', type: 'categorical', categories: 3 },
] as const;
const table = { shape: [3], dtype: 'float32', columns } as const;
/** Rows of the table, one with two values missing. */
const rows = { shape: [3, 3], data: [4.5, 1, 2, Number.NaN, 0, Number.NaN, -1, 1, 0] };

const models: readonly [string, Model, object][] = [
  ['bernoulli', build(), {}],
  ['normal', build({ likelihood: 'normal' }), {}],
  ['msSsim, which is no sum over pixels', build({ input: [8, 8, 1], likelihood: 'msSsim' }), {}],
  [
    'semi-supervised, an expectation over classes',
    build({ condition: { type: 'semiSupervised', classes: 3 } }),
    { label: { shape: [3], data: [-1, -1, -1] } },
  ],
  [
    'mixed, with missing values',
    build({ input: table, likelihood: 'mixed', encoder: [columnEmbedding(), dense(4), tanh()] }),
    { x: rows },
  ],
];

describe.each(models)('%s', (name, model, given) => {
  it('sums to the reconstruction term of the score, in the shape of the data', () => {
    const feeds = { ...feedsFor(model.scoreGraph(), 3), ...feedsFor(model.attributionGraph(), 3), ...given };
    const { terms, expected } = evaluateReference(model.attributionGraph(), feeds);
    const { reconstruction } = evaluateReference(model.scoreGraph(), feeds);
    const { shape } = model.spec.input;
    expect([terms!.shape, expected!.shape]).toEqual([
      [3, ...shape],
      [3, ...shape],
    ]);
    const width = shape.reduce((a, b) => a * b, 1);
    reconstruction!.data.forEach((whole, i) => {
      const sum = terms!.data.slice(i * width, (i + 1) * width).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(whole, 8);
    });
    const { mean } = evaluateReference(model.reconstructGraph(), feeds);
    expect([...expected!.data]).toEqual([...mean!.data]);
    if (name.startsWith('mixed')) expect([terms!.data[3]!, terms!.data[5]!].map(Math.abs)).toEqual([0, 0]);
  });
});

it('is the cross-entropy of each pixel, where the data have it', () => {
  const model = build();
  const feeds = feedsFor(model.attributionGraph(), 3);
  const { terms, expected } = evaluateReference(model.attributionGraph(), feeds);
  terms!.data.forEach((term, i) => {
    const [x, p] = [feeds.x!.data[i]! / 255, expected!.data[i]!];
    expect(term).toBeCloseTo(-x * Math.log(p) - (1 - x) * Math.log(1 - p), 10);
  });
});

it('is the same on ONNX Runtime', async () => {
  for (const model of [build(), build({ input: [8, 8, 1], likelihood: 'msSsim' })]) {
    await compareRuntimes(model.attributionGraph());
  }
});

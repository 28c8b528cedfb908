import { describe, expect, expectTypeOf, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { conv2d, dense, dropout, flatten, relu } from '../nn/index.ts';
import { buildModel, type ModelOptions, type ModelSpec, modelJsonSchema, parseModel, presets, vae } from './index.ts';

const options: ModelOptions = {
  input: [28, 28, 1],
  latent: 2,
  encoder: [flatten(), dense(8), relu()],
  decoder: [dense(8), relu(), dropout(0.1), dense('output')],
  likelihood: 'bernoulli',
  klWeight: 1,
};

const message = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof LatentkitError) return error.message;
    throw error;
  }
  throw new Error('expected an error');
};

describe('vae', () => {
  it('fills in what was left out', () => {
    const spec = vae(options);
    expectTypeOf(spec).toEqualTypeOf<ModelSpec>();
    expect(spec).toEqual({
      input: { shape: [28, 28, 1], dtype: 'uint8', range: [0, 255] },
      binarization: 'none',
      latent: 2,
      encoder: options.encoder,
      decoder: options.decoder,
      likelihood: { type: 'bernoulli' },
      posterior: { type: 'diagonalGaussian' },
      prior: { type: 'standardNormal' },
      objective: { type: 'elbo', klWeight: 1 },
    });
  });

  it('takes a vector as floats, the word normal as one learned variance, and an objective in full or part', () => {
    const objective = { klWarmup: { epochs: 10 }, freeBits: 0.1 };
    const spec = vae({ ...options, input: [7], encoder: [dense(8)], likelihood: 'normal', klWeight: 0.5, objective });
    expect(spec.input).toEqual({ shape: [7], dtype: 'float32', range: [0, 1] });
    expect(spec.likelihood).toEqual({ type: 'normal', variance: 'shared' });
    expect(spec.objective).toEqual({ type: 'elbo', klWeight: 0.5, ...objective });
    expect(vae({ ...options, input: { shape: [7], dtype: 'uint8' } }).input.range).toEqual([0, 255]);
  });

  it('survives JSON, and is options for itself', () => {
    for (const spec of [
      vae(options),
      presets.mlp.build({ likelihood: { type: 'normal', variance: 'perDimension' } }),
      presets.mlp.build({ likelihood: { type: 'normal', variance: 'fixed', deviation: 0.1 } }),
      presets.conv.build({ binarization: 'dynamic', objective: { klWarmup: { steps: 100, from: 0.1 } } }),
    ]) {
      expect(parseModel(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    }
  });

  it.each([
    [{ ...options, latnet: 2 }, 'model spec: unknown field "latnet". Did you mean "latent"?'],
    [{ ...options, latent: 0 }, 'model spec: latent: expected at least 1, got 0.'],
    [
      { ...options, likelihood: 'bernouli' },
      /likelihood: expected one of: bernoulli, continuousBernoulli, .* or an object, got "bernouli"\. Did you mean "bernoulli"\?$/,
    ],
    [
      { ...options, likelihood: { type: 'normal' } },
      'model spec: likelihood.variance: is missing; expected one of: fixed, shared, perDimension, optimal.',
    ],
    [
      { ...options, likelihood: { type: 'normal', variance: 'fixed' } },
      'model spec: likelihood.deviation: is missing; expected a number.',
    ],
    [
      { ...options, likelihood: { type: 'normal', variance: 'shared', deviation: 1 } },
      /likelihood: unknown field "deviation"\. Expected one of: type, variance\.$/,
    ],
    [
      { ...options, encoder: [{ type: 'dense', unit: 3, units: 3 }] },
      'model spec: encoder[0]: unknown field "unit". Did you mean "units"?',
    ],
    [
      { ...options, objective: { klwarmup: { epochs: 1 } } },
      'model spec: objective: unknown field "klwarmup". Did you mean "klWarmup"?',
    ],
    [
      { ...options, objective: { klWarmup: { epochs: 0 } } },
      'model spec: objective.klWarmup.epochs: expected more than 0, got 0.',
    ],
    [{ ...options, objective: { klWarmup: { from: 0.1 } } }, /objective\.klWarmup\.epochs: is missing/],
    [{ ...options, objective: { klWeight: 2 } }, /klWeight is given twice/],
    [
      { ...options, input: [28, 28, 1, 1] },
      'model spec: input: expected a list of at most 3 elements, got [28,28,1,1].',
    ],
    [
      { ...options, input: { shape: [3], range: [1, 1] } },
      /input\.range: expected \[low, high\] with low < high, got \[1, 1\]/,
    ],
    [
      { ...options, likelihood: 'normal', binarization: 'dynamic' },
      /"normal" does not explain binarised pixels .* "bernoulli"/,
    ],
    [
      { ...options, binarization: 'dinamic' },
      /binarization: expected one of: none, static, dynamic, got "dinamic"\. Did you mean "dynamic"\?/,
    ],
  ])('refuses what is wrong, naming it: case %#', (value, text) => {
    const found = message(() => parseModel(value));
    if (typeof text === 'string') expect(found).toBe(text);
    else expect(found).toMatch(text);
  });

  it('has a JSON Schema that knows the fields', () => {
    const schema = modelJsonSchema() as { properties: Record<string, unknown>; required: string[] };
    expect(Object.keys(schema.properties)).toContain('likelihood');
    expect(schema.required).toEqual(['input', 'latent', 'encoder', 'decoder']);
    expect(JSON.stringify(schema)).toContain('"convTranspose2d"');
  });
});

describe('layers that do not fit together', () => {
  it.each([
    [{ encoder: [dense(8)] }, /^encoder layer 1 \(dense\): expected a vector/],
    [{ encoder: [conv2d(4, { kernel: 29 })] }, /^encoder layer 1 \(conv2d\): .*kernel 29×29 does not fit 28×28/],
    [
      { encoder: [conv2d(4, { kernel: 3 })] },
      /^encoder: expected it to end in a vector, got \[4, 26, 26\]; end it with flatten\(\)/,
    ],
    [{ encoder: [flatten(), dense('output')] }, /^encoder layer 2 \(dense\): expected a number, got "output"/],
    [
      { decoder: [dense(100)] },
      /^decoder: expected it to end in \[1, 28, 28\] or a vector of 784 numbers, .* got \[100\]/,
    ],
    [{ decoder: [conv2d('output', { kernel: 3 })] }, /^decoder layer 1 \(conv2d\): expected an image/],
  ] satisfies [Partial<ModelOptions>, RegExp][])('are named: case %#', (parts, text) => {
    expect(message(() => buildModel(vae({ ...options, ...parts })))).toMatch(text);
  });
});

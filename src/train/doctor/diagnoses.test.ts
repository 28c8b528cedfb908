import { beforeAll, describe, expect, test } from 'vitest';
import { arrayDataset, type DataSplits } from '../../data/index.ts';
import { type ModelSpec, presets, vae } from '../../models/index.ts';
import { dense, flatten, relu } from '../../nn/index.ts';
import { philox4x32 } from '../../random/index.ts';
import { nodeRuntime, type Runtime } from '../../runtime/index.ts';
import type { FitOptions } from '../index.ts';
import { bars, said, someDigits, splits } from './testing.ts';

const data = bars();
const sizes = { input: [6, 6, 1], latent: 4, hidden: 16 };
const { mlp } = presets;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
});

/** A decoder whose units give zero for any code, and get no gradient. */
const deaf = {
  input: [6, 6, 1],
  latent: 8,
  encoder: [flatten(), dense(16), relu()],
  decoder: [dense(16, { initializer: 'zeros' }), relu(), dense('output')],
};

/** Numbers of which a few are a hundred times too large. */
function outliers(): DataSplits {
  const values = Float32Array.from({ length: 720 * 6 }, (_, i) => {
    const [draw] = philox4x32([i, 1, 0, 0], [5, 5]);
    return (draw / 2 ** 32) * (Math.floor(i / 6) % 30 === 0 ? 100 : 1);
  });
  return splits(arrayDataset({ name: 'outliers', data: values, shape: [6] }));
}

const others = {
  outliers,
  constant: () =>
    splits(arrayDataset({ name: 'constant', data: new Uint8Array(720 * 36).fill(100), shape: [6, 6, 1] })),
  mnist: someDigits,
};

interface Case {
  readonly spec: ModelSpec;
  readonly data?: keyof typeof others;
  readonly options?: FitOptions;
}

const noise = { type: 'normal', variance: 'fixed', deviation: 3 } as const;
const adam = (learningRate: number): FitOptions => ({ optimizer: { type: 'adam', learningRate } });

const sgd: FitOptions = { optimizer: { type: 'sgd', learningRate: 1 } };

const provoked: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  posteriorCollapse: {
    'a likelihood that takes all for noise': { spec: mlp.build({ ...sizes, likelihood: noise }), options: adam(0.005) },
    'of a flow': { spec: mlp.build({ ...sizes, likelihood: noise, posterior: 'planar' }), options: adam(0.005) },
  },
  overRegularization: { 'a KL weight of 100': { spec: mlp.build({ ...sizes, klWeight: 100 }) } },
  deadUnits: {
    'one long step': { spec: mlp.build(sizes), options: sgd },
  },
  ignoredCode: {
    'a decoder of dead units, under free bits': { spec: vae({ ...deaf, objective: { freeBits: 1 } }) },
    'a decoder of dead units, without a density': { spec: vae({ ...deaf, posterior: 'deterministic' }) },
  },
  learningRate: {
    'of Adam': { spec: mlp.build({ latent: 8, hidden: 64 }), data: 'mnist', options: adam(0.1) },
    'so that a loss is infinite': { spec: mlp.build(sizes), options: sgd },
  },
  explodingVariance: {
    'of the posterior': { spec: mlp.build({ latent: 8, hidden: 64 }), data: 'mnist', options: adam(0.1) },
    'of gradients, by data out of their range': {
      spec: mlp.build({ ...sizes, input: [6], likelihood: { ...noise, deviation: 0.1 } }),
      data: 'outliers',
    },
    'of the likelihood, which data that are all the same leave without a bound': {
      spec: mlp.build({ ...sizes, likelihood: { type: 'normal', variance: 'optimal' } }),
      data: 'constant',
      options: { ...adam(0.03), schedule: { type: 'cosine' }, batchSize: 4 },
    },
  },
};

describe.each(Object.entries(provoked))('%s', (name, cases) => {
  test.each(Object.entries(cases))('%s', async (_, { spec, data: other, options }) => {
    const given = other === undefined ? data : await others[other]();
    const batchSize = other === 'mnist' ? 64 : 8;
    const { notes, records } = await said(spec, given, runtime, { batchSize, ...options });
    const note = notes.find(({ diagnosis }) => diagnosis === name);
    expect(note).toMatchObject({ status: 'found', severity: 'warning' });
    expect(note!.seen + note!.why).not.toMatch(/NaN|undefined/);
    for (const value of Object.values(note!.evidence)) expect(value).toBeTypeOf('number');
    expect(note!.mends.length).toBeGreaterThan(0);
    // The same is in the records, whose lines are JSON.
    const lines: typeof records = JSON.parse(JSON.stringify(records));
    expect(lines.flatMap(record => record.doctor ?? [])).toEqual(JSON.parse(JSON.stringify(notes)));
  });
});

describe('says nothing of', () => {
  const healthy: Readonly<Record<string, Case>> = {
    'the preset mlp': { spec: mlp.build({ hidden: 64 }), data: 'mnist' },
    'a KL weight of 4, which is a choice': { spec: presets['beta-vae'].build({ hidden: 64 }), data: 'mnist' },
    'a capacity that begins to grow': { spec: presets['disentangled-beta-vae'].build({ hidden: 64 }), data: 'mnist' },
    'codes without a density': { spec: presets.ae.build({ hidden: 64 }), data: 'mnist' },
    'a warm-up': { spec: mlp.build({ hidden: 64, objective: { klWarmup: { epochs: 2 } } }), data: 'mnist' },
    'small data': { spec: mlp.build(sizes) },
    'a flow': { spec: mlp.build({ ...sizes, posterior: 'iaf' }) },
    'two levels': { spec: presets.lvae.build({ hidden: 64 }), data: 'mnist' },
    'a learned prior': { spec: mlp.build({ ...sizes, prior: 'vamp' }) },
    'a learned variance': { spec: mlp.build({ ...sizes, likelihood: 'normal' }) },
    'importance weights': { spec: presets.iwae.build(sizes) },
    'a discrepancy': { spec: presets['info-vae'].build(sizes) },
  };

  test.each(Object.entries(healthy))('%s', async (_, { spec, data: other }) => {
    const given = other === undefined ? data : await others[other]();
    const { notes, records } = await said(spec, given, runtime, { epochs: 3, batchSize: other === 'mnist' ? 64 : 8 });
    expect(notes).toEqual([]);
    expect(records.every(({ doctor }) => doctor === undefined)).toBe(true);
    expect(records[2]!.vitals!.explained!).toBeGreaterThan(records[0]!.vitals!.explained!);
  });
});

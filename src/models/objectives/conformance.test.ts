// What every objective must do. The cases are typed by the union of objectives, and their fields by the objective's: one
// that is missing does not compile.

import { describe, expect, it } from 'vitest';
import { checkGradients } from '../../autodiff/check.ts';
import { verify } from '../../graph/index.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import {
  type Model,
  type ModelOptions,
  type Objective,
  type ObjectiveOptions,
  objectiveScalarsAt,
  objectives,
  parseModel,
  vae,
} from '../index.ts';
import { type Posterior, posteriors } from '../posteriors/index.ts';
import { toHost } from '../testing.ts';
import { completeObjective } from './index.ts';
import { gradients, latent, modelWith, ofInference, rows, stepFeeds, values } from './testing.ts';

type Spec<T extends Objective['type']> = Extract<Objective, { readonly type: T }>;

interface Case<T extends Objective['type']> {
  /** The objective in full, as far as a test can tell its fields apart. */
  readonly spec: Spec<T>;
  /** For each field another value, which must change the step. */
  readonly other: { readonly [K in Exclude<keyof Spec<T>, 'type'>]-?: Spec<T>[K] };
  /** Further forms that are checked. */
  readonly also?: readonly Spec<T>[];
}

const cases: { readonly [T in Objective['type']]: Case<T> } = {
  elbo: {
    spec: { type: 'elbo', klWeight: 0.7, klWarmup: { steps: 10 }, freeBits: 0.2, freeBitsGroups: 1 },
    other: { klWeight: 2, klWarmup: { steps: 10, cycles: 3, hold: 0 }, freeBits: 3, freeBitsGroups: 2 },
    also: [{ type: 'elbo', klWeight: 1 }],
  },
  capacity: {
    spec: { type: 'capacity', weight: 3, capacity: { from: 0, to: 5, steps: 10 } },
    other: { weight: 4, capacity: { from: 0, to: 6, steps: 10 } },
  },
  jointCapacity: {
    spec: {
      type: 'jointCapacity',
      weight: 3,
      continuous: { from: 0, to: 5, steps: 10 },
      discrete: { from: 0, to: 0.5, steps: 10 },
    },
    other: { weight: 4, continuous: { from: 0, to: 6, steps: 10 }, discrete: { from: 0, to: 0.4, steps: 10 } },
  },
  betaTc: {
    spec: { type: 'betaTc', alpha: 0.5, beta: 3, gamma: 2, estimator: 'mws' },
    other: { alpha: 1, beta: 1, gamma: 1, estimator: 'mss' },
    also: [{ type: 'betaTc', alpha: 0.5, beta: 3, gamma: 2, estimator: 'mss' }],
  },
  dipVae: {
    spec: { type: 'dipVae', variant: 'I', klWeight: 1, offDiagonal: 3, diagonal: 2 },
    other: { variant: 'II', klWeight: 2, offDiagonal: 1, diagonal: 1 },
    also: [{ type: 'dipVae', variant: 'II', klWeight: 1, offDiagonal: 3, diagonal: 2 }],
  },
  infoVae: {
    spec: { type: 'infoVae', alpha: 0.3, lambda: 20, kernel: 'rbf', bandwidth: 1 },
    other: { alpha: 0, lambda: 10, kernel: 'imq', bandwidth: 2 },
    also: [{ type: 'infoVae', alpha: 1, lambda: 20, kernel: 'imq', bandwidth: 1 }],
  },
  wae: {
    spec: { type: 'wae', weight: 10, kernel: 'imq', bandwidth: 1 },
    other: { weight: 5, kernel: 'rbf', bandwidth: 2 },
    also: [{ type: 'wae', weight: 10, kernel: 'rbf', bandwidth: 1 }],
  },
  factorVae: {
    spec: { type: 'factorVae', gamma: 3, critic: { layers: 2, hidden: 4, learningRate: 1e-3 } },
    other: { gamma: 5, critic: { layers: 1, hidden: 4, learningRate: 1e-3 } },
  },
  aae: {
    spec: { type: 'aae', weight: 3, critic: { layers: 2, hidden: 4, learningRate: 1e-3 } },
    other: { weight: 5, critic: { layers: 2, hidden: 5, learningRate: 1e-3 } },
  },
  vaeGan: {
    spec: { type: 'vaeGan', gamma: 0.7, klWeight: 2, critic: { layers: 1, hidden: 4, learningRate: 1e-3 } },
    other: { gamma: 1, klWeight: 1, critic: { layers: 2, hidden: 4, learningRate: 1e-3 } },
  },
  iwae: {
    spec: { type: 'iwae', samples: 3, gradient: 'standard' },
    other: { samples: 4, gradient: 'dreg' },
    also: [
      { type: 'iwae', samples: 1, gradient: 'standard' },
      { type: 'iwae', samples: 3, gradient: 'dreg' },
    ],
  },
  miwae: { spec: { type: 'miwae', samples: 3, estimates: 2 }, other: { samples: 2, estimates: 3 } },
  ciwae: { spec: { type: 'ciwae', samples: 3, beta: 0.4 }, other: { samples: 2, beta: 0.6 } },
  rae: {
    spec: { type: 'rae', codeWeight: 0.7, penalty: 'l2', weight: 0.3 },
    other: { codeWeight: 1, penalty: 'gradient', weight: 0.1 },
    also: [{ type: 'rae', codeWeight: 0.7, penalty: 'gradient', weight: 0.3 }],
  },
  piwae: { spec: { type: 'piwae', samples: 3, estimates: 2 }, other: { samples: 2, estimates: 3 } },
};

/** Objectives whose gradient is on purpose not that of the loss they report; their own tests say what it is. */
const ownGradient = (spec: Objective): boolean =>
  spec.type === 'piwae' || 'critic' in spec || (spec.type === 'iwae' && spec.gradient === 'dreg');

/** What an objective needs of the model. */
const partsFor = (type: Objective['type']): Partial<ModelOptions> => {
  if (type === 'jointCapacity') return partsWith('gumbelSoftmax');
  return type === 'rae' ? { posterior: 'deterministic' } : {};
};

const modelOf = (spec: Objective): Model => modelWith(spec, partsFor(spec.type));

const forms = Object.values(cases).flatMap(({ spec, also = [] }): Objective[] => [spec, ...also]);

describe.each(forms.map(spec => [JSON.stringify(spec), spec] as const))('%s', (_, spec) => {
  const model = modelOf(spec);
  const step = model.stepGraph();
  const feeds = stepFeeds(model);

  it('is a legal graph, whose gradients finite differences confirm', () => {
    verify(step);
    if (ownGradient(spec)) return;
    const leaves = [...step.leaves.values()].filter(leaf => leaf.op.name === 'parameter');
    checkGradients(step.outputs.loss!, leaves, feeds, { elements: 12 });
  });

  it('reports the true terms of the bound, and is validated by it', () => {
    const plain = modelWith({ type: 'elbo' }, partsFor(spec.type));
    const [got, expected] = [values(step, feeds), values(plain.stepGraph(), { ...stepFeeds(plain) })];
    expect(got.kl![0]).toBeCloseTo(expected.kl![0]!, 10);
    if ((feeds['posterior.noise']?.shape[0] ?? rows) === rows) {
      expect(got.reconstruction![0]).toBeCloseTo(expected.reconstruction![0]!, 10);
    }
    const bound = stepFeeds(plain);
    expect(values(model.boundGraph(), bound)).toEqual(values(plain.boundGraph(), bound));
  });

  it('gives on ONNX Runtime what the reference gives, at ten steps, all finite', async () => {
    const program = await (await nodeRuntime({ threads: 1 })).compile(step);
    const host = toHost(step, feeds);
    const expected = values(step, feeds);
    for (let i = 0; i < 10; i++) {
      const out = await program.run(host);
      for (const { name } of model.parameters) {
        const gradient = out[`gradient/${name}`]!.data;
        gradient.forEach((g, j) => {
          host[name]!.data[j]! -= 0.001 * g;
        });
      }
      for (const [name, { data }] of Object.entries(out)) {
        expect(data.every(Number.isFinite), name).toBe(true);
        if (i > 0) continue;
        const scale = Math.max(1, ...expected[name]!.map(Math.abs));
        const worst = Math.max(...expected[name]!.map((value, j) => Math.abs(value - data[j]!)));
        expect(worst / scale, name).toBeLessThan(2e-5);
      }
    }
    await program.dispose();
  });

  it('survives JSON', () => {
    expect(parseModel(JSON.parse(JSON.stringify(model.spec)))).toEqual(model.spec);
    expect(model.spec.objective).toEqual(spec);
  });
});

describe.each(Object.keys(cases) as Objective['type'][])('%s', type => {
  const { spec, other } = cases[type];

  it.each(Object.entries(other))('changes with %s', (field, value) => {
    const changed = { ...spec, [field]: value } as Objective;
    const seen = (objective: Objective) => {
      const model = modelOf(objective);
      const { loss, ...rest } = values(model.stepGraph(), stepFeeds(model));
      const scalars = [0, 3, 7, 12, 25].map(step =>
        objectiveScalarsAt(objective, { step, stepsPerEpoch: 10, datasetSize: 40 }),
      );
      return { loss, gradients: gradients(rest), scalars };
    };
    expect(seen(changed)).not.toEqual(seen(spec));
  });

  it('has defaults, and is chosen by its name', () => {
    expect(completeObjective(type)).toEqual({ type, ...objectives[type].defaults });
    const model = modelWith({ type } as ObjectiveOptions, partsFor(type));
    expect(model.spec.objective).toEqual(completeObjective(type));
    verify(model.stepGraph());
    const own = model.parameters.filter(({ role }) => role === 'model');
    expect(own).toEqual(modelWith({ type: 'elbo' }, partsFor(type)).parameters);
    expect(model.parameters.some(({ name }) => ofInference(name))).toBe(true);
  });
});

describe('what does not go together', () => {
  const parts = { input: [4], latent, encoder: [], decoder: [] };

  it('is refused with a reason', () => {
    expect(() => vae({ ...parts, objective: 'iwae', klWeight: 2 })).toThrow(
      'model spec: klWeight: the objective "iwae" has no such weight, but samples, gradient; leave it out, or choose ' +
        'the objective "elbo".',
    );
    expect(() => vae({ ...parts, objective: { type: 'dipVae', klWeight: 1 }, klWeight: 2 })).toThrow(/given twice/);
    expect(vae({ ...parts, objective: 'dipVae', klWeight: 2 }).objective).toMatchObject({ klWeight: 2 });
    const wrong: object = { ...parts, objective: { type: 'iwae', sampels: 3 } };
    expect(() => parseModel(wrong)).toThrow(/objective: unknown field "sampels". Did you mean "samples"/);
    const unknown: object = { ...parts, objective: { type: 'iwea' } };
    expect(() => vae({ ...parts, objective: { freeBitsGroups: 2 } })).toThrow(/would do nothing without freeBits/);
    expect(() => vae({ ...parts, objective: 'rae' })).toThrow(
      'model spec: the objective "rae" is that of codes without noise, so it needs the posterior "deterministic"; the ' +
        'posterior is "diagonalGaussian". Choose another of the two.',
    );
    expect(() => parseModel(unknown)).toThrow(/objective\.type: expected one of: .*, got "iwea". Did you mean "iwae"/);
  });
});

/** The posterior of this type, and a prior that goes with it. */
function partsWith(type: Posterior['type']): Partial<ModelOptions> & { readonly posterior: Posterior } {
  const level = { latent: 1, hidden: 3 };
  if (type === 'ladder') return { posterior: { type, levels: [level, level] }, prior: 'ladder' };
  if (type === 'vonMisesFisher') return { posterior: { type }, prior: 'uniformSphere' };
  if (type === 'vectorQuantized') {
    const posterior = { type, codes: 3, width: 1, commitment: 0.3, decay: 0.9, revive: 0.1 } as const;
    return { posterior, prior: 'uniformCodes' };
  }
  if (type !== 'gumbelSoftmax') return { posterior: { type } as Posterior };
  return { posterior: { type, categories: [2], temperature: 0.7 }, prior: 'normalCategorical', latent: 4 };
}

describe('every objective with every posterior', () => {
  const pairs = (Object.keys(cases) as Objective['type'][]).flatMap(type =>
    (Object.keys(posteriors) as Posterior['type'][]).map(posterior => [type, posterior] as const),
  );

  it.each(pairs)('%s with %s builds a finite step, or is refused with a reason', (type, posterior) => {
    for (const objective of forms.filter(form => form.type === type)) {
      const parts = partsWith(posterior);
      const reason = objectives[type].refuse?.(objective as never, parts.posterior);
      if (reason !== undefined) {
        expect(() => modelWith(objective, parts)).toThrow(`model spec: the objective "${type}" ${reason}`);
        continue;
      }
      // Without a KL its weights are refused by the model, and the terms of the KL are one.
      if (type === 'elbo' && ['freeBits', 'klWarmup'].some(field => field in objective)) continue;
      const model = modelWith(objective, parts);
      const step = values(model.stepGraph(), stepFeeds(model));
      for (const [name, list] of Object.entries(step)) expect(list.every(Number.isFinite), name).toBe(true);
    }
  });
});

describe('RAE', () => {
  const parts = partsFor('rae');

  it('charges the squares of codes and of the decoder’s parameters alone', () => {
    const model = modelWith({ type: 'rae', codeWeight: 3, weight: 0.2 }, parts);
    const feeds = stepFeeds(model);
    const squares = (list: ArrayLike<number>) => Array.from(list, value => value ** 2).reduce((a, b) => a + b, 0);
    const { mean } = values(model.encoderGraph(), feeds);
    const decoder = model.parameters.filter(({ name }) => name.startsWith('decoder.'));
    const parameters = decoder.reduce((sum, { name }) => sum + squares(feeds[name]!.data), 0);
    const { loss, reconstruction } = values(model.stepGraph(), feeds);
    expect(loss![0]).toBeCloseTo(reconstruction![0]! + 1.5 * squares(mean!) + 0.2 * rows * parameters, 10);
  });

  it('charges the decoder’s slope along the direction drawn', () => {
    const model = modelWith({ type: 'rae', codeWeight: 0, penalty: 'gradient', weight: 0.2 }, parts);
    const feeds = stepFeeds(model);
    const { mean } = values(model.encoderGraph(), feeds);
    const direction = feeds['objective.direction']!.data;
    // The decoder's mean is a sigmoid of its output: the logit undoes it.
    const along = (z: readonly number[]) => {
      const y = values(model.decoderGraph(), { ...feeds, z: { shape: [rows, latent], data: z } }).mean!;
      const products = y.map((p, i) => Math.log(p / (1 - p)) * direction[i]!);
      return Array.from({ length: rows }, (_, n) => products.slice(4 * n, 4 * n + 4).reduce((a, b) => a + b, 0));
    };
    let squared = 0;
    for (let j = 0; j < latent; j++) {
      const [up, down] = [1e-5, -1e-5].map(h => along(mean!.map((value, i) => (i % latent === j ? value + h : value))));
      squared += up!.reduce((sum, value, n) => sum + ((value - down![n]!) / 2e-5) ** 2, 0);
    }
    const { loss, reconstruction } = values(model.stepGraph(), feeds);
    expect(squared).toBeGreaterThan(0.1);
    expect(loss![0]).toBeCloseTo(reconstruction![0]! + 0.2 * squared, 6);
  });
});

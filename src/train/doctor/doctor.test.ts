import { describe, expect, test } from 'vitest';
import { noteSentences, trainingSchema, type Vitals } from '../../artifact/index.ts';
import { type ModelSpec, presets } from '../../models/index.ts';
import { noFindings, type Patient, type Visit, visit } from './index.ts';

const vitals: Vitals = {
  rows: 100,
  meanVariances: [0.9, 0.8, 0.5, 0.2],
  logVar: [-4, 0.2],
  explained: 0.6,
  lostBySwap: 0.9,
  gradientNorm: { typical: 20, largest: 60 },
  spikes: 0,
  rollbacks: 0,
};

const mlp = presets.mlp.build({ latent: 4 });
const idle: Partial<Vitals> = { meanVariances: [0.002, 0.001, 0, 0.003], explained: 0, lostBySwap: 0 };

function patient(spec: ModelSpec, changed: Partial<Vitals> = {}, kl = 12, scalars: Patient['scalars'] = {}): Patient {
  return {
    spec,
    training: trainingSchema.parse({}),
    vitals: { ...vitals, ...changed },
    bound: { negElbo: 100 + kl, reconstruction: 100, kl, rows: 100 },
    scalars: 'klWeight' in spec.objective ? { klWeight: spec.objective.klWeight, ...scalars } : scalars,
    epochsLeft: 18,
    stepsPerEpoch: 100,
  };
}

/** What is said of patients at one epoch after another, of `steps` each. */
function course(patients: readonly Patient[], { fix = false, steps = 100 } = {}): Visit[] {
  const visits: Visit[] = [];
  for (const [i, one] of patients.entries()) {
    const state = visits.at(-1)?.state ?? noFindings;
    visits.push(visit(one, state, { epoch: i + 1, step: steps * (i + 1), fix }));
  }
  return visits;
}

const names = (visits: readonly Visit[]): string[][] =>
  visits.map(({ notes }) => notes.map(({ status, diagnosis }) => `${status} ${diagnosis}`));

describe('a visit', () => {
  const [ill, well] = [patient(mlp, idle, 0.02), patient(mlp)];

  test('tells a thing once it was seen twice, once, and once more that it is over', () => {
    expect(names(course([ill, ill, ill, well, ill, well, well, ill, ill], { steps: 10 }))).toEqual([
      [],
      ['found posteriorCollapse'],
      [],
      [],
      [],
      [],
      ['resolved posteriorCollapse'],
      [],
      ['found posteriorCollapse'],
    ]);
  });

  test('tells at once of a model that is past its beginning, and of what harms at once', () => {
    expect(names(course([ill], { steps: 200 }))).toEqual([['found posteriorCollapse']]);
    expect(names(course([patient(mlp, { spikes: 3 })]))).toEqual([['found learningRate']]);
  });

  test('tells in sentences what is seen, why, and what mends it', () => {
    const [note] = course([ill, ill])[1]!.notes;
    expect(noteSentences(note!)).toEqual([
      'Posterior collapse: 0 of 4 units are active and the KL is 0.02 nats: codes tell nothing of the data.',
      'A code costs its KL at once and pays only when the decoder has learned to read it, so the posterior gives up first.',
      'To mend it: --kl-warmup-epochs 9, or --free-bits 0.1.',
    ]);
    const [over] = course([ill, ill, well, well])[3]!.notes;
    expect(noteSentences(over!)).toEqual([
      'Posterior collapse is over: 4 of 4 units are active and the KL is 12.00 nats.',
    ]);
  });

  test('treats what can be treated, and says why it cannot otherwise', () => {
    const { notes, state } = course([ill, ill], { fix: true })[1]!;
    const treatment = {
      diagnosis: 'posteriorCollapse',
      epoch: 2,
      step: 200,
      restored: false,
      objective: { klWarmup: { epochs: 9 }, freeBits: 0.1 },
    };
    expect(notes[0]!.treatment).toEqual(treatment);
    expect(state.treatments).toEqual([treatment]);
    expect(noteSentences(notes[0]!).at(-1)).toBe('Mended after epoch 2: KL warmup of 9 epochs, free bits 0.1.');

    const iwae = patient(presets.iwae.build({ latent: 4 }), idle, 0.02);
    const refused = course([iwae, iwae], { fix: true })[1]!;
    expect(refused.state.treatments).toEqual([]);
    expect(noteSentences(refused.notes[0]!).at(-1)).toMatch(
      /^Nothing was changed: the objective "iwae" has none of these/,
    );
  });

  test('goes back to the epoch before where harm was done at once', () => {
    const { notes } = course([patient(mlp, { spikes: 5 })], { fix: true })[0]!;
    expect(notes[0]!.treatment).toMatchObject({ restored: true, optimizer: { learningRate: 0.00025 } });
    const outlying = { spikes: 5, gradientNorm: { typical: 23, largest: 900 } };
    expect(course([patient(mlp, outlying)])[0]!.notes[0]!.mends).toEqual(['--learning-rate 0.00025', '--clip-norm 20']);
  });
});

describe('what is a choice or no concern', () => {
  const twice = (one: Patient): string[] => names(course([one, one])).flat();
  const silent = (
    spec: ModelSpec,
    kl: number,
    changed: Partial<Vitals> = idle,
    scalars: Patient['scalars'] = {},
  ): string[] => twice(patient(spec, changed, kl, scalars));

  test('more pressure than the bound has, while anything is left of the data', () => {
    const heavy = presets.mlp.build({ latent: 4, klWeight: 8 });
    expect(silent(heavy, 0.1)).toEqual(['found overRegularization']);
    expect(silent(heavy, 0.1, { ...idle, explained: 0.2 })).toEqual([]);
    // A warm-up has not come so far yet.
    expect(
      silent(heavy, 3, { ...idle, meanVariances: vitals.meanVariances, lostBySwap: 0.5 }, { klWeight: 0.1 }),
    ).toEqual([]);
  });

  test('a capacity that allows no more, but not one that goes unused', () => {
    const capacity = presets['disentangled-beta-vae'].build({ latent: 4 });
    expect(silent(capacity, 0.05, { ...idle, meanVariances: [0.05, 0, 0, 0] }, { capacity: 0.06 })).toEqual([]);
    expect(silent(capacity, 0.05, idle, { capacity: 10 })).toEqual(['found posteriorCollapse']);
  });

  test('the KL of codes without a density', () => {
    const ae = presets.ae.build({ latent: 4 });
    expect(silent(ae, 0, { meanVariances: [0.005, 0.004, 0.001, 0.002] })).toEqual([]);
    expect(silent(ae, 0, { ...idle, meanVariances: [1e-5, 0, 0, 0] })).toEqual(['found deadUnits']);
  });

  test('few active units of many are noticed, and a level of its own is warned of', () => {
    const many = presets.mlp.build({ latent: 20 });
    const variances = (active: number): number[] => Array.from({ length: 20 }, (_, i) => (i < active ? 0.5 : 0.001));
    const few = patient(many, { meanVariances: variances(2) });
    expect(course([few, few])[1]!.notes[0]).toMatchObject({ diagnosis: 'posteriorCollapse', severity: 'notice' });
    expect(silent(many, 12, { meanVariances: variances(3) })).toEqual([]);

    // Of 24 + 8 dimensions the 8 of the top level stand first.
    const ladder = presets.lvae.build();
    const levels = patient(ladder, { meanVariances: Array.from({ length: 32 }, (_, i) => (i < 8 ? 0.001 : 0.5)) });
    const [note] = course([levels, levels])[1]!.notes;
    expect(note).toMatchObject({ diagnosis: 'posteriorCollapse', severity: 'warning' });
    expect(note!.seen).toBe('24 of 32 units are active and the KL is 12.00 nats, none of them in level 2');
  });

  test('on the sphere a dimension has less room', () => {
    const sphere = presets.svae.build({ latent: 200 });
    const meanVariances = new Array<number>(200).fill(1e-3);
    expect(silent(sphere, 0.4, { meanVariances })).toEqual([]);
    expect(silent(mlp, 0.4, { meanVariances: meanVariances.slice(0, 4) })).toEqual(['found posteriorCollapse']);
  });

  test('codes that do not differ yet, as long as they are not the same', () => {
    const [few, none] = [
      { ...idle, meanVariances: [1e-3, 8e-4, 0, 0] },
      { ...idle, meanVariances: [2e-5, 0, 0, 0] },
    ];
    expect(silent(mlp, 5, few)).toEqual([]);
    expect(silent(mlp, 5, none)).toEqual(['found deadUnits']);
    // Free bits hold the KL up.
    const free = presets.mlp.build({ latent: 4, objective: { freeBits: 1 } });
    expect(silent(free, 5, few)).toEqual(['found posteriorCollapse']);
  });
});

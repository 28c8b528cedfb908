// Every figure with its kind, and the ledger that keeps them.

import { beforeAll, describe, expect, it } from 'vitest';
import {
  type DoctorNote,
  type EpochRecord,
  ledgerPath,
  memoryFolder,
  parametersHash,
  readLedger,
  readMetrics,
  verifyRun,
  writeMetrics,
} from '../artifact/index.ts';
import { arrayDataset, type DataSplits, type FactorDataset, hostRows, split } from '../data/index.ts';
import {
  disentanglementScores,
  encodeAll,
  evaluateBound,
  type Figure,
  factoredCodes,
  rowNlls,
} from '../evaluate/index.ts';
import { type ModelOptions, presets } from '../models/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { fit, resume } from '../train/index.ts';
import { evaluate, inspect, type OpenedRun } from './index.ts';

const pixels = Uint8Array.from({ length: 300 * 64 }, (_, i) => ((i >> 6) * 37 + (i & 7) * 31 * ((i >> 6) % 3)) & 255);
const labels = { values: Uint8Array.from({ length: 300 }, (_, i) => i % 3) };
const data: DataSplits = split(arrayDataset({ name: 'patterns', data: pixels, shape: [8, 8, 1], labels }), {
  validation: 40,
  test: 60,
});

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
});

function note(diagnosis: string): DoctorNote {
  const words = { seen: 'seen', why: 'why', mends: ['--a'], evidence: {} };
  return { diagnosis, title: diagnosis, status: 'found', severity: 'warning', epoch: 1, ...words };
}

async function trained(parts: Partial<ModelOptions> = {}): Promise<OpenedRun> {
  const spec = presets.mlp.build({ ...parts, input: [8, 8, 1], latent: 3, hidden: 16 });
  return fit(spec, data, { epochs: 2, batchSize: 20, folder: memoryFolder(), runtime });
}

describe('evaluate', () => {
  it('gives each figure with all that it depends on', async () => {
    const run = await trained({ binarization: 'dynamic' });
    const result = await evaluate(run, { samples: 2, nll: 20, full: true, seed: 3 }, { data });
    const byName = new Map(result.figures.map(figure => [figure.name, figure]));
    expect([...byName.keys()]).toEqual([
      'negElbo',
      'reconstruction',
      'kl',
      'boundBitsPerDim',
      'activeUnits',
      'nll',
      'bitsPerDim',
      'mutualInformation',
      'marginalKl',
      'totalCorrelation',
      'aggregatedPosteriorMmd',
      'psnr',
      'ssim',
      'sampleFrechetDistance',
      'samplePrecision',
      'sampleRecall',
      'knnAccuracy',
      'linearAccuracy',
    ]);
    const same = {
      likelihood: 'bernoulli',
      measure: 'mass',
      binarization: 'dynamic',
      seed: 3,
      split: 'test',
      rows: 60,
    };
    for (const figure of result.figures) {
      expect(figure).toMatchObject({ ...same, data: 'patterns', fingerprint: data.test.fingerprint });
    }
    expect(byName.get('negElbo')).toMatchObject({ kind: 'bound', samples: 2, value: result.negElbo });
    const nlls = await rowNlls(run.vae, data.test, { samples: 20, seed: 3 });
    const nll = nlls.reduce((a, b) => a + b) / 60;
    expect(byName.get('nll')).toMatchObject({ kind: 'estimate', samples: 20, unit: 'nats per row' });
    expect(byName.get('nll')!.value).toBeCloseTo(nll, 10);
    expect(byName.get('bitsPerDim')!.value).toBeCloseTo(nll / 64 / Math.log(2), 10);
    expect(nll).toBeLessThan(result.negElbo);
    // Of other drawings of the pixels.
    expect(Math.abs(result.klPerDimension!.reduce((a, b) => a + b) / result.kl - 1)).toBeLessThan(0.1);
    expect(byName.get('knnAccuracy')!.value).toBeGreaterThan(0.5);
    expect(byName.get('sampleFrechetDistance')).toMatchObject({
      kind: 'estimate',
      features: expect.stringMatching(/^mnist-features:[0-9a-f]{8}$/),
    });
    expect(byName.get('aggregatedPosteriorMmd')).toMatchObject({ kind: 'estimate', rows: 60 });
    expect(byName.get('mutualInformation')!.value).toBeLessThan(Math.log(60));
  });

  it('says which sampler drew the samples', async () => {
    const by = async (sampler: ModelOptions['sampler']): Promise<Figure[]> => {
      const { figures } = await evaluate(await trained({ sampler }), { full: true }, { data });
      return figures.filter(({ name }) => name.startsWith('sample'));
    };
    const [prior, mixture] = [await by('prior'), await by({ type: 'gmm', components: 2 })];
    expect(prior.map(figure => figure.sampler)).toEqual(['prior', 'prior', 'prior']);
    expect(mixture.map(figure => figure.sampler)).toEqual(['gmm', 'gmm', 'gmm']);
    expect(mixture[0]!.value).not.toBe(prior[0]!.value);
  });

  it('gives no bits where the likelihood is no mass, and says what it is', async () => {
    for (const [parts, measure] of [
      [{}, 'pseudo'],
      [{ likelihood: 'normal' }, 'density'],
    ] as const) {
      const { figures, ...result } = await evaluate(await trained(parts), { nll: 2 }, { data });
      expect(result.measure).toBe(measure);
      expect(figures.map(({ name }) => name).filter(name => /bits/i.test(name))).toEqual([]);
    }
  });

  it('gives the standard error of the bound over rows', async () => {
    const run = await trained();
    const { figures, klPerDimension } = await evaluate(run, {}, { data });
    const { negElbo } = await run.vae.run('bound', await hostRows(data.test, 0, 60));
    const mean = negElbo!.data.reduce((a, b) => a + b) / 60;
    const variance = negElbo!.data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 59;
    expect(figures[0]!.standardError).toBeCloseTo(Math.sqrt(variance / 60), 5);
    const bound = await evaluateBound(run.vae, data.test);
    expect(figures[0]!.value).toBe(bound.negElbo);
    expect(klPerDimension!.reduce((a, b) => a + b)).toBeCloseTo(bound.kl, 5);
  });

  it('claims no bound, and refuses an estimate, where codes are deterministic', async () => {
    const run = await trained({ posterior: { type: 'deterministic' } });
    const [first, last] = (await readMetrics(run.folder!)) as [EpochRecord, EpochRecord];
    await writeMetrics(run.folder!, [{ ...first, doctor: [note('deadUnits'), note('ignoredCode')] }, last]);
    const { kind, figures, doctor } = await evaluate(run, { full: true }, { data });
    expect(kind).toBe('criterion');
    // With it, the last words of the doctor of training; what was taken back is none of them.
    expect(doctor).toEqual(['DeadUnits: seen. Why. To mend it: --a.', 'IgnoredCode: seen. Why. To mend it: --a.']);
    await writeMetrics(run.folder!, [
      { ...first, doctor: [note('deadUnits'), note('ignoredCode')] },
      { ...last, doctor: [{ ...note('deadUnits'), status: 'resolved' }] },
    ]);
    expect((await inspect(run)).doctor).toEqual(['IgnoredCode: seen. Why. To mend it: --a.']);
    expect(figures.filter(figure => figure.kind === 'bound')).toEqual([]);
    await expect(evaluate(run, { nll: true }, { data })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('"deterministic" has no density'),
    });
  });

  it('scores disentanglement where the true factors are known, and says why where they are not', async () => {
    // A bar's row and column, in the order of the rows, each picture thirty times with noise.
    const sizes = [4, 5] as const;
    const numbersOf = (row: number) => [Math.floor(row / 150), Math.floor(row / 30) % 5] as const;
    const bars = arrayDataset({
      name: 'bars',
      shape: [4, 5, 1],
      data: Uint8Array.from({ length: 600 * 20 }, (_, i) => {
        const [across, down] = numbersOf(Math.floor(i / 20));
        const lit = Math.floor((i % 20) / 5) === across || i % 5 === down;
        return (lit ? 200 : 0) + ((i * 7919) % 50);
      }),
      labels: { values: Uint8Array.from({ length: 600 }, (_, row) => numbersOf(row)[0]) },
      factors: sizes.map((size, k) => ({ name: `factor ${k}`, values: Array.from({ length: size }, (_, i) => i) })),
      readFactors: (rows, into) => into.set(Array.from(rows, numbersOf).flat()),
    });
    const spec = presets.mlp.build({ input: [4, 5, 1], latent: 3, hidden: 16 });
    const splits = split(bars, { validation: 100, test: 200 });
    const run = await fit(spec, splits, { epochs: 5, batchSize: 20, folder: memoryFolder(), runtime });
    const { figures } = await evaluate(run, { disentanglement: true, seed: 2 }, { data: splits });
    const scores = figures.slice(-7);
    const factored = factoredCodes(await encodeAll(run.vae, splits.test), splits.test as FactorDataset, { seed: 2 });
    expect(Object.fromEntries(scores.map(({ name, value }) => [name, value]))).toEqual(
      disentanglementScores(factored, { seed: 2 }),
    );
    const estimates = scores.filter(({ kind }) => kind === 'estimate').map(({ name }) => name);
    expect(estimates).toEqual([
      'dciDisentanglement',
      'dciCompleteness',
      'dciInformativeness',
      'factorVaeScore',
      'betaVaeScore',
    ]);
    for (const figure of scores) expect(figure).toMatchObject({ unit: '', rows: 200, split: 'test', seed: 2 });
    expect((await readLedger(run.folder!)).at(-1)!.figures).toEqual(figures);

    const full = await evaluate(run, { full: true, seed: 2 }, { data: splits });
    expect(full.figures.slice(-7)).toEqual(scores);

    await expect(evaluate(await trained(), { disentanglement: true }, { data })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(
        'disentanglement: expected data whose true factors are known, such as sprites; patterns',
      ),
    });
  });

  it('lets probes learn from rows of all classes, though these lie one after the other', async () => {
    const classOf = (row: number) => (row < 10_500 ? 0 : 1);
    const sorted = arrayDataset({
      name: 'sorted',
      shape: [2],
      data: Float32Array.from({ length: 2 * 12_600 }, (_, i) => classOf(i >> 1)),
      labels: { values: Uint8Array.from({ length: 12_600 }, (_, row) => classOf(row)) },
    });
    const splits = split(sorted, { validation: 10, test: 100 });
    const spec = presets.mlp.build({ input: [2], latent: 1, hidden: 2 });
    const run = await fit(spec, splits, { epochs: 1, batchSize: 1000, folder: memoryFolder(), runtime });
    const { figures } = await evaluate(run, { full: true }, { data: splits });
    expect(figures.find(({ name }) => name === 'knnAccuracy')!.value).toBe(1);
  });

  it('shares its progress among bound and estimate', async () => {
    const shares: number[] = [];
    await evaluate(await trained(), { samples: 2, nll: 2 }, { data, progress: share => shares.push(share) });
    expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
  });
});

describe('the ledger', () => {
  it('keeps each evaluation once, with the parameters that it is of, and leaves the run sound', async () => {
    const run = await trained();
    const first = await evaluate(run, {}, { data });
    expect(first.recorded).toBe(true);
    await evaluate(run, {}, { data });
    const second = await evaluate(run, { nll: 3 }, { data });
    const parameters = await parametersHash(run.folder!);
    expect(await readLedger(run.folder!)).toEqual([
      { parameters, figures: first.figures },
      { parameters, figures: second.figures },
    ]);
    expect((await verifyRun(run.folder!, runtime)).ok).toBe(true);
    expect((await evaluate({ config: run.config, vae: run.vae }, {}, { data })).recorded).toBe(false);
  });

  it('may grow after a run that has one was finished again', async () => {
    const { folder, ...run } = await trained();
    await evaluate({ ...run, folder }, {}, { data });
    const longer = await resume(folder!, { epochs: 3, data, runtime });
    await evaluate(longer, {}, { data });
    const [first, second] = await readLedger(folder!);
    expect(second!.parameters).not.toBe(first!.parameters);
    expect((await verifyRun(folder!, runtime)).ok).toBe(true);
  });

  it('says which line is damaged', async () => {
    const folder = memoryFolder();
    expect(await readLedger(folder)).toEqual([]);
    await folder.write(ledgerPath, '{"parameters":"a","figures":[]}\n{"parameters":');
    await expect(readLedger(folder)).rejects.toMatchObject({
      code: 'artifact',
      message: expect.stringMatching(/evaluations\.jsonl: line 2: expected an evaluation/),
    });
  });
});

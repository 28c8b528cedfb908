import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import {
  type EpochRecord,
  type Folder,
  memoryFolder,
  readCheckpoint,
  readMetrics,
  readParameters,
  verifyRun,
} from '../artifact/index.ts';
import { arrayDataset, type DataSplits, hostRows, subset } from '../data/index.ts';
import { evaluateBound } from '../evaluate/index.ts';
import { type ModelSpec, presets, vae } from '../models/index.ts';
import { batchNorm, dense, dropout, flatten, relu } from '../nn/index.ts';
import { philox4x32 } from '../random/index.ts';
import { nodeRuntime, type Program, type Runtime } from '../runtime/index.ts';
import { type FitOptions, fit, type Run, resume } from './index.ts';

const shape = [6, 6, 1];

/** Bars of light at a few places, the same at every call: enough structure for a bound that falls. */
function bars(rows: number): Uint8Array {
  const data = new Uint8Array(rows * 36);
  for (let row = 0; row < rows; row++) {
    const [where, brightness] = philox4x32([row, 0, 0, 0], [7, 7]);
    for (let i = 0; i < 6; i++) {
      const at = where & 1 ? ((where >>> 8) % 6) + 6 * i : ((where >>> 8) % 6) * 6 + i;
      data[row * 36 + at] = 128 + (brightness & 127);
    }
  }
  return data;
}

const all = arrayDataset({ name: 'bars', data: bars(480), shape });
const data: DataSplits = { train: subset(all, 0, 320), validation: subset(all, 320, 400), test: subset(all, 400, 480) };
const spec = presets.mlp.build({ input: shape, latent: 2, hidden: 16 });
const options = { epochs: 4, batchSize: 32, seed: 5, checkpointSeconds: 0 } satisfies FitOptions;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
});

async function parametersIn(folder: Folder): Promise<string> {
  return Buffer.from(await folder.read('model.safetensors')).toString('base64');
}

describe('fit', () => {
  test('trains, chooses by validation and reports on the test rows', async () => {
    const records: EpochRecord[] = [];
    const run = await fit(spec, data, { ...options, epochs: 8, runtime, onEpoch: record => void records.push(record) });
    expectTypeOf(run).toEqualTypeOf<Run>();
    expect(run.status).toBe('finished');
    expect(records).toEqual(run.records);
    expect(records).toHaveLength(8);
    const bounds = records.map(record => record.validation.negElbo);
    expect(bounds.at(-1)!).toBeLessThan(bounds[0]! - 2);
    const best = records.findLast(record => record.best)!;
    expect(best.validation.negElbo).toBe(Math.min(...bounds));
    expect(run.test!.negElbo).toBeCloseTo(run.test!.reconstruction + run.test!.kl, 4);
    expect(run.test!.rows).toBe(80);
    // The best parameters are kept, not the last ones: evaluating them again gives the best epoch's figure.
    const again = await fit(spec, data, { ...options, epochs: best.epoch, runtime });
    for (const [name, { data: values }] of Object.entries(run.vae.parameters)) {
      expect(again.vae.parameters[name]!.data).toEqual(values);
    }
  });

  test('the same seed gives the same bits, another seed others', async () => {
    const folders = [memoryFolder(), memoryFolder(), memoryFolder()] as const;
    await fit(spec, data, { ...options, runtime, folder: folders[0] });
    await fit(spec, data, { ...options, runtime, folder: folders[1] });
    await fit(spec, data, { ...options, seed: 6, runtime, folder: folders[2] });
    expect(await parametersIn(folders[0])).toBe(await parametersIn(folders[1]));
    expect(await parametersIn(folders[0])).not.toBe(await parametersIn(folders[2]));
  });

  test('leaves a run folder whose exported models give the golden outputs', async () => {
    const folder = memoryFolder();
    await fit(spec, data, { ...options, runtime, folder });
    expect(await folder.list()).toEqual([
      'README.md',
      'checkpoint/state.safetensors',
      'config.json',
      'golden.json',
      'images/learning-curves.png',
      'images/manifold.png',
      'images/reconstructions.png',
      'images/samples.png',
      'metrics.jsonl',
      'model.safetensors',
      'onnx/decoder_model.onnx',
      'onnx/encoder_model.onnx',
      'onnx/score_model.onnx',
    ]);
    const found = await verifyRun(folder, runtime);
    expect(found).toMatchObject({ ok: true, files: { missing: [], changed: [] } });
    const card = new TextDecoder().decode(await folder.read('README.md'));
    expect(card).toContain('320 training, 80 validation, 80 test rows');

    const model = await folder.read('onnx/decoder_model.onnx');
    model[model.length >> 1]! ^= 0x40;
    await folder.write('onnx/decoder_model.onnx', model);
    await folder.remove('images/samples.png');
    await folder.write('onnx/score_model.onnx', await folder.read('onnx/encoder_model.onnx'));
    const broken = await verifyRun(folder, runtime);
    expect(broken).toMatchObject({
      ok: false,
      files: { missing: ['images/samples.png'], changed: ['onnx/decoder_model.onnx', 'onnx/score_model.onnx'] },
    });
    expect(broken.models.map(({ model, ok }) => [model, ok])).toContainEqual(['score', false]);
  });

  test('early stopping keeps to its patience', async () => {
    const run = await fit(spec, data, {
      ...options,
      epochs: 60,
      patience: 2,
      optimizer: { type: 'adam', learningRate: 0.05 },
      runtime,
    });
    const best = run.records.findLast(record => record.best)!.epoch;
    expect(run.status).toBe('finished');
    expect(run.records).toHaveLength(best + 2);
  });

  test('the KL weight and its warm-up move the objective, not the bound that is reported', async () => {
    const objective = { klWeight: 3, klWarmup: { epochs: 2 } };
    const run = await fit(presets.mlp.build({ input: shape, latent: 2, hidden: 16, objective }), data, {
      ...options,
      runtime,
    });
    expect(run.records[0]!.klWeight).toBeLessThan(3);
    expect(run.records[3]!.klWeight).toBe(3);
    const { train, validation } = run.records[3]!;
    expect(train.loss).toBeCloseTo(train.reconstruction + 3 * train.kl, 2);
    expect(validation.negElbo).toBeCloseTo(validation.reconstruction + validation.kl, 6);
  });

  test('evaluates and keeps the moving average where the optimiser has one', async () => {
    const optimizer = { type: 'adam', ema: 0.9 } as const;
    const [plain, averaged] = [
      await fit(spec, data, { ...options, runtime }),
      await fit(spec, data, { ...options, optimizer, runtime }),
    ];
    expect(averaged.records[0]!.train).toEqual(plain.records[0]!.train);
    expect(averaged.records[0]!.validation.negElbo).not.toBe(plain.records[0]!.validation.negElbo);
    for (const run of [plain, averaged]) {
      const best = run.records.findLast(record => record.best)!;
      expect(await evaluateBound(run.vae, data.validation)).toEqual(best.validation);
    }
  });

  test.each<[string, Partial<FitOptions>, DataSplits, RegExp]>([
    [
      'rows of another shape',
      {},
      { ...data, test: subset(arrayDataset({ name: 't', data: bars(90), shape: [9, 4, 1] }), 0, 9) },
      /takes rows of uint8 \[6, 6, 1\].*\[9, 4, 1\]/,
    ],
    ['too few rows for a batch', { batchSize: 321 }, data, /one batch of 321 training rows, got 320/],
    ['a wrong option', { epochs: 0 }, data, /epochs/],
  ])('refuses %s', async (_, changed, splits, message) => {
    await expect(fit(spec, splits, { ...options, runtime, ...changed })).rejects.toThrow(message);
  });

  test('refuses a folder that holds a run', async () => {
    const folder = memoryFolder();
    await fit(spec, data, { ...options, epochs: 1, runtime, folder });
    await expect(fit(spec, data, { ...options, runtime, folder })).rejects.toThrow(/holds a run already/);
  });
});

/** A model with all that must be resumed: dropout noise, running statistics, warm-up, a moving average, a schedule. */
const intricate: ModelSpec = vae({
  input: shape,
  latent: 3,
  binarization: 'dynamic',
  encoder: [flatten(), dense(16), batchNorm(), relu(), dropout(0.2)],
  decoder: [dense(16), relu(), dense('output')],
  objective: { klWarmup: { epochs: 3 }, freeBits: 0.05 },
});
const intricateOptions: FitOptions = {
  ...options,
  optimizer: { type: 'adamw', ema: 0.95, clipNorm: 5 },
  schedule: { type: 'cosine', warmupSteps: 7 },
};

test('a step changes states without a gradient, and they are kept with the parameters', async () => {
  const folder = memoryFolder();
  const run = await fit(intricate, data, { ...intricateOptions, epochs: 2, runtime, folder });
  const running = run.vae.parameters['encoder.2.runningVariance']!.data;
  expect(running.every(v => v > 0 && v !== 1)).toBe(true);
  const kept = await readParameters(folder, run.vae.model);
  expect(kept['encoder.2.runningVariance']!.data).toEqual(running);
});

describe('a model that is told classes', () => {
  // Rows light up in the top or the bottom half, where the class says; how brightly, nothing says.
  const count = 480;
  const values = Uint8Array.from({ length: count }, (_, row) => philox4x32([row, 0, 0, 0], [3, 3])[0] & 1);
  const pixels = Uint8Array.from({ length: 36 * count }, (_, i) => {
    const row = Math.floor(i / 36);
    const top = i % 36 < 18;
    return top === (values[row] === 0) ? 100 + (philox4x32([row, 1, 0, 0], [3, 3])[0] & 127) : 0;
  });
  const halves = arrayDataset({ name: 'halves', data: pixels, shape, labels: { values } });
  const told: DataSplits = {
    train: subset(halves, 0, 320),
    validation: subset(halves, 320, 400),
    test: subset(halves, 400, 480),
  };
  const parts = { input: shape, latent: 2, hidden: 16 };
  const long = { ...options, epochs: 30, optimizer: { type: 'adam', learningRate: 5e-3 } } as const;

  test('draws what class it is asked for, and its folder is sound', async () => {
    const folder = memoryFolder();
    const spec = presets.cvae.build({ ...parts, condition: { type: 'label', classes: 2 } });
    const { vae } = await fit(spec, told, { ...long, runtime, folder });
    expect((await verifyRun(folder, runtime)).ok).toBe(true);
    for (const label of [0, 1]) {
      const { mean } = await vae.run('decoder', await vae.drawLatents(20, { label, seed: 4 }));
      const light = (half: number): number =>
        mean!.data.reduce((sum, v, i) => sum + (Math.floor((i % 36) / 18) === half ? v : 0), 0);
      expect(light(label)).toBeGreaterThan(10 * light(1 - label));
    }
  });

  test('classifies rows of which it was told hardly any, and is resumed to the same bits', async () => {
    const spec = presets.m2.build({ ...parts, condition: { type: 'semiSupervised', classes: 2 } });
    const [whole, pieces] = [memoryFolder(), memoryFolder()];
    const { vae } = await fit(spec, told, { ...long, labelled: 10, runtime, folder: whole });
    const { mean } = await vae.run('encoder', { ...(await hostRows(told.test, 0, 80)), label: undefined });
    const right = mean!.label!.data.filter((v, i) => v === told.test.labels!.values[i]).length;
    expect(right).toBeGreaterThan(76);
    const controller = new AbortController();
    let steps = 0;
    const stop = { signal: controller.signal, onStep: () => ++steps === 137 && controller.abort() };
    await fit(spec, told, { ...long, labelled: 10, runtime, folder: pieces, ...stop });
    await resume(pieces, { runtime, data: told });
    expect(await parametersIn(pieces)).toBe(await parametersIn(whole));
  });

  test('needs data that say them, and says so', async () => {
    const spec = presets.cvae.build({ ...parts, condition: { type: 'label', classes: 2 } });
    await expect(fit(spec, data, { ...options, runtime })).rejects.toThrow(
      /bars: the model is told the class of each row, from 0 to 1, the data have no labels/,
    );
    const three = {
      ...told,
      test: arrayDataset({ name: 'three', data: bars(3), shape, labels: { values: Uint8Array.of(0, 1, 2) } }),
    };
    await expect(fit(spec, three, { ...options, runtime })).rejects.toThrow(/three: .* the data have 3 classes/);
    await expect(fit(spec, told, { ...options, labelled: 5, runtime })).rejects.toThrow(
      /labelled: only a model that infers/,
    );
    const vector = presets.mlp.build({ ...parts, condition: { type: 'attributes', width: 3 } });
    await expect(fit(vector, told, { ...options, runtime })).rejects.toThrow(
      /is told 3 attributes of each row, the data have none/,
    );
  });
});

describe('resume', () => {
  test('stopped at every few steps and resumed each time, training comes to the same bits', async () => {
    const whole = memoryFolder();
    await fit(intricate, data, { ...intricateOptions, runtime, folder: whole });

    const pieces = memoryFolder();
    let sessions = 0;
    const stopAfter = (steps: number): Pick<FitOptions, 'signal' | 'onStep'> => {
      const controller = new AbortController();
      let taken = 0;
      return { signal: controller.signal, onStep: () => ++taken === steps && controller.abort() };
    };
    let run = await fit(intricate, data, { ...intricateOptions, runtime, folder: pieces, ...stopAfter(3) });
    while (run.status === 'interrupted') {
      sessions += 1;
      run = await resume(pieces, { runtime, data, ...stopAfter(3 + (sessions % 5)) });
    }
    expect(sessions).toBeGreaterThan(5);
    expect(await parametersIn(pieces)).toBe(await parametersIn(whole));
    const figures = async (folder: Folder) =>
      (await readMetrics(folder)).map(({ train, validation, best }) => ({ train, validation, best }));
    expect(await figures(pieces)).toEqual(await figures(whole));
  });

  test('an adversary and its optimiser are resumed too', async () => {
    const critic = { layers: 2, hidden: 8, learningRate: 1e-3 };
    const adversarial = presets['factor-vae'].build({
      input: shape,
      latent: 2,
      hidden: 16,
      objective: { type: 'factorVae', critic },
    });
    const [whole, pieces] = [memoryFolder(), memoryFolder()];
    const { vae: trained } = await fit(adversarial, data, { ...intricateOptions, runtime, folder: whole });
    const weights = (values: typeof trained.parameters) => [...values['objective.critic.0.weight']!.data];
    const { vae: started } = await fit(adversarial, data, { ...intricateOptions, epochs: 1, runtime });
    expect(weights(trained.parameters)).not.toEqual(weights(started.parameters));
    const controller = new AbortController();
    let steps = 0;
    const stop = { signal: controller.signal, onStep: () => ++steps === 17 && controller.abort() };
    await fit(adversarial, data, { ...intricateOptions, runtime, folder: pieces, ...stop });
    await resume(pieces, { runtime, data });
    expect(await parametersIn(pieces)).toBe(await parametersIn(whole));
  });

  test('killed without a word after any write, training comes to the same bits', async () => {
    const whole = memoryFolder();
    await fit(intricate, data, { ...intricateOptions, runtime, folder: whole });
    const total = await writesOf(folder => fit(intricate, data, { ...intricateOptions, runtime, folder }));
    for (const deadline of [1, 2, 5, Math.floor(total / 2), total - 6, total - 1]) {
      const folder = memoryFolder();
      await expect(
        fit(intricate, data, { ...intricateOptions, runtime, folder: killedAfter(folder, deadline) }),
      ).rejects.toThrow('killed');
      await resume(folder, { runtime, data });
      expect(await parametersIn(folder)).toBe(await parametersIn(whole));
      expect((await verifyRun(folder, runtime)).ok).toBe(true);
    }
  });

  test('goes on to more epochs, and refuses other data and damaged checkpoints', async () => {
    const folder = memoryFolder();
    await fit(spec, data, { ...options, epochs: 2, runtime, folder });
    const run = await resume(folder, { runtime, data, epochs: 4 });
    expect(run.records.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    const straight = memoryFolder();
    await fit(spec, data, { ...options, epochs: 4, runtime, folder: straight });
    expect(await parametersIn(folder)).toBe(await parametersIn(straight));

    await expect(resume(folder, { runtime, data: { ...data, train: subset(all, 1, 321) } })).rejects.toThrow(
      /train rows are not/,
    );
    const bytes = await folder.read('checkpoint/state.safetensors');
    bytes[bytes.length - 100]! ^= 1;
    await folder.write('checkpoint/state.safetensors', bytes);
    await expect(resume(folder, { runtime, data })).rejects.toThrow(/checkpoint is damaged/);
    await expect(resume(memoryFolder(), { runtime, data })).rejects.toThrow(/expected a run folder/);
  });
});

describe('a loss that is not finite', () => {
  test('rolls back to the last good state with half the learning rate, and goes on', async () => {
    const rollbacks: unknown[] = [];
    const run = await fit(spec, data, {
      ...options,
      runtime: withBadLoss(runtime, step => step === 14),
      onRollback: event => rollbacks.push(event),
    });
    expect(run.status).toBe('finished');
    expect(rollbacks).toEqual([
      { step: 14, loss: Number.NaN, epoch: 2, learningRateScale: 0.5, attempt: 1, attempts: 4 },
    ]);
    expect(run.records.map(record => record.learningRate)).toEqual([1e-3, 5e-4, 5e-4, 5e-4]);
  });

  test('so does a gradient that cannot be clipped because its norm is infinite', async () => {
    const rollbacks: unknown[] = [];
    const run = await fit(spec, data, {
      ...options,
      optimizer: { type: 'adam', clipNorm: 1 },
      runtime: withBad(runtime, 'gradient/posterior.bias', Number.POSITIVE_INFINITY, step => step === 14),
      onRollback: event => rollbacks.push(event),
    });
    expect(run.status).toBe('finished');
    expect(rollbacks).toMatchObject([{ step: 14, epoch: 2, attempt: 1 }]);
    expect(Number.isFinite(run.test!.negElbo)).toBe(true);
  });

  test('gives up after a few attempts, and the folder can still be read', async () => {
    const folder = memoryFolder();
    const broken = fit(spec, data, { ...options, folder, runtime: withBadLoss(runtime, step => step >= 14) });
    await expect(broken).rejects.toThrow(/the loss is NaN, after 4 attempts from the end of epoch 1/);
    expect((await readCheckpoint(folder))!.good.counters.epoch).toBe(1);
  });
});

function withBadLoss(inner: Runtime, bad: (step: number) => boolean): Runtime {
  return withBad(inner, 'loss', Number.NaN, bad);
}

/** A runtime whose training steps give a wrong number for an output where `bad` says so, counting steps from 1. */
function withBad(inner: Runtime, output: string, value: number, bad: (step: number) => boolean): Runtime {
  return {
    ...inner,
    async compile(graph) {
      const program = await inner.compile(graph);
      if (!('loss' in graph.outputs)) return program;
      let step = 0;
      const run: Program['run'] = async (feeds, into) => {
        const results = await program.run(feeds, into);
        if (bad(++step)) results[output]!.data[0] = value;
        return results;
      };
      return { inputs: program.inputs, outputs: program.outputs, run, dispose: () => program.dispose() };
    },
  };
}

/** A folder that lets so many writes through and then stands for a process that is gone. */
function killedAfter(folder: Folder, writes: number): Folder {
  let left = writes;
  return {
    ...folder,
    async write(path, content) {
      if (left-- <= 0) throw new Error('killed');
      await folder.write(path, content);
    },
  };
}

async function writesOf(action: (folder: Folder) => Promise<unknown>): Promise<number> {
  const folder = memoryFolder();
  let writes = 0;
  await action({
    ...folder,
    write: async (path, content) => {
      writes += 1;
      await folder.write(path, content);
    },
  });
  return writes;
}

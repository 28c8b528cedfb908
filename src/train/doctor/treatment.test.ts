import { beforeAll, describe, expect, test } from 'vitest';
import {
  type EpochRecord,
  type Folder,
  memoryFolder,
  readCheckpoint,
  readMetrics,
  trainingSchema,
} from '../../artifact/index.ts';
import { activeAbove } from '../../evaluate/index.ts';
import { presets } from '../../models/index.ts';
import { nodeRuntime, type Runtime } from '../../runtime/index.ts';
import { type FitOptions, fit, resume } from '../index.ts';
import { treated } from './index.ts';
import { bars, said, someDigits } from './testing.ts';

const data = bars();
const sizes = { input: [6, 6, 1], latent: 4, hidden: 16 };
/** A likelihood under which bars are noise. */
const collapsing = presets.mlp.build({ ...sizes, likelihood: { type: 'normal', variance: 'fixed', deviation: 3 } });
const options = {
  epochs: 8,
  batchSize: 8,
  optimizer: { type: 'adam', learningRate: 0.005 },
  checkpointSeconds: 0,
} satisfies FitOptions;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
});

const active = ({ vitals }: EpochRecord): number => vitals!.meanVariances.filter(x => x > activeAbove).length;

async function bitsIn(folder: Folder): Promise<string> {
  return Buffer.from(await folder.read('model.safetensors')).toString('base64');
}

describe('fix', () => {
  test('of a collapse leaves more active units than without, and says so', async () => {
    const [watched, mended] = [
      await said(collapsing, data, runtime, { ...options, doctor: 'watch' }),
      await said(collapsing, data, runtime, { ...options, doctor: 'fix' }),
    ];
    expect(active(watched.records.at(-1)!)).toBe(0);
    expect(active(mended.records.at(-1)!)).toBeGreaterThan(2);
    const [found, resolved] = mended.notes;
    expect(mended.notes).toHaveLength(2);
    expect(found).toMatchObject({ status: 'found', epoch: 2, treatment: { objective: { freeBits: 0.1 } } });
    expect(resolved).toMatchObject({ status: 'resolved', diagnosis: 'posteriorCollapse' });
    // The same training until then, and a warm-up that begins after it.
    expect(mended.records.slice(0, 2).map(({ train }) => train)).toEqual(watched.records.slice(0, 2).map(r => r.train));
    expect(mended.records.map(({ klWeight }) => klWeight)).toEqual([1, 1, 1 / 3, 2 / 3, 1, 1, 1, 1]);
  });

  test('of too high a learning rate goes back to the epoch before, with a lower one', async () => {
    const spec = presets.mlp.build({ latent: 8, hidden: 64 });
    const diverging: FitOptions = { epochs: 4, batchSize: 64, optimizer: { type: 'adam', learningRate: 0.1 } };
    const digits = await someDigits();
    const [watched, mended] = [
      await said(spec, digits, runtime, diverging),
      await said(spec, digits, runtime, { ...diverging, doctor: 'fix' }),
    ];
    const told = mended.notes.filter(({ status }) => status === 'found').map(({ diagnosis }) => diagnosis);
    expect(told).toEqual(['learningRate', 'explodingVariance']);
    expect(mended.notes[0]).toMatchObject({ treatment: { restored: true, optimizer: { learningRate: 0.025 } } });
    expect(mended.records.map(({ learningRate }) => learningRate)).toEqual([0.1, 0.025, 0.025, 0.025]);
    expect(watched.records[3]!.vitals!.explained).toBeLessThan(0.1);
    expect(mended.records[3]!.vitals!.explained).toBeGreaterThan(0.2);
  });

  test('stopped at every few steps and resumed, or killed after any write, training comes to the same bits', async () => {
    const fixing: FitOptions = { ...options, epochs: 3, doctor: 'fix' };
    const whole = memoryFolder();
    await fit(collapsing, data, { ...fixing, checkpointSeconds: 30, runtime, folder: whole });
    const figures = async (folder: Folder): Promise<unknown[]> =>
      (await readMetrics(folder)).map(({ train, validation, vitals, doctor }) => ({
        train,
        validation,
        vitals,
        doctor,
      }));
    const [bits, told] = [await bitsIn(whole), await figures(whole)];
    expect((await readCheckpoint(whole))!.current.counters.doctor.treatments).toHaveLength(1);

    const pieces = memoryFolder();
    const stop = (steps: number): Pick<FitOptions, 'signal' | 'onStep'> => {
      const controller = new AbortController();
      let taken = 0;
      return { signal: controller.signal, onStep: () => ++taken === steps && controller.abort() };
    };
    let run = await fit(collapsing, data, { ...fixing, runtime, folder: pieces, ...stop(50) });
    for (let i = 0; run.status === 'interrupted'; i++) {
      run = await resume(pieces, { runtime, data, ...stop(41 + 7 * (i % 4)) });
    }
    expect(await bitsIn(pieces)).toBe(bits);
    expect(await figures(pieces)).toEqual(told);

    // An epoch's end writes parameters, metrics and checkpoint; the second one is that of the treatment.
    for (const deadline of [4, 5, 6, 7, 8]) {
      const folder = memoryFolder();
      await expect(
        fit(collapsing, data, { ...fixing, checkpointSeconds: 30, runtime, folder: killedAfter(folder, deadline) }),
      ).rejects.toThrow('killed');
      await resume(folder, { runtime, data });
      expect(await bitsIn(folder)).toBe(bits);
      expect(await figures(folder)).toEqual(told);
    }
  });

  test('is told by the card, and leaves the config as it was asked for', async () => {
    const folder = memoryFolder();
    const run = await fit(collapsing, data, { ...options, epochs: 3, doctor: 'fix', runtime, folder });
    const card = new TextDecoder().decode(await folder.read('README.md'));
    expect(card).toContain('## What the doctor of training said\n\n- Epoch 2: Posterior collapse: 0 of 4 units');
    expect(card).toContain('Mended after epoch 2: KL warmup of 1 epoch, free bits 0.1.');
    expect(run.config.model.objective).toEqual({ type: 'elbo', klWeight: 1 });
    expect(run.config.training.doctor).toBe('fix');
  });
});

test('watching changes no bit, and without a doctor nothing is measured', async () => {
  const [watched, off] = [memoryFolder(), memoryFolder()];
  await fit(collapsing, data, { ...options, epochs: 2, runtime, folder: watched });
  await fit(collapsing, data, { ...options, epochs: 2, runtime, folder: off, doctor: 'off' });
  expect(await bitsIn(watched)).toBe(await bitsIn(off));
  expect((await readMetrics(watched)).map(({ doctor }) => doctor?.length)).toEqual([undefined, 1]);
  for (const record of await readMetrics(off)) {
    expect(record).not.toHaveProperty('vitals');
    expect(record).not.toHaveProperty('doctor');
  }
});

test('later treatments lie over earlier ones, and courses count from the last one that changed the objective', () => {
  const about = { diagnosis: 'any', epoch: 1, restored: false };
  const training = trainingSchema.parse({ optimizer: { type: 'adam', ema: 0.9, clipNorm: 5 } });
  const course = treated(collapsing, training, [
    { ...about, step: 10, objective: { klWarmup: { epochs: 2 } }, optimizer: { learningRate: 0.5 } },
    { ...about, step: 20, objective: { freeBits: 0.1 } },
    { ...about, step: 30, optimizer: { learningRate: 0.25 } },
  ]);
  expect(course.spec).toEqual({
    ...collapsing,
    objective: { type: 'elbo', klWeight: 1, klWarmup: { epochs: 2 }, freeBits: 0.1 },
  });
  expect(course.training).toEqual({ ...training, optimizer: { ...training.optimizer, learningRate: 0.25 } });
  expect(course.since).toBe(20);
  expect(treated(collapsing, training, [])).toEqual({ spec: collapsing, training, since: 0 });
});

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

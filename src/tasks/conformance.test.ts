// What every task must be, whatever it does: described in full, checked at its input and its output, repeatable, and
// independent of how its model was opened. A new task is tested by being listed.

import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { memoryFolder } from '../artifact/index.ts';
import { arrayDataset, binarize, type DataSplits, hostRows, split, tableDataset, tableInput } from '../data/index.ts';
import { presets } from '../models/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { fit } from '../train/index.ts';
import {
  defineTask,
  type Generated,
  generate,
  load,
  type OpenedRun,
  type Task,
  type TaskName,
  tasks,
} from './index.ts';
import { summaries } from './summaries.ts';

const pixels = Uint8Array.from({ length: 200 * 64 }, (_, i) => ((i >> 6) * 37 + (i & 7) * 31 * ((i >> 6) % 3)) & 255);
const labels = { values: Uint8Array.from({ length: 200 }, (_, i) => i % 3), names: ['a', 'b', 'c'] };
const data: DataSplits = split(arrayDataset({ name: 'patterns', data: pixels, shape: [8, 8, 1], labels }), {
  validation: 40,
  test: 40,
});

interface Case {
  /** An input that is not the default one. */
  readonly given: object;
  /** What the task cannot do without. */
  readonly always?: object;
  /** A wrong input, and the error that it must give. */
  readonly wrong: object;
  readonly error: RegExp;
  /** The data, where others will not do. */
  readonly data?: DataSplits;
  /** Whether it is asked of a model of a table. */
  readonly ofTable?: true;
}

const blackAndWhite: DataSplits = {
  train: binarize(data.train, 0),
  validation: binarize(data.validation, 0),
  test: binarize(data.test, 0),
};
/** Two columns that depend on each other, one of which is sometimes missing. */
const table: DataSplits = split(
  tableDataset({
    columns: [
      { name: 'height', type: 'numeric', min: 0, max: 20 },
      { name: 'kind', type: 'categorical', categories: ['a', 'b'] },
    ],
    rows: Array.from({ length: 200 }, (_, i) => ({
      height: i % 7 === 0 ? null : (i * 37) % 20,
      kind: (i * 37) % 20 < 9 ? 'a' : 'b',
    })),
  }),
  { validation: 40, test: 40 },
);
const compressed: string = join(tmpdir(), `latentkit-conformance-${process.pid}.lkz`);

const cases: Readonly<Record<TaskName, Case>> = {
  evaluate: {
    given: { split: 'validation', samples: 3, seed: 4 },
    wrong: { sampels: 3 },
    error: /Did you mean "samples"/,
  },
  generate: { given: { count: 5, seed: 2, temperature: 0.5 }, wrong: { count: 0 }, error: /generate: count: expected/ },
  reconstruct: {
    given: { split: 'train', start: 7, count: 3 },
    wrong: { start: -1 },
    error: /start: expected at least 0/,
  },
  interpolate: {
    given: { from: [3], to: [9], steps: 4 },
    wrong: { from: [1, 2], to: [3] },
    error: /as many rows in "to"/,
  },
  walk: { given: { rows: [3, 1, 5], steps: 4 }, wrong: { rows: [1] }, error: /walk: rows: expected/ },
  traverse: {
    given: { axes: 'principal', row: 2, count: 2, steps: 3 },
    wrong: { axes: 'all' },
    error: /traverse: axes: expected/,
  },
  complete: {
    given: { count: 3, box: [0, 0, 0.5, 0.5], random: 0.2, method: 'gibbs', chains: 3, draws: 4, seed: 2 },
    wrong: { half: 'lower' },
    error: /complete: half: expected/,
  },
  transfer: { given: { rows: [2], from: 0, to: 1 }, wrong: { rows: [] }, error: /transfer: rows: expected/ },
  neighbours: { given: { query: [3], count: 2 }, wrong: { count: 0 }, error: /neighbours: count: expected/ },
  duplicates: { given: { threshold: 0.5, count: 3 }, wrong: { falseAlarmRate: 1 }, error: /falseAlarmRate: expected/ },
  map: { given: { method: 'pca', count: 20 }, wrong: { method: 'mds' }, error: /map: method: expected/ },
  detect: {
    given: { score: 'negElbo', contamination: 0.1, every: true, normal: ['a'], limit: 3 },
    wrong: { score: 'negElbow' },
    error: /score: expected one of: .* Did you mean "negElbo"/,
  },
  embed: { given: { split: 'train', logVar: true }, wrong: { split: 'tset' }, error: /Did you mean "test"/ },
  impute: { given: { multiple: 2, seed: 3 }, wrong: { multiple: -1 }, error: /multiple: expected/, ofTable: true },
  fidelity: { given: { rows: 20, seed: 1 }, wrong: { rows: 1 }, error: /fidelity: rows: expected/, ofTable: true },
  denoise: {
    given: { noise: 'saltAndPepper', level: 0.2, start: 3, count: 2 },
    wrong: { level: 0 },
    error: /denoise: level: expected/,
  },
  compress: {
    given: { split: 'train', verify: false },
    wrong: { verify: 'no' },
    error: /compress: verify: expected/,
    data: blackAndWhite,
  },
  decompress: { always: { file: compressed }, given: {}, wrong: { file: '' }, error: /decompress: file: expected/ },
  export: { given: {}, wrong: { out: 'x' }, error: /export: unknown field "out"/ },
  verify: { given: {}, wrong: { strict: true }, error: /unknown field "strict"/ },
  inspect: { given: {}, wrong: { all: 1 }, error: /unknown field "all"/ },
};

let runtime: Runtime;
let trained: OpenedRun;
let opened: OpenedRun;
let ofTable: OpenedRun;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
  const folder = memoryFolder();
  const spec = presets.mlp.build({ input: [8, 8, 1], latent: 3, hidden: 16 });
  trained = await fit(spec, data, { epochs: 1, batchSize: 30, folder, runtime });
  opened = await load(folder, { runtime });
  const tableSpec = presets.table.build({ input: tableInput(table.train), latent: 2, hidden: 8 });
  ofTable = await fit(tableSpec, table, { epochs: 1, batchSize: 30, runtime });
  await writeFile(compressed, (await tasks.compress(opened, {}, { data: blackAndWhite })).file);
});
afterAll(() => rm(compressed, { force: true }));

/** The tasks, with the types of their inputs and outputs forgotten. */
const all = Object.entries(tasks) as unknown as [TaskName, Task<object, object>][];

it('are all listed, under their own names', () => {
  expect(all.map(([name]) => name).sort()).toEqual(Object.keys(summaries).sort());
});

describe.each(all)('%s', (name, task) => {
  it('is described for every face', () => {
    expect([task.name, task.summary]).toEqual([name, summaries[name]]);
    expect(task.example.startsWith(`${name} runs/`)).toBe(true);
    const schema = z.toJSONSchema(task.input, { io: 'input' });
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    for (const [field, property] of Object.entries(schema.properties ?? {})) {
      expect(property, field).toHaveProperty('description');
    }
    expect(schema.required ?? []).toEqual([]);
    expect(z.toJSONSchema(task.output, { unrepresentable: 'any' }).type).toBe('object');
  });

  it('gives what it says, the same each time, by defaults and otherwise', async () => {
    const { always, given, ofTable: tabular, data: own = tabular ? table : data } = cases[name];
    for (const input of [always, { ...always, ...given }]) {
      const result = await task(tabular ? ofTable : opened, input, { data: own });
      expect(task.output.parse(result)).toEqual(result);
      expect(await task(tabular ? ofTable : opened, input, { data: own })).toEqual(result);
      expect(await task(tabular ? ofTable : trained, input, { data: own })).toEqual(result);
    }
  });

  it('refuses a wrong input', async () => {
    await expect(task(opened, cases[name].wrong, { data })).rejects.toMatchObject({
      code: 'spec',
      message: expect.stringMatching(cases[name].error),
    });
  });
});

describe('tasks', () => {
  it('tell their progress up to the end', async () => {
    const shares: number[] = [];
    await tasks.evaluate(opened, { samples: 4 }, { data, progress: share => shares.push(share) });
    expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('end when they are told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    for (const task of [tasks.evaluate, tasks.embed, tasks.generate]) {
      await expect(task(opened, {}, { data, signal })).rejects.toThrow('enough');
    }
  });

  it('agree with each other and with the model', async () => {
    const { codes, images } = await tasks.interpolate(opened, { from: [0], to: [1], steps: 3 }, { data });
    const { mean } = await tasks.embed(opened, {}, { data });
    expect(codes.data.subarray(0, 3)).toEqual(mean.data.subarray(0, 3));
    expect([...codes.data.subarray(6, 9)]).toEqual([...mean.data.subarray(3, 6)].map(v => expect.closeTo(v, 6)));
    const { originals, reconstructions, score } = await tasks.reconstruct(opened, { count: 2 }, { data });
    expect([...images.data.subarray(0, 64)]).toEqual(
      [...reconstructions.data.subarray(0, 64)].map(v => expect.closeTo(v, 5)),
    );
    const rows = await hostRows(data.test, 0, 2);
    expect([...originals.data]).toEqual(Array.from(rows.data, v => Math.fround(v / 255)));
    expect(score.data).toEqual((await opened.vae.run('score', rows)).score!.data);
  });

  it('give the labels of the data with the codes', async () => {
    const { labels, labelNames } = await tasks.embed(opened, {}, { data });
    expect([...labels!.data]).toEqual([...data.test.labels!.values]);
    expect(labelNames).toEqual(['a', 'b', 'c']);
  });

  it('average the bound over draws', async () => {
    const first = await tasks.evaluate(opened, { seed: 6 }, { data });
    const second = await tasks.evaluate(opened, { seed: 7 }, { data });
    const both = await tasks.evaluate(opened, { seed: 6, samples: 2 }, { data });
    expect(first.reconstruction).not.toBe(second.reconstruction);
    expect(both.negElbo).toBeCloseTo((first.negElbo + second.negElbo) / 2, 8);
    expect(both).toMatchObject({ kind: 'bound', likelihood: 'bernoulli', binarization: 'none', rows: 40, samples: 2 });
  });

  it('ask for data where the run cannot load them, and for a folder where they need one', async () => {
    await expect(tasks.evaluate(opened)).rejects.toMatchObject({ code: 'data' });
    const { config, vae } = opened;
    await expect(tasks.verify({ config, vae })).rejects.toMatchObject({ code: 'usage' });
    expect((await generate({ config, vae }, { count: 1 })).samples.shape).toEqual([1, 8, 8, 1]);
  });

  it('are typed by their definitions', () => {
    expectTypeOf(generate).returns.resolves.toEqualTypeOf<Generated>();
    // @ts-expect-error: a field that the task does not have
    void (() => generate(opened, { number: 3 }));
    const doubled = defineTask({
      name: 'inspect',
      summary: 'twice a number',
      example: 'inspect runs/x',
      input: z.strictObject({ value: z.number().default(2) }),
      output: z.object({ twice: z.number() }),
      run: async (_, { value }) => ({ twice: 2 * value }),
    });
    expectTypeOf(doubled).parameter(1).toEqualTypeOf<{ value?: number | undefined } | undefined>();
    expectTypeOf(doubled).returns.resolves.toEqualTypeOf<{ twice: number }>();
  });
});

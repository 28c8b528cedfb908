// Like beside like: what is ranked, what is refused with a reason, and what the ledger spares.

import { beforeAll, describe, expect, it } from 'vitest';
import { appendToLedger, memoryFolder, parametersHash, readLedger } from '../artifact/index.ts';
import { arrayDataset, type DataSplits, split } from '../data/index.ts';
import type { Figure } from '../evaluate/index.ts';
import { type ModelOptions, presets } from '../models/index.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { fit } from '../train/index.ts';
import { type Contender, compare, evaluate, type OpenedRun } from './index.ts';

const pixels = Uint8Array.from({ length: 200 * 64 }, (_, i) => ((i >> 6) * 37 + (i & 7) * 31 * ((i >> 6) % 3)) & 255);
const dataset = arrayDataset({ name: 'patterns', data: pixels, shape: [8, 8, 1] });
const data: DataSplits = split(dataset, { validation: 40, test: 60 });

let runtime: Runtime;
let short: OpenedRun;
let long: OpenedRun;
let normal: OpenedRun;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
  [short, long] = [await trained(1), await trained(12)];
  normal = await trained(1, { likelihood: 'normal' });
});

async function trained(epochs: number, parts: Partial<ModelOptions> = {}): Promise<OpenedRun> {
  const spec = presets.mlp.build({ ...parts, input: [8, 8, 1], latent: 3, hidden: 16 });
  return fit(spec, data, { epochs, batchSize: 20, folder: memoryFolder(), runtime });
}

const named = (runs: Readonly<Record<string, OpenedRun>>): Contender[] =>
  Object.entries(runs).map(([name, run]) => ({ name, run }));

describe('compare', () => {
  it('ranks like figures, computing the bound where the ledger lacks it', async () => {
    const { columns, unlike } = await compare(named({ short, long }), {}, { data });
    expect(unlike).toEqual([]);
    const bound = columns.find(({ name }) => name === 'negElbo')!;
    const [first, second] = [await evaluate(long, {}, { data }), await evaluate(short, {}, { data })];
    expect(bound.entries).toMatchObject([
      { run: 'long', value: first.negElbo, rank: 1 },
      { run: 'short', value: second.negElbo, rank: 2 },
    ]);
    // A KL is neither good nor bad.
    expect(columns.find(({ name }) => name === 'kl')!.entries.map(({ rank }) => rank)).toEqual([undefined, undefined]);
    expect(await readLedger(short.folder!)).toHaveLength(1);
  });

  it('refuses to rank unlike figures, and says in what they differ', async () => {
    const { columns, unlike } = await compare(named({ short, long, normal }), {}, { data });
    const bounds = columns.filter(({ name }) => name === 'negElbo');
    expect(bounds.map(({ entries }) => entries.map(({ run }) => run))).toEqual([['long', 'short'], ['normal']]);
    expect(bounds[1]!.entries[0]).not.toHaveProperty('rank');
    const differences = [
      { condition: 'likelihood', values: ['bernoulli', 'normal'] },
      { condition: 'measure', values: ['pseudo', 'density'] },
    ];
    expect(unlike).toEqual([
      { name: 'negElbo', runs: ['short', 'normal'], differences },
      { name: 'negElbo', runs: ['long', 'normal'], differences },
    ]);
  });

  it('keeps estimates of different K apart, and makes the one that is asked for', async () => {
    const [a, b] = [await trained(1), await trained(2)];
    await evaluate(a, { nll: 5 }, { data });
    await evaluate(b, { nll: 7 }, { data });
    const { columns, unlike } = await compare(named({ a, b }), {}, { data });
    expect(columns.filter(({ name }) => name === 'nll').map(({ of }) => of.samples)).toEqual([5, 7]);
    const differences = [{ condition: 'samples', values: ['5', '7'] }];
    expect(unlike).toEqual([{ name: 'nll', runs: ['a', 'b'], differences }]);
    const asked = await compare(named({ a, b }), { nll: 5 }, { data });
    const column = asked.columns.find(({ name, of }) => name === 'nll' && of.samples === 5)!;
    expect(column.entries.map(({ rank }) => rank)).toEqual([1, 2]);
    expect(asked.unlike).toEqual([]);
  });

  it('does not take bounds on different rows for one, nor figures of earlier parameters', async () => {
    const run = await trained(1);
    const { figures } = await evaluate(run, {}, { data });
    const forged = figures.map((figure): Figure => ({ ...figure, value: 0 }));
    await appendToLedger(run.folder!, { parameters: 'of before', figures: forged });
    const other = await trained(1);
    const elsewhere = figures.map((figure): Figure => ({ ...figure, fingerprint: 'another', rows: 61 }));
    await appendToLedger(other.folder!, { parameters: await parametersHash(other.folder!), figures: elsewhere });
    const { columns, unlike } = await compare(named({ run, other }), {}, { data });
    expect(columns.flatMap(({ entries }) => entries.map(({ value }) => value))).not.toContain(0);
    expect(unlike[0]!.differences.map(({ condition }) => condition)).toEqual(['rows', 'fingerprint']);
  });

  it('takes the last of several versions of a figure', async () => {
    const run = await trained(1);
    await evaluate(run, { seed: 1 }, { data });
    const last = await evaluate(run, { seed: 2 }, { data });
    const { columns } = await compare(named({ run }), {}, { data });
    expect(columns.find(({ name }) => name === 'negElbo')!.entries).toMatchObject([{ value: last.negElbo }]);
  });

  it('refuses a wrong input', async () => {
    await expect(compare(named({ short, long }), { nll: 0 }, { data })).rejects.toMatchObject({ code: 'spec' });
  });
});

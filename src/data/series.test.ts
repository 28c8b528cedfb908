import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { buildModel, vae } from '../models/index.ts';
import { columnEmbedding, conv1d, dense, flatten, relu, reshape } from '../nn/index.ts';
import { readRange } from './dataset.ts';
import { type SeriesConfig, seriesLoader } from './series.ts';
import { loadData } from './sources.ts';
import { tableInput } from './table.ts';

const scratch = await mkdtemp(join(tmpdir(), 'latentkit-series-'));
afterAll(() => rm(scratch, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(scratch, name);
  await writeFile(path, content);
  return path;
}

const hour = (i: number) => new Date(Date.UTC(2024, 0, 1, i)).toISOString();
/** Steps of an hour: the step's number, and 100 with a gap. */
const lines = Array.from({ length: 100 }, (_, i) => `${hour(i)},${i},${i === 7 ? '' : 100 + (i % 2)},somewhere`);
const csv = await file('hours.csv', `\uFEFFtime,load,heat,place\r\n${lines.join('\r\n')}\r\n`);
const load = (path: string, config: Partial<SeriesConfig> = {}) =>
  seriesLoader.load({ type: 'series', path, time: 'time', window: 4, ...config });

describe('time series as a data source', () => {
  it('cuts the ends off for validation and test, and no window reaches from one part into another', async () => {
    const { train, validation, test, source } = await load(csv);
    expect([train.size, validation.size, test.size]).toEqual([77, 7, 7]);
    const seen = [train, validation, test].map(part => {
      const values = readRange(part, 0, part.size);
      return Array.from({ length: part.size }, (_, row) => [...values.subarray(8 * row, 8 * row + 4)]);
    });
    expect(seen[0]![0]).toEqual([0, 1, 2, 3]);
    expect([seen[0]!.at(-1)!.at(-1), seen[1]![0]![0], seen[1]!.at(-1)!.at(-1), seen[2]![0]![0]]).toEqual([
      79, 80, 89, 90,
    ]);
    expect([train.position(5), test.position(0)]).toEqual([5, 90]);
    // What is missing is missing in each window that it falls in.
    expect([...readRange(train, 4, 5)].map(Number.isNaN)).toEqual([...new Array(7).fill(false), true]);
    expect(train.notes).toEqual(['columns that do not hold numbers are left out: place.']);
    expect(source).toMatchObject({ window: 4, stride: 1, validation: 0.1, test: 0.1 });
  });

  it('measures each quantity on the steps that are trained on', async () => {
    const { train, source } = await load(csv);
    expect(train.columns!.map(({ name }) => name).slice(0, 5)).toEqual([
      'load −3',
      'load −2',
      'load −1',
      'load now',
      'heat −3',
    ]);
    const deviation = Math.sqrt((80 ** 2 - 1) / 12);
    expect(train.columns![2]).toMatchObject({ mean: 39.5, deviation: expect.closeTo(deviation, 9) });
    const again = await loadData(source);
    expect(again.train.fingerprint).toBe(train.fingerprint);
    // Of another file by the same scale, whatever its own; gzipped as well.
    const other = await file('other.csv.gz', gzipSync('load;time;heat\n7;1;8\n9;2;8\n7;3;8\n9;4;8\n7;5;8\n'));
    const read = await seriesLoader.read(source, other);
    expect(read.columns).toEqual(train.columns);
    expect([...readRange(read, 1, 2)]).toEqual([9, 7, 9, 7, 8, 8, 8, 8]);
  });

  it('strides, and says where steps are uneven', async () => {
    const steps = [1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 15].map(time => `${time},${time}`).join('\n');
    const path = await file('gap.csv', `time,x\n${steps}`);
    const { train } = await load(path, { window: 2, stride: 3, validation: 2, test: 2 });
    expect([...readRange(train, 0, 3)]).toEqual([1, 2, 4, 5, 10, 11]);
    expect(train.notes).toEqual(['1 of 11 steps are longer or shorter than the others: windows go across gaps.']);
    const summary = await seriesLoader.inspect({ type: 'series', path, time: 'time', window: 2 });
    expect(summary.facts).toContainEqual(['steps', '12, from 1 to 15']);
    expect(summary.columns).toEqual([{ column: 'x', mean: '8.250', deviation: expect.any(String), missing: '0' }]);
  });

  it('fits networks of dense layers and of convolutions', async () => {
    const { train } = await load(csv);
    const signals = [columnEmbedding(), reshape(4, 4), conv1d(3, { kernel: 3, padding: 'same' }), relu(), flatten()];
    for (const encoder of [[columnEmbedding(), dense(5)], signals]) {
      const spec = vae({ input: tableInput(train), latent: 2, encoder, decoder: [dense('output')] });
      expect(buildModel(spec).parameters.length).toBeGreaterThan(0);
    }
  });

  it.each<[string, string, RegExp]>([
    ['a time that is none', 'time,x\n1,1\nsoon,2', /expected a number or a date in step 2, column "time", got "soon"/],
    ['times that go back', 'time,x\n2,1\n1,2', /expected a time after 2 in step 2, column "time", got "1"\. Sort/],
    ['a time twice', 'time,x\n2,1\n2,2', /expected a time after 2/],
    ['no column of time', 'Time,x\n1,1', /expected a column "time", got the columns Time, x\. Did you mean "Time"\?/],
    ['nothing but time', 'time\n1\n2', /expected a column of numbers beside the time, got none/],
    ['texts only', 'time,x\n1,a', /expected a column of numbers beside the time, got x/],
    ['a ragged line', 'time,x\n1,1\n2', /expected 2 values in step 2, got 1/],
    ['an empty file', '', /expected a column "time", got the columns/],
    ['a header only', 'time,x', /at least 4 steps, a window, in each part, got 0/],
    ['too few steps', 'time,x\n1,1\n2,2', /expected at least 4 steps/],
  ])('refuses %s', async (name, content, message) => {
    const path = await file(`${name.replaceAll(' ', '-')}.csv`, content);
    await expect(load(path)).rejects.toThrow(message);
  });

  it('names what is wrong in a column that was asked for', async () => {
    await expect(load(csv, { columns: ['place'] })).rejects.toThrow(
      'expected a number in step 1, column "place", got "somewhere"',
    );
    const { source } = await load(csv);
    const renamed = await file('renamed.csv', 'time,loads,heat\n1,1,1');
    await expect(seriesLoader.read(source, renamed)).rejects.toThrow(
      'expected a column "load", got the columns time, loads, heat. Did you mean "loads"?',
    );
    const infinite = await file(
      'infinite.csv',
      `time,x\n${Array.from({ length: 60 }, (_, i) => `${i},${i === 1 ? '1e99' : i}`).join('\n')}`,
    );
    expect(readRange((await load(infinite)).train, 0, 1)[1]).toBeNaN();
  });
});

// Imputation, held against a distribution whose conditionals are known: x is standard normal, y = 0.8 x + 0.6 e, so either is
// normal given the other with mean 0.8 times it and deviation 0.6; the kind is 'b' where x > 0.5, and z depends on nothing.

import { beforeAll, describe, expect, it } from 'vitest';
import { arrayDataset, type DataSplits, split, tableDataset, tableInput } from '../data/index.ts';
import { presets } from '../models/index.ts';
import { wordsOf } from '../random/index.ts';
import { nodeRuntime } from '../runtime/index.ts';
import { fit } from '../train/index.ts';
import { impute, type OpenedRun } from './index.ts';

const next = wordsOf({ seed: 5, stream: 1, step: 0 });
const uniform = (): number => (next() + 0.5) / 2 ** 32;
const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const [x, y, kind, z] = [0, 1, 2, 3];

const rows = Array.from({ length: 2200 }, () => {
  const own = normal();
  return { x: own, y: 0.8 * own + 0.6 * normal(), kind: own > 0.5 ? 'b' : 'a', z: normal() };
});
const data: DataSplits = split(
  tableDataset({
    columns: [
      { name: 'x', type: 'numeric', min: -4, max: 4 },
      { name: 'y', type: 'numeric', min: -4, max: 4 },
      { name: 'kind', type: 'categorical', categories: ['a', 'b'] },
      { name: 'z', type: 'numeric', min: -4, max: 4 },
    ],
    rows,
  }),
  { validation: 100, test: 100 },
);

let run: OpenedRun;
let truth: Float32Array;
beforeAll(async () => {
  const runtime = await nodeRuntime({ threads: 1 });
  const spec = presets.table.build({ input: tableInput(data.train), latent: 3, hidden: 48 });
  run = await fit(spec, data, {
    epochs: 60,
    batchSize: 50,
    optimizer: { type: 'adam', learningRate: 2e-3 },
    doctor: 'off',
    runtime,
  });
  truth = new Float32Array(data.test.size * 4);
  data.test.read(
    Uint32Array.from({ length: data.test.size }, (_, i) => i),
    truth,
  );
}, 60_000);

/** The test rows with some columns hidden, filled in. */
function filled(hidden: readonly number[], input: { readonly multiple?: number; readonly seed?: number } = {}) {
  const values = truth.map((value, i) => (hidden.includes(i % 4) ? Number.NaN : value));
  const { shape, columns } = data.test;
  const test = arrayDataset({ name: 'hidden', data: values, shape, columns });
  return impute(run, input, { data: { ...data, test } });
}

const at = (values: Float32Array, row: number, place: number): number => values[row * 4 + place]!;
const each = Array.from({ length: 100 }, (_, row) => row);
const rmse = (errors: readonly number[]): number =>
  Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);

describe('what is missing', () => {
  it.each([
    ['y', y, x],
    ['x', x, y],
  ])('of %s is expected at its conditional mean', async (_, place, by) => {
    // Of x the kind says too much for a closed form, so it is hidden as well.
    const { rows: whole, missing } = await filled([place, kind]);
    expect(missing).toEqual({ x: 0, y: 0, z: 0, kind: 100, [place === x ? 'x' : 'y']: 100 });
    // 50 codes stand for the posterior of each row: the noise of that mean is less than 0.6 / √50.
    expect(rmse(each.map(row => at(whole.data, row, place) - 0.8 * at(truth, row, by)))).toBeLessThan(0.2);
    for (const row of each) expect(at(whole.data, row, by)).toBe(at(truth, row, by));
  });

  it('of what depends on nothing is expected at the mean', async () => {
    const { rows: whole } = await filled([z]);
    expect(rmse(each.map(row => at(whole.data, row, z)))).toBeLessThan(0.2);
  });

  it('of a category is the one that the numbers decide', async () => {
    const { rows: whole } = await filled([kind]);
    const clear = each.filter(row => Math.abs(at(truth, row, x) - 0.5) > 0.3);
    const right = clear.filter(row => at(whole.data, row, kind) === at(truth, row, kind));
    expect(right.length / clear.length).toBeGreaterThan(0.97);
  });

  it('is drawn as widely as it is uncertain', async () => {
    const { drawn } = await filled([y], { multiple: 40, seed: 1 });
    expect(drawn.shape).toEqual([40, 100, 4]);
    const draws = (row: number): number[] => Array.from({ length: 40 }, (_, m) => drawn.data[(m * 100 + row) * 4 + y]!);
    const deviations = each.map(row => {
      const values = draws(row);
      const mean = values.reduce((a, b) => a + b) / 40;
      return rmse(values.map(value => value - mean));
    });
    expect(deviations.reduce((a, b) => a + b) / 100).toBeCloseTo(0.6, 1);
    // The third of 40 from either end: 35/41 of new values lie between; 4 standard errors are 0.14.
    const within = each.filter(row => {
      const sorted = draws(row).sort((a, b) => a - b);
      return sorted[2]! <= at(truth, row, y) && at(truth, row, y) <= sorted[37]!;
    });
    expect(Math.abs(within.length / 100 - 35 / 41)).toBeLessThan(0.14);
  });

  it('is drawn together: values of a row that are all missing depend on each other', async () => {
    const { drawn } = await filled([x, y], { multiple: 20, seed: 2 });
    let [xx, yy, xy] = [0, 0, 0];
    for (let i = 0; i < drawn.data.length; i += 4) {
      const [a, b] = [drawn.data[i + x]!, drawn.data[i + y]!];
      xx += a * a;
      yy += b * b;
      xy += a * b;
    }
    // Within a kind the correlation is less than over all, but both kinds are there: 0.8 again.
    expect(xy / Math.sqrt(xx * yy)).toBeCloseTo(0.8, 1);
  });
});

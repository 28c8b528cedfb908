// What is known of held-out rows: which they are, what is measured on them, and that it comes back from a folder. And what it
// is for: that false alarms among fresh normal rows are as many as was said.

import { beforeAll, describe, expect, it } from 'vitest';
import { memoryFolder, writeParameters } from '../artifact/index.ts';
import { arrayDataset, type Dataset, subset, tableDataset, tableInput } from '../data/index.ts';
import { greyRows, smallVae } from '../evaluate/testing.ts';
import type { TrainedVae } from '../models/index.ts';
import { columnEmbedding, dense, tanh } from '../nn/index.ts';
import { fitDetector } from './detector.ts';
import { divideHeldOut, type HeldOutFacts, measureHeldOut, scoreRows } from './held-out.ts';
import { readCalibration, readHeldOut, writeCalibration, writeHeldOut } from './held-out-store.ts';
import { setThreshold, sortedScores, verdictOn } from './index.ts';
import { normals } from './testing.ts';

/** The numbers of rows of a data set, whose one value says which they are. */
const numbered = (size: number): Dataset =>
  arrayDataset({ name: 'numbered', data: Float32Array.from({ length: size }, (_, i) => i), shape: [1] });

function placesOf(part: Dataset): number[] {
  const into = new Float32Array(part.size);
  part.read(
    Array.from({ length: part.size }, (_, i) => i),
    into,
  );
  return [...into];
}

describe('divideHeldOut', () => {
  it('gives each row to one part, in their order, the same each time', () => {
    const { fitting, calibration } = divideHeldOut(numbered(100));
    const [a, b] = [placesOf(fitting), placesOf(calibration)];
    expect([a.length, b.length]).toEqual([33, 67]);
    expect([...a, ...b].sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(b).toEqual([...b].sort((x, y) => x - y));
    expect(Math.max(...a)).toBeGreaterThan(80);
    expect(placesOf(divideHeldOut(numbered(100)).fitting)).toEqual(a);
    expect(divideHeldOut(numbered(40_000)).calibration.size).toBe(20_000);
    expect(() => divideHeldOut(numbered(5))).toThrow(/at least 6 validation rows/);
  });
});

describe('measureHeldOut', () => {
  let vae: TrainedVae;
  let facts: HeldOutFacts;
  const rows = greyRows(1500);
  beforeAll(async () => {
    vae = await smallVae();
    facts = await measureHeldOut(vae, rows);
  });

  it('has the mean of each pixel’s term: together, the mean reconstruction', async () => {
    const x = { dtype: 'uint8', shape: [1500, 3, 2, 1], data: new Uint8Array(9000) } as const;
    rows.read(
      Array.from({ length: 1500 }, (_, i) => i),
      x.data,
    );
    const { reconstruction } = await vae.run('score', x);
    const mean = reconstruction!.data.reduce((a, b) => a + b, 0) / 1500;
    expect(facts.usual.reduce((a, b) => a + b, 0)).toBeCloseTo(mean, 3);
    expect([facts.usual.length, facts.codes.width, facts.codes.data.length]).toEqual([6, 2, 2000]);
    expect(facts.values).toBeUndefined();
  });

  it('comes back from a folder, until the parameters change', async () => {
    const folder = memoryFolder();
    await writeParameters(folder, vae.parameters);
    expect([await readHeldOut(folder, vae), await readCalibration(folder, 'negElbo')]).toEqual([undefined, undefined]);
    await writeHeldOut(folder, facts);
    await writeCalibration(folder, 'negElbo', Float64Array.of(3, 1.5, 2));
    expect(await readHeldOut(folder, vae)).toEqual({ ...facts, codes: { width: 2, data: facts.codes.data } });
    expect(await readCalibration(folder, 'negElbo')).toEqual(Float64Array.of(1.5, 2, 3));
    expect(await readCalibration(folder, 'knn')).toBeUndefined();
    await folder.write('detector/held-out.negElbo.safetensors', 'x');
    await expect(readCalibration(folder, 'negElbo')).rejects.toMatchObject({ code: 'artifact' });
    await writeHeldOut(folder, { ...facts, codes: { width: 3, data: new Float32Array(6) } });
    await expect(readHeldOut(folder, vae)).rejects.toThrow(
      /tensor "codes" as float32 \[rows, 2\], got float32 \[2, 3\]/,
    );
    await writeParameters(folder, {});
    expect(await readHeldOut(folder, vae)).toBeUndefined();
  });
});

it('false alarms among fresh rows are within the binomial interval, also of a table with missing values', async () => {
  const draws = normals(2 * 4000, 'normal rows');
  const data = tableDataset({
    columns: [
      { name: 'a', type: 'numeric' },
      { name: 'b', type: 'numeric' },
    ],
    rows: Array.from({ length: 4000 }, (_, i) => ({
      a: i % 31 === 0 ? null : draws[2 * i]!,
      b: draws[2 * i]! + draws[2 * i + 1]! / 3,
    })),
  });
  const input = tableInput(data);
  const vae = await smallVae({ input, likelihood: 'mixed', encoder: [columnEmbedding(), dense(5), tanh()] });
  const { fitting, calibration } = divideHeldOut(subset(data, 500, 2000));
  const detector = await fitDetector(vae, { train: subset(data, 0, 500), validation: fitting });
  const held = sortedScores((await scoreRows(detector, calibration, ['combined'])).combined!);
  const fresh = (await scoreRows(detector, subset(data, 2000, 4000), ['combined'])).combined!;
  for (const falseAlarmRate of [0.01, 0.1]) {
    const threshold = setThreshold({ method: 'conformal', falseAlarmRate }, held, []);
    const alarms = fresh.filter(score => verdictOn(score, threshold) === 'anomaly').length;
    const rate = threshold.falseAlarmRate!;
    const spread = Math.hypot(Math.sqrt(2000 * rate * (1 - rate)), 2000 * threshold.falseAlarmDeviation!);
    expect(Math.abs(alarms - 2000 * rate)).toBeLessThan(2.6 * spread);
  }
  await detector.dispose();
});

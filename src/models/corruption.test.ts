import { describe, expect, it } from 'vitest';
import { noisesOf } from '../graph/index.ts';
import { dense, flatten, tanh } from '../nn/index.ts';
import { float32, nodeRuntime, type RowTensor } from '../runtime/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import {
  buildModel,
  type Corruption,
  corruptRows,
  type InputSpec,
  type ModelOptions,
  parseModel,
  rowRange,
  vae,
} from './index.ts';
import { feedsFor } from './testing.ts';

const tiny: ModelOptions = {
  input: { shape: [3], range: [0, 1] },
  latent: 2,
  encoder: [flatten(), dense(4), tanh()],
  decoder: [dense('output')],
  likelihood: { type: 'normal', variance: 'fixed', deviation: 1 },
  posterior: 'deterministic',
};
const rows = 4;

describe.each<[Corruption, (x: number, noise: number) => number]>([
  [{ type: 'gaussian', deviation: 0.3 }, (x, noise) => x + 0.3 * noise],
  [{ type: 'mask', rate: 0.4 }, (x, noise) => (noise < 0.4 ? 0 : x)],
  [{ type: 'speckle', deviation: 0.5 }, (x, noise) => x * (1 + 0.5 * noise)],
  [
    { type: 'poisson', photons: 20 },
    (x, noise) => {
      const mean = Math.max(0, 20 * x);
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * noise)) / 20;
    },
  ],
  [{ type: 'saltAndPepper', rate: 0.6 }, (x, noise) => (noise < 0.3 ? 0 : noise < 0.6 ? 1 : x)],
])('corruption %j', (corruption, corrupted) => {
  const [plain, model] = [buildModel(vae(tiny)), buildModel(vae({ ...tiny, corruption }))];
  const feeds = feedsFor(model.stepGraph(), rows);

  it('is what the encoder sees in training, and the data as they are what the likelihood explains', () => {
    const noise = feeds.corruption!.data;
    const seen = Array.from(feeds.x!.data, (value, i) => corrupted(value, noise[i]!));
    expect(seen).not.toEqual(Array.from(feeds.x!.data));
    const { mean: codes } = evaluateReference(plain.encoderGraph(), { ...feeds, x: { ...feeds.x!, data: seen } });
    const { mean } = evaluateReference(plain.decoderGraph(), { ...feeds, z: codes! });
    const squares = mean!.data.map((value, i) => 0.5 * ((value - feeds.x!.data[i]!) ** 2 + Math.log(2 * Math.PI)));
    const { loss } = evaluateReference(model.stepGraph(), feeds);
    expect(loss!.data[0]).toBeCloseTo(
      squares.reduce((a, b) => a + b, 0),
      10,
    );
  });

  it('is absent outside training, and survives JSON', () => {
    for (const graph of [model.boundGraph(), model.encoderGraph(), model.scoreGraph()]) {
      expect(noisesOf(graph)).toEqual([]);
    }
    expect(parseModel(JSON.parse(JSON.stringify(model.spec)))).toEqual(model.spec);
    expect(model.spec.corruption).toEqual(corruption);
  });
});

it('is refused where it is no corruption', () => {
  const wrong: object = { ...tiny, corruption: { type: 'mask', rate: 1 } };
  expect(() => parseModel(wrong)).toThrow('model spec: corruption.rate: expected less than 1, got 1.');
});

describe('corrupted rows', async () => {
  const runtime = await nodeRuntime({ threads: 1 });
  const input: InputSpec = { shape: [12, 10, 1], dtype: 'float32', range: [0, 1] };
  const size = 120;
  /** Images of a smooth slope with an edge. */
  const image = (x: number, y: number): number => (x < 5 ? 0.1 + 0.05 * y : 0.9 - 0.03 * x);
  const rowsOf = (count: number, dtype: 'float32' | 'uint8' = 'float32'): RowTensor => {
    const values = Float32Array.from({ length: count * size }, (_, i) => image(i % 10, Math.floor((i % size) / 10)));
    const shape = [count, 12, 10, 1];
    return dtype === 'float32' ? float32(values, shape) : { dtype, shape, data: Uint8Array.from(values, v => 255 * v) };
  };
  const corruptedBy = async (corruption: Corruption, count = 1): Promise<Float32Array> =>
    (await corruptRows(rowsOf(count), corruption, { input, runtime, seed: 3 })).data;

  it.each<[Corruption, (x: number) => number]>([
    [{ type: 'gaussian', deviation: 0.3 }, () => 0.09],
    [{ type: 'speckle', deviation: 0.3 }, x => 0.09 * x * x],
    // Rounding adds a twelfth of a count.
    [{ type: 'poisson', photons: 50 }, x => x / 50 + 1 / 12 / 2500],
    [{ type: 'saltAndPepper', rate: 0.3 }, x => 0.7 * x * x + 0.15 - (0.7 * x + 0.15) ** 2],
  ])('have the variance of %j', async (corruption, varianceOf) => {
    const count = 400;
    const [y, x] = [await corruptedBy(corruption, count), rowsOf(count).data];
    const meanOf = (v: number): number => (corruption.type === 'saltAndPepper' ? 0.7 * v + 0.15 : v);
    // Standardised residuals: mean 0 and mean square 1, within four standard errors of as many numbers.
    const residuals = Array.from(y, (value, i) => (value - meanOf(x[i]!)) / Math.sqrt(varianceOf(x[i]!)));
    const n = residuals.length;
    const mean = residuals.reduce((a, b) => a + b, 0) / n;
    const square = residuals.reduce((a, b) => a + b * b, 0) / n;
    const fourth = residuals.reduce((a, b) => a + b ** 4, 0) / n;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt((fourth - square ** 2) / n));
  });

  it('have a level of their own, where it is a range', async () => {
    const count = 300;
    const y = await corruptedBy({ type: 'gaussian', deviation: [0.1, 0.5] }, count);
    const x = Float32Array.from(rowsOf(1).data);
    const deviations = Array.from({ length: count }, (_, row) =>
      Math.sqrt(x.reduce((sum, value, i) => sum + (y[row * size + i]! - value) ** 2, 0) / size),
    );
    expect(Math.min(...deviations)).toBeLessThan(0.15);
    expect(Math.max(...deviations)).toBeGreaterThan(0.45);
    const mean = deviations.reduce((a, b) => a + b) / count;
    expect(Math.abs(mean - 0.3)).toBeLessThan((4 * (0.4 / Math.sqrt(12) + 0.02)) / Math.sqrt(count));
  });

  it('are blurred by a Gaussian that knows its borders', async () => {
    const [y, deviation] = [await corruptedBy({ type: 'blur', deviation: 1.3 }), 1.3];
    const errors = Array.from(y, (value, i) => {
      const [column, row] = [i % 10, Math.floor(i / 10)];
      let [sum, weights] = [0, 0];
      for (let r = 0; r < 12; r++) {
        for (let c = 0; c < 10; c++) {
          const weight = Math.exp(-((r - row) ** 2 + (c - column) ** 2) / (2 * deviation ** 2));
          sum += weight * image(c, r);
          weights += weight;
        }
      }
      return Math.abs(value - sum / weights);
    });
    expect(Math.max(...errors)).toBeLessThan(1e-5);
  });

  it.each([10, 50, 90])('go through JPEG of quality %d as libjpeg does it', async quality => {
    const { default: sharp } = await import('sharp');
    const bytes = rowsOf(1, 'uint8');
    const file = sharp(bytes.data as Uint8Array, { raw: { width: 10, height: 12, channels: 1 } }).jpeg({ quality });
    const expected = await sharp(await file.toBuffer())
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    const { data } = await corruptRows(
      bytes,
      { type: 'jpeg', quality },
      {
        input: { ...input, dtype: 'uint8', range: [0, 255] },
        runtime,
        seed: 0,
      },
    );
    // Libjpeg's transforms are of whole numbers, so a coefficient on the verge may round the other way.
    const errors = Array.from(data, (value, i) => Math.abs(255 * value - expected[i]!));
    expect(errors.reduce((a, b) => a + b, 0) / size).toBeLessThan(1);
    const damage = Array.from(data, (value, i) => Math.abs(255 * value - bytes.data[i]!));
    expect(damage.reduce((a, b) => a + b, 0) / size).toBeGreaterThan(quality < 90 ? 1 : 0.1);
  });

  it('stay between black and white where they are bytes, and repeat themselves in any batches', async () => {
    const bytes: InputSpec = { ...input, dtype: 'uint8', range: [0, 255] };
    const corruption: Corruption = { type: 'gaussian', deviation: [0.5, 1] };
    const rows = rowsOf(600, 'uint8');
    const whole = await corruptRows(rows, corruption, { input: bytes, runtime, seed: 5 });
    expect([Math.min(...whole.data), Math.max(...whole.data)]).toEqual([0, 1]);
    const unclipped = await corruptRows(rows, corruption, { input: bytes, clip: false, runtime, seed: 5 });
    expect(Math.max(...unclipped.data)).toBeGreaterThan(1.5);
    const last = rowRange(rows, 590, 600);
    const part = await corruptRows(last, corruption, { input: bytes, runtime, seed: 5, firstRow: 590 });
    expect([...part.data]).toEqual([...whole.data.subarray(590 * size)]);
  });
});

it.each<[Corruption, RegExp]>([
  [{ type: 'blur', deviation: 1 }, /"blur" is one of images \[height, width, channels\], got rows of \[3\]/],
  [{ type: 'jpeg', quality: 50 }, /"jpeg" is one of images/],
  [{ type: 'jpeg', quality: 0 }, /quality/],
  [{ type: 'gaussian', deviation: [0.5, 0.2] }, /corruption.deviation/],
])('%j is refused of such data', (corruption, error) => {
  expect(() => vae({ ...tiny, corruption })).toThrow(error);
});

// The figures on real digits, through a model whose decoder gives its code back: what is "drawn" is whatever images the
// test chooses.

import { beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, loadData, readRange, subset } from '../../data/index.ts';
import { buildModel, TrainedVae, vae } from '../../models/index.ts';
import { dense, flatten } from '../../nn/index.ts';
import { float32, type HostTensor, nodeRuntime } from '../../runtime/index.ts';
import { numbers } from '../testing.ts';
import { type SampleQuality, sampleQuality } from './compare.ts';

const [rows, pixels] = [400, 784];

let identity: TrainedVae;
let real: Dataset;
/** Other digits than the real ones. */
let others: Float32Array;

beforeAll(async () => {
  const { test } = await loadData('mnist');
  real = subset(test, 0, rows);
  others = Float32Array.from(readRange(test, rows, 2 * rows), value => value / 255);
  identity = await modelOf();
});

/** A decoder that is the identity. */
async function modelOf(): Promise<TrainedVae> {
  const model = buildModel(
    vae({
      input: [28, 28, 1],
      latent: pixels,
      encoder: [flatten(), dense(1)],
      decoder: [dense('output')],
      likelihood: 'normal',
    }),
  );
  const parameters = model.parameters.map(({ name, shape }) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (name === 'decoder.0.weight') for (let i = 0; i < pixels; i++) data[i * (pixels + 1)] = 1;
    return [name, float32(data, shape)] as const;
  });
  return new TrainedVae(model, Object.fromEntries(parameters), await nodeRuntime({ threads: 1 }));
}

async function qualityOf(images: Float32Array): Promise<SampleQuality> {
  const draw = async (count: number): Promise<HostTensor<'float32'>> => float32(images, [count, pixels]);
  return (await sampleQuality(identity, draw, real))!;
}

/** Each pixel with noise that is uniform within ±by. */
const noisy = (by: number): Float32Array => {
  const noise = numbers(others.length, 5);
  return others.map((value, i) => value + by * noise[i]!);
};

/** Means over windows of 2 · reach + 1 pixels, zeros around the image. */
function blurred(reach: number): Float32Array {
  return others.map((_, at) => {
    const [image, r, c] = [Math.floor(at / pixels) * pixels, Math.floor((at % pixels) / 28), at % 28];
    let sum = 0;
    for (let y = Math.max(0, r - reach); y <= Math.min(27, r + reach); y++) {
      for (let x = Math.max(0, c - reach); x <= Math.min(27, c + reach); x++) sum += others[image + y * 28 + x]!;
    }
    return sum / (2 * reach + 1) ** 2;
  });
}

describe('samples beside real images', () => {
  it('that are the same images are at no distance, and each covers the other', async () => {
    const quality = await qualityOf(Float32Array.from(readRange(real, 0, rows), value => value / 255));
    expect(quality).toMatchObject({ precision: 1, recall: 1, rows });
    expect(quality.frechetDistance).toBeLessThan(1e-3);
    expect(quality.features).toMatch(/^mnist-features:[0-9a-f]{8}$/);
  });

  it('that are other real digits are near; noise is far, and on no manifold', async () => {
    const [digits, noise] = [
      await qualityOf(others),
      await qualityOf(Float32Array.from(numbers(rows * pixels, 3), Math.abs)),
    ];
    expect(digits.precision).toBeGreaterThan(0.8);
    expect(digits.recall).toBeGreaterThan(0.8);
    expect(noise.frechetDistance).toBeGreaterThan(20 * digits.frechetDistance);
    expect([noise.precision, noise.recall].every(share => share < 0.05)).toBe(true);
  });

  it('that repeat one image are precise and cover nothing', async () => {
    const one = others.subarray(0, pixels);
    const repeated = await qualityOf(Float32Array.from(others, (_, i) => one[i % pixels]!));
    expect(repeated.precision).toBe(1);
    expect(repeated.recall).toBe(0);
    expect(repeated.frechetDistance).toBeGreaterThan(10 * (await qualityOf(others)).frechetDistance);
  });

  it('are the farther the more they are blurred, or noise is added', async () => {
    for (const worse of [[0.2, 0.4, 0.8].map(noisy), [1, 2, 3].map(blurred)]) {
      const distances: number[] = [];
      for (const images of [others, ...worse]) distances.push((await qualityOf(images)).frechetDistance);
      expect(distances).toEqual(distances.toSorted((a, b) => a - b));
    }
  });

  it('are not compared where there are fewer than features', async () => {
    const draw = (count: number): Promise<HostTensor<'float32'>> => identity.drawLatents(count);
    expect(await sampleQuality(identity, draw, subset(real, 0, 48))).toBeUndefined();
    expect((await sampleQuality(identity, draw, subset(real, 0, 49)))!.rows).toBe(49);
  });
});

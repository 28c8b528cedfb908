// The classifier that ships: what it tells, and how images come to it.

import { beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, hostRows, loadData } from '../../data/index.ts';
import { graph, input } from '../../graph/index.ts';
import { RootScope } from '../../nn/index.ts';
import { float32, type HostTensor, nodeRuntime, type Runtime } from '../../runtime/index.ts';
import { numbers } from '../testing.ts';
import { FeatureExtractor, trainedParameters } from './extractor.ts';
import { gaussianOf } from './frechet.ts';
import { classifier, toDigits } from './network.ts';

const rows = 500;
let runtime: Runtime;
let test: Dataset;
let digits: HostTensor<'float32'>;

beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
  test = (await loadData('mnist')).test;
  digits = float32(
    Float32Array.from((await hostRows(test, 0, rows)).data, value => value / 255),
    [rows, 28, 28, 1],
  );
});

describe('the classifier', () => {
  it('tells the digits of the test', async () => {
    const scope = new RootScope({ training: false });
    const { logits } = classifier(toDigits(input('images', ['N', 28, 28, 1])), scope);
    const { parameters } = await trainedParameters(scope.parameters);
    const program = await runtime.compile(graph({ logits }));
    const scores = (await program.run({ ...parameters, images: digits })).logits!.data;
    const right = Array.from({ length: rows }, (_, i) => {
      const own = scores.subarray(10 * i, 10 * (i + 1));
      return own.indexOf(Math.max(...own)) === test.labels!.values[i];
    });
    expect(right.filter(Boolean).length / rows).toBeGreaterThanOrEqual(0.985);
    await program.dispose();
  });

  it('has features that all say something', async () => {
    const extractor = await FeatureExtractor.open([28, 28, 1], runtime);
    const features = await extractor.run(digits);
    const { covariance } = gaussianOf(features);
    for (let j = 0; j < features.width; j++) expect(covariance[j * (features.width + 1)]).toBeGreaterThan(0.5);
    await extractor.dispose();
  });

  it('has a name of its parameters, and fewer than 60,000 of them', async () => {
    const [a, b] = [await FeatureExtractor.open([28, 28, 1], runtime), await FeatureExtractor.open([9, 7, 3], runtime)];
    expect(a.name).toBe(b.name);
    const scope = new RootScope({ training: false });
    classifier(input('x', ['N', 1, 28, 28]), scope);
    const counts = scope.parameters.map(({ shape }) => shape.reduce((x, y) => x * y, 1));
    expect(counts.reduce((x, y) => x + y)).toBeLessThan(60_000);
  });
});

async function brought(images: HostTensor<'float32'>): Promise<number[]> {
  const program = await runtime.compile(graph({ y: toDigits(input('images', ['N', ...images.shape.slice(1)])) }));
  const { y } = await program.run({ images });
  await program.dispose();
  expect(y!.shape).toEqual([images.shape[0], 1, 28, 28]);
  return Array.from(y!.data);
}

const near = (values: ArrayLike<number>): number[] => Array.from(values, value => expect.closeTo(value, 5));

describe('images on their way to the classifier', () => {
  it('of its own size stay as they are, within [0, 1]', async () => {
    const values = Float32Array.from(numbers(2 * 784, 1), v => 0.5 + 0.7 * v);
    const held = values.map(v => Math.min(1, Math.max(0, v)));
    expect(await brought(float32(values, [2, 28, 28, 1]))).toEqual(near(held));
  });

  it('in colour become their luma', async () => {
    const values = Float32Array.from(numbers(784 * 3, 2), Math.abs);
    const luma = Array.from({ length: 784 }, (_, i) => {
      const [r, g, b] = values.subarray(3 * i, 3 * i + 3);
      return 0.299 * r! + 0.587 * g! + 0.114 * b!;
    });
    expect(await brought(float32(values, [1, 28, 28, 3]))).toEqual(near(luma));
  });

  it('of twice the height are weighed 1, 3, 3, 1 down the columns; the ends by what there is', async () => {
    const values = Float32Array.from(numbers(56 * 28, 3), Math.abs);
    const expected = Array.from({ length: 784 }, (_, at) => {
      const [r, c] = [Math.floor(at / 28), at % 28];
      const taps = [1, 3, 3, 1].map((weight, k) => ({ weight, at: 2 * r - 1 + k })).filter(tap => values[tap.at * 28]);
      const total = taps.reduce((sum, { weight }) => sum + weight, 0);
      return taps.reduce((sum, tap) => sum + (tap.weight / total) * values[tap.at * 28 + c]!, 0);
    });
    expect(await brought(float32(values, [1, 56, 28, 1]))).toEqual(near(expected));
  });

  it('of half the width are interpolated along the rows', async () => {
    const values = Float32Array.from(numbers(28 * 14, 4), Math.abs);
    const expected = Array.from({ length: 784 }, (_, at) => {
      const [r, c] = [Math.floor(at / 28), at % 28];
      const place = Math.min(13, Math.max(0, (c + 0.5) / 2 - 0.5));
      const [left, share] = [Math.floor(place), place % 1];
      return (1 - share) * values[r * 14 + left]! + share * values[r * 14 + Math.min(13, left + 1)]!;
    });
    expect(await brought(float32(values, [1, 28, 14, 1]))).toEqual(near(expected));
  });
});

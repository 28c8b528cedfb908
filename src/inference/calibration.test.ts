import { describe, expect, it } from 'vitest';
import { alignedBytes, createKernels } from '../kernels/index.ts';
import { float32, type RowTensor } from '../runtime/index.ts';
import { calibrate, measureErrors } from './calibration.ts';
import { completeRows } from './complete.ts';
import { bias, exactPosterior, linear, linearModel, weight } from './testing.ts';

/** The deviation that rows really have about their decoded codes; the model thinks of 0.3. */
const actual = 0.7;
const hiddenAt = 3;

/** Rows z W + b + noise of that deviation. */
function rowsOf(count: number, seed: number): RowTensor<'float32'> {
  const { latent, width } = linear;
  const kernels = createKernels(alignedBytes(4 * count * (latent + width)));
  const numbers = kernels.float32(count * (latent + width));
  kernels.fillNormal(numbers, { seed, stream: 2, step: 0 });
  const rows = Float32Array.from({ length: count * width }, (_, i) => {
    const own = Math.floor(i / width) * (latent + width);
    const d = i % width;
    const mean = weight.reduce((sum, w, j) => sum + w[d]! * numbers[own + j]!, bias[d]!);
    return mean + actual * numbers[own + latent + d]!;
  });
  return float32(rows, [count, width]);
}

const partOf = ({ data, shape }: RowTensor<'float32'>): RowTensor<'float32'> =>
  float32(
    data.map((value, i) => (i % linear.width === hiddenAt ? Number.NaN : value)),
    shape,
  );

/** The squared error of the model's E[x_d|rest] where the rest has the actual deviation, by linear algebra. */
function exactSquaredError(): number {
  const seen = bias.map((value, d) => (d === hiddenAt ? Number.NaN : value));
  const { covariance } = exactPosterior(seen);
  // E[x_d|x] = b_d + Σ_o gain_o (x_o − b_o), and x_d − b_d = w_d z + noise, x_o − b_o = w_o z + noise.
  const w = (d: number): number[] => weight.map(row => row[d]!);
  const gain = bias.map((_, o) =>
    o === hiddenAt
      ? 0
      : [0, 1].reduce(
          (sum, i) => sum + [0, 1].reduce((s, j) => s + w(hiddenAt)[i]! * covariance[i]![j]! * w(o)[j]!, 0),
          0,
        ) /
        linear.deviation ** 2,
  );
  const left = [0, 1].map(j => w(hiddenAt)[j]! - gain.reduce((sum, g, o) => sum + g * w(o)[j]!, 0));
  return left.reduce((sum, v) => sum + v ** 2, 0) + actual ** 2 * (1 + gain.reduce((sum, g) => sum + g ** 2, 0));
}

describe('errors on held-out rows', () => {
  it('mend the deviations of a model that is too sure of itself', async () => {
    const model = await linearModel();
    const options = { chains: 4, draws: 20, warmUp: 40, ascent: 10 };
    const held = rowsOf(300, 1);
    const errors = await measureErrors(model, partOf(held), held, options);
    const y = partOf(rowsOf(20, 2));
    const completed = await completeRows(model, y, options);
    const { data } = calibrate(completed, y, errors);
    const expected = exactSquaredError();
    const meanSquare = (values: Float32Array): number => values.reduce((sum, value) => sum + value ** 2, 0) / 20;
    // The mean of 300 squares of normals has a standard error of √(2/300); chains add a percent of their own.
    expect(Math.abs(meanSquare(data) / expected - 1)).toBeLessThan(3 * Math.sqrt(2 / 300));
    expect(meanSquare(completed.deviation.data) / expected).toBeLessThan(0.4);
    y.data.forEach((value, i) => {
      if (!Number.isNaN(value)) expect(data[i]).toBe(0);
    });
  });

  it('are refused where nothing is hidden, or the whole rows are others', async () => {
    const model = await linearModel();
    const rows = rowsOf(3, 1);
    const options = { chains: 1, draws: 1, warmUp: 1, ascent: 1 };
    await expect(measureErrors(model, rows, rows, options)).rejects.toMatchObject({ code: 'usage' });
    await expect(measureErrors(model, partOf(rows), rowsOf(2, 1), options)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('[3, 6] and [2, 6]'),
    });
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel, TrainedVae, vae as vaeOf } from '../models/index.ts';
import { dense } from '../nn/index.ts';
import { float32, type HostTensor, type RowTensor } from '../runtime/index.ts';
import { completeRows } from './complete.ts';
import { denoiseByModel } from './denoise.ts';
import { type InferredCodes, inferCodes } from './infer.ts';
import { bias, exactPosterior, linear, linearModel, weight } from './testing.ts';

const { NaN: hidden } = Number;
const seen = [
  [1.1, -0.5, hidden, hidden, 0.1, hidden],
  [hidden, 0.9, -0.4, hidden, hidden, -0.2],
];
const y = (rows: readonly (readonly number[])[]): RowTensor<'float32'> =>
  float32(Float32Array.from(rows.flat()), [rows.length, linear.width]);

let model: TrainedVae;
beforeAll(async () => {
  model = await linearModel();
});

/** The mean of a function over a row's draws, and its standard error by how chains differ. */
function overChains({ codes, chains, draws }: InferredCodes, row: number, f: (z: readonly number[]) => number) {
  const each = Array.from({ length: chains }, (_, chain) => {
    const values = Array.from({ length: draws }, (_, draw) => {
      const at = ((row * chains + chain) * draws + draw) * linear.latent;
      return f([codes.data[at]!, codes.data[at + 1]!]);
    });
    return values.reduce((a, b) => a + b, 0) / draws;
  });
  const mean = each.reduce((a, b) => a + b, 0) / chains;
  const variance = each.reduce((a, b) => a + (b - mean) ** 2, 0) / (chains - 1);
  return { mean, error: Math.sqrt(variance / chains) };
}

describe.each([
  { method: 'gradient', leaps: 4, draws: 100 },
  { method: 'gradient', leaps: 1, draws: 300 },
  { method: 'gibbs', leaps: 1, draws: 300 },
] as const)('chains by $method of $leaps leaps', ({ method, leaps, draws }) => {
  it('have the mean, the covariance and the evidence of the exact posterior', async () => {
    const inferred = await inferCodes(model, y(seen), { method, leaps, draws, chains: 24, warmUp: 80, seed: 3 });
    seen.forEach((row, i) => {
      const { mean, covariance, logEvidence } = exactPosterior(row);
      const near = (expected: number, found: { mean: number; error: number }): void =>
        expect(Math.abs(found.mean - expected)).toBeLessThan(4 * found.error);
      for (const j of [0, 1]) {
        near(
          mean[j]!,
          overChains(inferred, i, z => z[j]!),
        );
        near(
          covariance[j]![j]!,
          overChains(inferred, i, z => (z[j]! - mean[j]!) ** 2),
        );
        // The errors themselves are small beside what is compared.
        const { error } = overChains(inferred, i, z => z[j]!);
        expect(error).toBeLessThan(0.15 * Math.sqrt(covariance[j]![j]!));
      }
      near(
        covariance[0]![1]!,
        overChains(inferred, i, z => (z[0]! - mean[0]!) * (z[1]! - mean[1]!)),
      );
      const { diagnostics } = inferred;
      expect(diagnostics.logEvidence.data[i]).toBeCloseTo(logEvidence, 1);
      expect(diagnostics.scaleReduction.data[i]).toBeLessThan(1.1);
      expect(diagnostics.acceptance.data[i]).toBeGreaterThan(0.2);
      expect(diagnostics.effective.data[i]).toBeGreaterThan(0.3);
    });
  });

  it('are the same each time, and whatever rows stand beside them', async () => {
    const options = { method, leaps, draws: 3, chains: 2, warmUp: 10, seed: 5 };
    const both = await inferCodes(model, y(seen), options);
    expect(await inferCodes(model, y(seen), options)).toEqual(both);
    const alone = await inferCodes(model, y(seen.slice(0, 1)), options);
    const size = alone.codes.data.length;
    expect([...alone.codes.data]).toEqual([...both.codes.data.subarray(0, size)].map(v => expect.closeTo(v, 4)));
    expect((await inferCodes(model, y(seen), { ...options, seed: 6 })).codes.data).not.toEqual(both.codes.data);
  });
});

describe('completions', () => {
  it('have the mean and deviation of what is hidden, and leave what was seen to the bit', async () => {
    const result = await completeRows(model, y(seen), { chains: 16, draws: 100, seed: 1 });
    seen.forEach((row, i) => {
      const { mean, covariance } = exactPosterior(row);
      row.forEach((value, d) => {
        const at = i * linear.width + d;
        if (!Number.isNaN(value)) {
          expect(result.mean.data[at]).toBe(Math.fround(value));
          expect(result.deviation.data[at]).toBe(0);
          for (let k = 0; k < 16; k++) {
            expect(result.completions.data[(i * 16 + k) * linear.width + d]).toBe(Math.fround(value));
          }
          return;
        }
        const w = weight.map(dimension => dimension[d]!);
        const variance =
          linear.deviation ** 2 +
          w.reduce((sum, a, j) => sum + w.reduce((inner, b, k) => inner + a * b * covariance[j]![k]!, 0), 0);
        expect(result.mean.data[at]).toBeCloseTo(bias[d]! + w[0]! * mean[0]! + w[1]! * mean[1]!, 1);
        expect(result.deviation.data[at]! / Math.sqrt(variance)).toBeCloseTo(1, 1);
      });
      const shares = [...result.weights.data.subarray(16 * i, 16 * (i + 1))];
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    });
  });

  it('tell how probable the truth was', async () => {
    const truth = [
      [1.1, -0.5, 0.6, 0.9, 0.1, 0.4],
      [0.3, 0.9, -0.4, 0.2, 1, -0.2],
    ];
    const { logLikelihood } = await completeRows(model, y(seen), { chains: 24, draws: 200, truth: y(truth) });
    seen.forEach((row, i) => {
      const expected = exactPosterior(truth[i]!).logEvidence - exactPosterior(row).logEvidence;
      expect(Math.abs(logLikelihood!.data[i]! - expected)).toBeLessThan(0.1);
    });
  });

  it('refuse a truth of another shape', async () => {
    await expect(completeRows(model, y(seen), { truth: y(seen.slice(1)) })).rejects.toMatchObject({ code: 'usage' });
    const narrow = float32(new Float32Array(4), [1, 4]);
    await expect(completeRows(model, narrow)).rejects.toMatchObject({ code: 'data' });
  });
});

describe('rows through Gaussian noise', () => {
  const rows = [[1.3, -0.6, 0.6, 0.9, 0.4, 0.2]];
  it('are restored to the mean and deviation that the joint normal has', async () => {
    const level = 0.4;
    const result = await denoiseByModel(model, y(rows), { noise: { type: 'gaussian', level }, chains: 16, draws: 200 });
    // x and y are jointly normal: E[x|y] = b + C (C + s² I)⁻¹ (y − b), C = WᵀW + σ² I.
    const C = bias.map((_, i) =>
      bias.map(
        (_, j) =>
          weight[0]![i]! * weight[0]![j]! + weight[1]![i]! * weight[1]![j]! + Number(i === j) * linear.deviation ** 2,
      ),
    );
    const noisy = C.map((row, i) => row.map((value, j) => value + Number(i === j) * level ** 2));
    const gain = solveAll(noisy, C);
    rows[0]!.forEach((_, d) => {
      const mean = bias[d]! + gain[d]!.reduce((sum, g, j) => sum + g * (rows[0]![j]! - bias[j]!), 0);
      const variance = C[d]![d]! - gain[d]!.reduce((sum, g, j) => sum + g * C[j]![d]!, 0);
      expect(Math.abs(result.mean.data[d]! - mean)).toBeLessThan(0.03);
      expect(result.deviation.data[d]! / Math.sqrt(variance)).toBeCloseTo(1, 1);
    });
    expect(result.level.data[0]).toBeCloseTo(level, 4);
  });
});

/** For symmetric A and B: B A⁻¹, by elimination on Aᵀ Xᵀ = Bᵀ. */
function solveAll(A: readonly (readonly number[])[], B: readonly (readonly number[])[]): number[][] {
  const n = A.length;
  const rows = A.map((row, i) => [...row, ...B.map(b => b[i]!)]);
  for (let p = 0; p < n; p++) {
    for (let i = 0; i < n; i++) {
      if (i === p) continue;
      const factor = rows[i]![p]! / rows[p]![p]!;
      rows[i] = rows[i]!.map((value, j) => value - factor * rows[p]![j]!);
    }
  }
  return B.map((_, k) => rows.map((row, i) => row[n + k]! / row[i]!));
}

describe('the level of the noise', () => {
  /** Rows of 300 numbers, so that a row tells the level to 4 %. */
  async function wideModel(): Promise<TrainedVae> {
    const width = 300;
    const model = buildModel(
      vaeOf({
        input: { shape: [width], dtype: 'float32', range: [0, 1] },
        latent: 2,
        encoder: [dense(4)],
        decoder: [dense('output')],
        likelihood: { type: 'normal', variance: 'fixed', deviation: 0.05 },
      }),
    );
    const parameters = Object.fromEntries(
      model.parameters.map(({ name, shape }): [string, HostTensor<'float32'>] => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [
          name,
          float32(
            Float32Array.from({ length: size }, (_, i) => 0.3 * Math.sin(3 * i + name.length)),
            shape,
          ),
        ];
      }),
    );
    return new TrainedVae(model, parameters, (await linearModel()).runtime);
  }
  const normals = (count: number): number[] =>
    Array.from({ length: count }, (_, i) => {
      const [u, v] = [0.5 + 0.5 * Math.sin(12.9898 * (i + 1)), (43758.5453 * (i + 1) ** 1.3) % 1];
      return Math.sqrt(-2 * Math.log((((u * 9301 + v * 49297) % 1) + 1e-9) / (1 + 1e-9))) * Math.cos(2 * Math.PI * v);
    });

  it('is recovered from each row', async () => {
    const vae = await wideModel();
    const clean = (await vae.run('decoder', float32(Float32Array.from([0.5, -1, 1.2, 0.4]), [2, 2]))).mean!.data;
    const noise = normals(600);
    const levels = [0.1, 0.6];
    const noisy = Float32Array.from(clean, (x, i) => x + levels[Math.floor(i / 300)]! * noise[i]!);
    const spread = levels.map((level, row) => {
      const own = noise.slice(300 * row, 300 * (row + 1));
      return level * Math.sqrt(own.reduce((sum, n) => sum + n * n, 0) / 300);
    });
    const rows = float32(noisy, [2, 300]);
    const result = await denoiseByModel(vae, rows, { noise: { type: 'gaussian' }, chains: 4, draws: 20 });
    result.level.data.forEach((found, row) => {
      // The likelihood's own deviation of 0.05 is known, and none of it was drawn.
      const expected = Math.sqrt(spread[row]! ** 2 - 0.05 ** 2);
      expect(found / expected).toBeGreaterThan(0.9);
      expect(found / expected).toBeLessThan(1.1);
    });
  });
});

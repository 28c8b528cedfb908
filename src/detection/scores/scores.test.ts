// Each score against a computation of its own, in float64, from what the model itself says of rows.

import { beforeAll, describe, expect, it } from 'vitest';
import { categoryCount } from '../../columns.ts';
import { arrayDataset, type Dataset, hostRows, subset } from '../../data/index.ts';
import { greyRows, smallVae } from '../../evaluate/testing.ts';
import { noisesOf } from '../../graph/index.ts';
import { alignedBytes, createKernels } from '../../kernels/index.ts';
import { buildModel, TrainedVae, vae as vaeSpec } from '../../models/index.ts';
import { dense } from '../../nn/index.ts';
import { streamOf } from '../../random/index.ts';
import { float32, nodeRuntime } from '../../runtime/index.ts';
import { type Detector, fitDetector } from '../detector.ts';
import { tableRows, tableVae } from './testing.ts';

interface Case {
  readonly vae: TrainedVae;
  readonly train: Dataset;
  readonly held: Dataset;
  readonly test: Dataset;
  readonly detector: Detector;
}

async function caseOf(vae: TrainedVae, rows: (count: number, seed: number) => Dataset): Promise<Case> {
  const [train, held, test] = [rows(60, 1), rows(20, 2), rows(9, 3)];
  return { vae, train, held, test, detector: await fitDetector(vae, { train, validation: held }) };
}

const cases: Record<string, Case> = {};
beforeAll(async () => {
  cases.images = await caseOf(await smallVae(), greyRows);
  cases.table = await caseOf(await tableVae(), tableRows);
});

/** What a row is and what is expected of it, on the scale on which distances are taken; undefined where it is missing. */
async function takenApart({ vae }: Case, data: Dataset) {
  const x = await hostRows(data, 0, data.size);
  const expected = (await vae.run('reconstruct', x)).mean!.data;
  const { columns, range } = vae.model.spec.input;
  const width = x.data.length / data.size;
  return Array.from({ length: data.size }, (_, row) =>
    Array.from({ length: width }, (_, at) => {
      const [value, mean] = [x.data[row * width + at]!, expected[row * width + at]!];
      const column = columns?.[at];
      if (column === undefined) return [{ value: (value - range[0]) / (range[1] - range[0]), mean }];
      if (column.type === 'numeric') {
        const scaled = (v: number): number => (v - column.mean!) / column.deviation!;
        return [{ value: scaled(value), mean: scaled(mean) }];
      }
      if (column.type === 'binary') return [{ value: 2 * value - 1, mean: 2 * mean - 1 }];
      return Array.from({ length: categoryCount(column) }, (_, k) => ({
        value: Number.isNaN(value) ? Number.NaN : Math.SQRT2 * Number(value === k),
        mean: Math.SQRT2 * Number(mean === k),
      }));
    })
      .flat()
      .map(({ value, mean }) => ({ mean, residual: Number.isNaN(value) ? undefined : value - mean })),
  );
}

async function codesOf({ vae }: Case, data: Dataset) {
  const { mean, logVar } = await vae.run('encoder', await hostRows(data, 0, data.size));
  const pairs = (values: Float32Array): number[][] =>
    Array.from({ length: data.size }, (_, i) => [values[2 * i]!, values[2 * i + 1]!]);
  return { mean: pairs(mean!.data), logVar: pairs(logVar!.data) };
}

function distances(from: readonly number[], to: readonly (readonly number[])[]): number[] {
  return to.map(point => Math.hypot(...point.map((value, i) => value - from[i]!))).sort((a, b) => a - b);
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function expectClose(got: Float64Array | undefined, expected: readonly number[], tolerance = 1e-4): void {
  expect(got!.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(got![i]! - value), `row ${i}: ${got![i]} for ${value}`).toBeLessThan(
      tolerance * (1 + Math.abs(value)),
    );
  });
}

describe.each(['images', 'table'])('of %s', name => {
  const scoresOf = async (which: Parameters<Detector['score']>[1]) => {
    const { detector, test } = cases[name]!;
    return detector.score(await hostRows(test, 0, test.size), which);
  };

  it('the reconstruction error is in units of each residual’s deviation', async () => {
    const known = cases[name]!;
    const normal = await takenApart(known, known.train);
    const deviations = normal[0]!.map((_, at) => {
      const given = normal.flatMap(row => row[at]!.residual ?? []);
      return Math.sqrt(meanOf(given.map(value => value * value)));
    });
    // No deviation here is so small that it counts for more.
    expect(Math.min(...deviations)).toBeGreaterThan(0.11 * Math.sqrt(meanOf(deviations.map(value => value * value))));
    const expected = (await takenApart(known, known.test)).map(row =>
      meanOf(row.flatMap(({ residual }, at) => (residual === undefined ? [] : [(residual / deviations[at]!) ** 2]))),
    );
    expectClose((await scoresOf(['reconstructionError'])).reconstructionError, expected);
  });

  it('the negative ELBO is the model’s score', async () => {
    const { vae, test } = cases[name]!;
    const { score } = await vae.run('score', await hostRows(test, 0, test.size));
    expectClose((await scoresOf(['negElbo'])).negElbo, [...score!.data], 1e-5);
  });

  it('the Mahalanobis distance is to the aggregated posterior', async () => {
    const known = cases[name]!;
    const { mean, logVar } = await codesOf(known, known.train);
    const center = [0, 1].map(j => meanOf(mean.map(code => code[j]!)));
    const covariance = (i: number, j: number): number =>
      meanOf(mean.map(code => (code[i]! - center[i]!) * (code[j]! - center[j]!))) +
      (i === j ? meanOf(logVar.map(value => Math.exp(value[i]!))) : 0);
    const [a, b, d] = [covariance(0, 0), covariance(0, 1), covariance(1, 1)];
    const expected = (await codesOf(known, known.test)).mean.map(code => {
      const [u, v] = [code[0]! - center[0]!, code[1]! - center[1]!];
      return (d * u * u - 2 * b * u * v + a * v * v) / (a * d - b * b);
    });
    expectClose((await scoresOf(['mahalanobis'])).mahalanobis, expected, 1e-3);
  });

  it('knn is the mean distance to five codes', async () => {
    const known = cases[name]!;
    const normal = (await codesOf(known, known.train)).mean;
    const expected = (await codesOf(known, known.test)).mean.map(code => meanOf(distances(code, normal).slice(0, 5)));
    expectClose((await scoresOf(['knn'])).knn, expected, 2e-3);
  });

  it('nearest compares what was expected and what was missed', async () => {
    const known = cases[name]!;
    const points = async (data: Dataset): Promise<number[][]> =>
      (await takenApart(known, data)).map(row => [...row.map(d => d.mean), ...row.map(d => d.residual ?? 0)]);
    const normal = await points(known.train);
    const expected = (await points(known.test)).map(row => distances(row, normal)[0]!);
    expectClose((await scoresOf(['nearest'])).nearest, expected, 2e-3);
  });

  it('the combination is calibrated on held-out rows', async () => {
    const { detector, held } = cases[name]!;
    const members = ['nearest', name === 'images' ? 'reconstructionError' : 'negElbo'] as const;
    const normal = await detector.score(await hostRows(held, 0, held.size), members);
    const scores = await scoresOf([...members, 'combined']);
    const units = members.map(member => {
      const sorted = [...normal[member]!].sort((a, b) => a - b);
      const at = (share: number): number => {
        const [low, rest] = [Math.floor(share * 19), (share * 19) % 1];
        return sorted[low]! * (1 - rest) + sorted[Math.min(19, low + 1)]! * rest;
      };
      return { middle: at(0.5), width: (at(0.84) - at(0.16)) / 2 };
    });
    const expected = [...scores.combined!.keys()].map(row =>
      members.reduce((sum, member, k) => {
        const { middle, width } = units[k]!;
        return sum + ([0.75, 0.25][k]! * (scores[member]![row]! - middle)) / width;
      }, 0),
    );
    expectClose(scores.combined, expected);
  });

  it('codes are drawn by the same noise for every row', async () => {
    const { vae, test } = cases[name]!;
    const { reconstructionProbability, negIwae } = await scoresOf(['reconstructionProbability', 'negIwae']);
    const x = await hostRows(test, 0, test.size);
    const noises = noisesOf(vae.model.importanceGraph());
    const codes = await codesOf(cases[name]!, test);
    const kernels = createKernels(alignedBytes(8));
    const epsilon = kernels.float32(2);
    const draws = Array.from({ length: 16 }, (_, draw) => {
      kernels.fillNormal(epsilon, { seed: 0, stream: streamOf(`detection/${noises[0]!.name}`), step: draw });
      const z = codes.mean.map((mean, row) =>
        mean.map((value, j) => value + Math.exp(codes.logVar[row]![j]! / 2) * epsilon[j]!),
      );
      return { z, epsilon: [...epsilon] };
    });
    const program = await vae.runtime.compile(vae.model.jointGraph());
    const weights: number[][] = [];
    const likelihoods: number[][] = [];
    for (const { z, epsilon } of draws) {
      const codesGiven = float32(Float32Array.from(z.flat()), [test.size, 2]);
      const { logJoint } = await program.run({ ...vae.parameters, x, z: codesGiven });
      const log2Pi = Math.log(2 * Math.PI);
      const logPrior = z.map(code => code.reduce((sum, v) => sum - (v * v + log2Pi) / 2, 0));
      const logQ = codes.logVar.map(logVar =>
        logVar.reduce((sum, value, j) => sum - (epsilon[j]! ** 2 + value + log2Pi) / 2, 0),
      );
      likelihoods.push(logPrior.map((prior, row) => Number(logJoint!.data[row]) - prior));
      weights.push(logQ.map((q, row) => Number(logJoint!.data[row]) - q));
    }
    await program.dispose();
    const rows = [...codes.mean.keys()];
    expectClose(
      reconstructionProbability,
      rows.map(row => -meanOf(likelihoods.map(values => values[row]!))),
    );
    expectClose(
      negIwae,
      rows.map(row => -Math.log(meanOf(weights.map(values => Math.exp(values[row]!))))),
    );
  });

  it('a row has the same score in any batch', async () => {
    const { detector, test } = cases[name]!;
    const together = await scoresOf(detector.names);
    for (const row of [0, 4, 8]) {
      const alone = await detector.score(await hostRows(test, row, row + 1), detector.names);
      for (const score of detector.names) expect(alone[score]![0], score).toBe(together[score]![row]);
    }
    const many = subset(
      test,
      Array.from({ length: 300 }, (_, row) => row % 9),
    );
    const { combined } = await detector.score(await hostRows(many, 0, many.size));
    expect([...combined!.subarray(270, 279)]).toEqual([...together.combined!]);
  });
});

describe('likelihood regret', () => {
  /** x = (z₁, 2 z₂) + noise of variance ¼, whose true posteriors are normal with independent dimensions; the encoder is told. */
  async function linearVae(shift: number, logVar: readonly number[]): Promise<TrainedVae> {
    const spec = vaeSpec({
      input: { shape: [2], dtype: 'float32', range: [0, 1] },
      latent: 2,
      encoder: [dense(2)],
      decoder: [dense('output')],
      likelihood: { type: 'normal', variance: 'fixed', deviation: 0.5 },
    });
    const model = buildModel(spec);
    // Means: z̄ = gain · x, gains 1/(1 + ¼) and 2/(4 + ¼).
    const values: Record<string, readonly number[]> = {
      'encoder.0.weight': [1, 0, 0, 1],
      'encoder.0.bias': [0, 0],
      'decoder.0.weight': [1, 0, 0, 2],
      'decoder.0.bias': [0, 0],
    };
    const gains = [1 / 1.25, 2 / 4.25];
    const parameters = model.parameters.map(({ name, shape }) => {
      const posterior = shape.length === 2 ? [gains[0]!, 0, 0, 0, 0, gains[1]!, 0, 0] : [shift, shift, ...logVar];
      return [name, float32(Float32Array.from(values[name] ?? posterior), shape)] as const;
    });
    return new TrainedVae(model, Object.fromEntries(parameters), await nodeRuntime({ threads: 1 }));
  }

  /** Variances of the true posteriors. */
  const variances = [0.25 / 1.25, 0.25 / 4.25];
  const rows = arrayDataset({
    name: 'plane',
    data: Float32Array.from([0, 0, 1, -1, 0.5, 2, -2, 0.3, 0.1, 0.9, 1.5, 1.5]),
    shape: [2],
  });

  it('is the divergence from the true posterior, where that can be reached', async () => {
    const logVar = variances.map((value, j) => Math.log(value) + [0.4, -0.3][j]!);
    const model = await linearVae(0.15, logVar);
    const detector = await fitDetector(model, { train: rows, validation: rows });
    const { likelihoodRegret } = await detector.score(await hostRows(rows, 0, 6), ['likelihoodRegret']);
    const divergence = variances.reduce((sum, variance, j) => {
      const own = Math.exp(logVar[j]!);
      return sum + 0.5 * (own / variance + 0.15 ** 2 / variance - 1 - Math.log(own / variance));
    }, 0);
    expectClose(likelihoodRegret, Array(6).fill(divergence), 5e-3);
  });

  it('is nothing where the encoder is right', async () => {
    const detector = await fitDetector(await linearVae(0, variances.map(Math.log)), { train: rows, validation: rows });
    const { likelihoodRegret } = await detector.score(await hostRows(rows, 0, 6), ['likelihoodRegret']);
    expect(Math.max(...likelihoodRegret!)).toBeLessThan(1e-4);
    expect(Math.min(...likelihoodRegret!)).toBeGreaterThanOrEqual(0);
  });
});

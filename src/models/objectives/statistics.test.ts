// The objectives made of statistics of a whole batch, against the same statistics written out in plain float64.

import { describe, expect, it } from 'vitest';
import { graph, input } from '../../graph/index.ts';
import { evaluateReference } from '../../runtime/reference.ts';
import type { ObjectiveOptions } from '../index.ts';
import { type Kernel, mmd } from './mmd.ts';
import { gradients, latent, logMean, logWeights, modelWith, rows, stepFeeds, total, values } from './testing.ts';

const plain = modelWith({ type: 'elbo' });
const feeds = stepFeeds(plain);
const indices = Array.from({ length: rows }, (_, i) => i);
const dimensions = Array.from({ length: latent }, (_, j) => j);
const { mean, logVar } = values(plain.encoderGraph(), feeds);
const at = (list: readonly number[], row: number, j: number): number => list[row * latent + j]!;
const noise = feeds['posterior.noise']!.data;
const codes = mean!.map((m, i) => m + Math.exp(logVar![i]! / 2) * noise[i]!);
const { reconstruction, kl } = values(plain.boundGraph(), feeds);

const run = (objective: ObjectiveOptions, extra = {}) => {
  const model = modelWith(objective);
  const out = values(model.stepGraph(), { ...stepFeeds(model), ...extra });
  return { loss: out.loss![0]!, gradients: gradients(out) };
};

describe('capacity', () => {
  const fed = (capacity: number) => ({ capacity: { shape: [], data: [capacity] } });

  it('of 0 with weight 1 is the bound, where there is any KL', () => {
    const [got, bound] = [run({ type: 'capacity', weight: 1 }, fed(0)), run({ type: 'elbo' })];
    expect(total(kl!)).toBeGreaterThan(0.1);
    expect(got.loss).toBeCloseTo(bound.loss, 12);
    expect(got.gradients).toEqual(bound.gradients);
  });

  it('charges the distance of the mean KL on either side', () => {
    const average = total(kl!) / rows;
    for (const target of [average - 0.1, average + 0.2]) {
      const expected = total(reconstruction!) + 30 * rows * Math.abs(average - target);
      expect(run({ type: 'capacity', weight: 30 }, fed(target)).loss).toBeCloseTo(expected, 10);
    }
  });
});

describe('β-TC', () => {
  const logNormal = (z: number, m: number, v: number): number =>
    -0.5 * ((z - m) ** 2 / Math.exp(v) + v + Math.log(2 * Math.PI));
  /** log q(zᵢ|xⱼ) in dimension d. */
  const pair = (i: number, j: number, d: number): number =>
    logNormal(at(codes, i, d), at(mean!, j, d), at(logVar!, j, d));
  const sumOver = (i: number, j: number): number => total(dimensions.map(d => pair(i, j, d)));

  const data = 40;
  /** log q from log q(zᵢ|xⱼ) over j. */
  const estimators = {
    mws: (_: number, logs: readonly number[]) => logMean(logs) + Math.log(rows) - Math.log(data * rows),
    // The paper's weights, averaged over which of the other rows has the one that differs.
    mss: (i: number, logs: readonly number[]) => {
      const others = rows - 1;
      const q = logs.map(Math.exp);
      const last = indices.filter(j => j !== i);
      const of = last.map(l => {
        const weight = (j: number): number =>
          j === i ? 1 / data : j === l ? (data - others) / (data * others) : 1 / others;
        return total(indices.map(j => weight(j) * q[j]!));
      });
      return Math.log(total(of) / of.length);
    },
  };

  it.each(['mws', 'mss'] as const)('decomposes the KL as in plain float64: %s', estimator => {
    const average = estimators[estimator];
    const [alpha, beta, gamma] = [0.5, 3, 2];
    const expected = indices.map(i => {
      const joint = average(
        i,
        indices.map(j => sumOver(i, j)),
      );
      const marginals = total(
        dimensions.map(d =>
          average(
            i,
            indices.map(j => pair(i, j, d)),
          ),
        ),
      );
      const prior = total(dimensions.map(d => logNormal(at(codes, i, d), 0, 0)));
      const information = sumOver(i, i) - joint;
      return reconstruction![i]! + alpha * information + beta * (joint - marginals) + gamma * (marginals - prior);
    });
    expect(run({ type: 'betaTc', alpha, beta, gamma, estimator }).loss).toBeCloseTo(total(expected), 10);
  });

  it.each(['mws', 'mss'] as const)('with all weights 1 is the bound at the drawn codes: %s', estimator => {
    const { loss, gradients: got } = run({ type: 'betaTc', alpha: 1, beta: 1, gamma: 1, estimator });
    expect(loss).toBeCloseTo(-total(logWeights(plain, feeds, 1)), 10);
    const expected = run({ type: 'iwae', samples: 1 }).gradients;
    for (const [name, list] of Object.entries(expected)) {
      list.forEach((value, i) => {
        expect(got[name]![i]).toBeCloseTo(value, 10);
      });
    }
  });

  it('stratified over a batch that is the whole data set, is exact', () => {
    const exact = indices.map(i => logMean(indices.map(j => sumOver(i, j))));
    const whole = { datasetSize: { shape: [], data: [rows] } };
    const losses = [0, 1].map(alpha => run({ type: 'betaTc', alpha, beta: 0, gamma: 0, estimator: 'mss' }, whole).loss);
    const information = total(indices.map(i => sumOver(i, i) - exact[i]!));
    expect(losses[1]! - losses[0]!).toBeCloseTo(information, 10);
  });
});

describe('DIP', () => {
  it.each(['I', 'II'] as const)('charges the covariance as in plain float64: %s', variant => {
    const centre = dimensions.map(j => total(indices.map(i => at(mean!, i, j))) / rows);
    const covariance = (a: number, b: number): number => {
      const ofMeans = total(indices.map(i => (at(mean!, i, a) - centre[a]!) * (at(mean!, i, b) - centre[b]!))) / rows;
      if (variant === 'I' || a !== b) return ofMeans;
      return ofMeans + total(indices.map(i => Math.exp(at(logVar!, i, a)))) / rows;
    };
    const distance = total(
      dimensions.flatMap(a =>
        dimensions.map(b => (a === b ? 5 * (covariance(a, a) - 1) ** 2 : 3 * covariance(a, b) ** 2)),
      ),
    );
    const { loss } = run({ type: 'dipVae', variant, klWeight: 2, offDiagonal: 3, diagonal: 5 });
    expect(loss).toBeCloseTo(total(reconstruction!) + 2 * total(kl!) + rows * distance, 10);
  });

  it('without weights is the bound', () => {
    const got = run({ type: 'dipVae', offDiagonal: 0, diagonal: 0 });
    expect(got.loss).toBeCloseTo(run({ type: 'elbo' }).loss, 12);
  });
});

describe('the discrepancy', () => {
  const plainMmd = (a: number[][], b: number[][], kernel: Kernel, bandwidth: number): number => {
    const c = 2 * a[0]!.length * bandwidth ** 2;
    const k = (x: number[], y: number[]): number => {
      const squared = total(x.map((value, j) => (value - y[j]!) ** 2));
      if (kernel === 'rbf') return Math.exp(-squared / c);
      return total([0.1, 0.2, 0.5, 1, 2, 5, 10].map(s => (s * c) / (s * c + squared)));
    };
    const n = a.length;
    const within = (list: number[][]): number =>
      total(list.flatMap((x, i) => list.flatMap((y, j) => (i === j ? [] : [k(x, y)])))) / (n * (n - 1));
    return within(a) + within(b) - (2 * total(a.flatMap(x => b.map(y => k(x, y))))) / n ** 2;
  };
  const evaluate = (a: number[][], b: number[][], kernel: Kernel, bandwidth: number): number => {
    const [x, y] = [input('x', ['N', a[0]!.length]), input('y', ['N', a[0]!.length])];
    const feed = (list: number[][]) => ({ shape: [list.length, list[0]!.length], data: list.flat() });
    const out = evaluateReference(graph({ d: mmd(x, y, kernel, bandwidth) }), { x: feed(a), y: feed(b) });
    return out.d!.data[0]!;
  };
  /** Quantiles of a normal distribution in a shuffled order, one column each. */
  const sample = (count: number, shift: number, seed: number): number[][] =>
    Array.from({ length: count }, (_, i) =>
      [0, 1].map(j => {
        const p = (((i * (7 + 4 * j + seed)) % count) + 0.5) / count;
        return shift + Math.log(p / (1 - p)) / 1.702;
      }),
    );

  it.each([
    ['rbf', 1],
    ['rbf', 0.5],
    ['imq', 1],
    ['imq', 2],
  ] as const)(
    'by the kernel %s of bandwidth %f is that of plain float64, near 0 for like samples',
    (kernel, bandwidth) => {
      const [a, b, far] = [sample(31, 0, 0), sample(31, 0, 3), sample(31, 2, 3)];
      for (const other of [a, b, far]) {
        expect(evaluate(a, other, kernel, bandwidth)).toBeCloseTo(plainMmd(a, other, kernel, bandwidth), 10);
      }
      const scale = kernel === 'rbf' ? 1 : 7;
      expect(Math.abs(evaluate(a, a, kernel, bandwidth))).toBeLessThan((2 * scale) / 31);
      expect(evaluate(a, far, kernel, bandwidth)).toBeGreaterThan(3 * Math.abs(evaluate(a, b, kernel, bandwidth)));
    },
  );

  it('enters InfoVAE and WAE with its weight, times the batch', () => {
    const model = modelWith({ type: 'wae' });
    const prior = stepFeeds(model)['prior.noise']!;
    const rowsOf = (list: ArrayLike<number>) => indices.map(i => dimensions.map(j => list[i * latent + j]!));
    const discrepancy = plainMmd(rowsOf(codes), rowsOf(prior.data), 'imq', 1);
    const [r, k] = [total(reconstruction!), total(kl!)];
    expect(run({ type: 'wae', weight: 7 }).loss).toBeCloseTo(r + 7 * rows * discrepancy, 10);
    const info = run({ type: 'infoVae', alpha: 0.25, lambda: 9, kernel: 'imq' });
    expect(info.loss).toBeCloseTo(r + 0.75 * k + 8.25 * rows * discrepancy, 10);
    expect(run({ type: 'infoVae', alpha: 0, lambda: 1 }).loss).toBeCloseTo(r + k, 10);
  });
});

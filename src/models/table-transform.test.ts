// A transformed column, held against the density written out in the number's own unit, and against 1, its integral.

import { describe, expect, it } from 'vitest';
import { checkGradients } from '../autodiff/index.ts';
import type { Column, NumericColumn } from '../columns.ts';
import { graph, input } from '../graph/index.ts';
import { RootScope } from '../nn/index.ts';
import { sum } from '../ops/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { held } from './likelihoods/cases.ts';
import { likelihoodOf } from './likelihoods/index.ts';
import { standardize } from './table.ts';
import { toHost } from './testing.ts';

const income: NumericColumn = {
  name: 'income',
  type: 'numeric',
  mean: 0.4,
  deviation: 1.3,
  transform: { type: 'asinh', center: 30_000, scale: 12_000 },
};
const columns: readonly Column[] = [income, { name: 'age', type: 'numeric', mean: 40, deviation: 12 }];
const { center, scale } = income.transform!;
const [mean, deviation] = [income.mean!, income.deviation!];
const spec = { type: 'mixed', variance: 'decoder' } as const;
const likelihood = likelihoodOf(spec).build(spec, new RootScope({ training: false }), {
  shape: [2],
  dtype: 'float32',
  range: [0, 1],
  columns,
});
const [x, output] = [input('x', ['N', 2]), input('output', ['N', 4])];
const seen = standardize(x, columns);
const whole = graph({ seen, terms: likelihood.perDimension!(seen, output), mean: likelihood.mean(output) });
// Centers of both columns, then their log-variances.
const decoded = [0.3, -0.7, -0.8, 0.2];
const feedsOf = (incomes: readonly number[]) => ({
  x: { shape: [incomes.length, 2], data: incomes.flatMap(value => [value, 31]) },
  output: { shape: [incomes.length, 4], data: incomes.flatMap(() => decoded) },
});
const incomes = [-2e5, -1, 0, 29_999, 30_000, 30_001, 1e5, 1e9];

/** log p of an income, by the change of variables in float64. */
function logProbOf(value: number): number {
  const u = (value - center) / scale;
  const spread = deviation * Math.exp(held(decoded[2]!, -12, 6) / 2);
  const error = (Math.asinh(u) - (mean + deviation * decoded[0]!)) / spread;
  const slope = 1 / (scale * Math.sqrt(1 + u * u));
  return -0.5 * error ** 2 - Math.log(spread * Math.sqrt(2 * Math.PI)) + Math.log(slope);
}

describe('a column with a transform', () => {
  it('is seen by networks as the standardised inverse hyperbolic sine, and what is missing stays so', () => {
    const { data } = evaluateReference(whole, feedsOf([...incomes, Number.NaN])).seen!;
    incomes.forEach((value, i) => {
      expect(data[2 * i]).toBeCloseTo((Math.asinh((value - center) / scale) - mean) / deviation, 12);
      expect(data[2 * i + 1]).toBeCloseTo((31 - 40) / 12, 12);
    });
    expect(data[2 * incomes.length]).toBeNaN();
  });

  it('has a density per its own unit', () => {
    const { data } = evaluateReference(whole, feedsOf(incomes)).terms!;
    incomes.forEach((value, i) => {
      expect(data[2 * i]).toBeCloseTo(logProbOf(value), 9);
    });
  });

  it('has a density that integrates to one over its own unit', () => {
    // The trapezium rule on a grid that is finer about the center; its widths are differences, so no Jacobian enters here.
    const grid = Array.from({ length: 4001 }, (_, i) => center + scale * ((i - 2000) / 200) ** 3);
    const { data } = evaluateReference(whole, feedsOf(grid)).terms!;
    const widths = grid.map((at, i) => ((grid[i + 1] ?? at) - (grid[i - 1] ?? at)) / 2);
    const total = widths.reduce((sum, width, i) => sum + width * Math.exp(data[2 * i]!), 0);
    // Beyond ±1000 scales lie the tails of a normal distribution beyond some 4.6 deviations.
    expect(total).toBeCloseTo(1, 4);
  });

  it('expects its median: the way back from the middle of the normal', () => {
    const { data } = evaluateReference(whole, feedsOf([0])).mean!;
    expect(data[0]).toBeCloseTo(center + scale * Math.sinh(mean + deviation * decoded[0]!), 6);
    expect(data[1]).toBeCloseTo(40 + 12 * decoded[1]!, 10);
  });

  it('has gradients that finite differences confirm', () => {
    checkGradients(sum(likelihood.logProb(seen, output)), [output], feedsOf([...incomes, Number.NaN]));
    checkGradients(sum(likelihood.mean(output)), [output], feedsOf([0]));
  });

  it('is in float32 what it is in float64, and finite at the ends of float32', async () => {
    const program = await (await nodeRuntime({ threads: 1 })).compile(whole);
    const run = (values: readonly number[]) => program.run(toHost(whole, feedsOf(values)));
    const got = await run(incomes);
    evaluateReference(whole, feedsOf(incomes)).terms!.data.forEach((value, i) => {
      expect(Math.abs(Number(got.terms!.data[i]) - value) / Math.max(1, Math.abs(value))).toBeLessThan(2e-5);
    });
    const extreme = await program.run(
      toHost(whole, { ...feedsOf([-3e38, 3e38]), output: { shape: [2, 4], data: [1e4, 0, 0, 0, -1e4, 0, 0, 0] } }),
    );
    for (const { data } of Object.values(extreme)) for (const value of data) expect(Number.isFinite(value)).toBe(true);
    await program.dispose();
  });
});

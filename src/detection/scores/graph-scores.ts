// The scores that draw nothing and take no steps: formulas of a row's facts and of what was fitted to normal rows.

import type { Shape, Tensor } from '../../graph/index.ts';
import type { ModelSpec } from '../../models/index.ts';
import { concat, div, matmul, maximum, mul, square, sub, sum } from '../../ops/index.ts';
import { nearestDistance } from './distance.ts';
import { featureCount, type RowFacts } from './row-facts.ts';

/** Names of what is fitted to normal rows (see normal-rows.ts). */
export type FittedName = 'residual.deviation' | 'code.mean' | 'code.precision' | 'normal.codes' | 'normal.rows';

/** The shapes of what is fitted; N is the number of reference rows. */
export function fittedShapes(spec: ModelSpec): Readonly<Record<FittedName, Shape>> {
  const { latent } = spec;
  const features = featureCount(spec.input);
  return {
    'residual.deviation': [features],
    'code.mean': [latent],
    'code.precision': [latent, latent],
    'normal.codes': ['N', latent],
    'normal.rows': ['N', 2 * features],
  };
}

/** Neighbours among codes. */
const neighbours = 5;

/** A row as the model takes it apart: what was expected, and what was missed. */
export function rowTakenApart({ expected, residual }: RowFacts): Tensor {
  return concat([expected, residual], 1);
}

type GraphScore = (row: RowFacts, fitted: (name: FittedName) => Tensor) => Tensor;

export type GraphScoreName = 'reconstructionError' | 'negElbo' | 'mahalanobis' | 'knn' | 'nearest';

export const graphScores: Readonly<Record<GraphScoreName, GraphScore>> = {
  /** Mean over the values that are there of ((x − x̂) / s)², s the deviation of that residual among normal rows. */
  reconstructionError({ residual, given }, fitted) {
    const squares = square(div(residual, fitted('residual.deviation')));
    const [, features] = squares.shape as [unknown, number];
    // A row of which nothing is there misses nothing.
    return div(sum(squares, 1), given ? maximum(sum(given, 1), 1) : features);
  },

  /** −log p(x|z̄) + KL(q(z|x) ‖ p(z)). */
  negElbo: ({ negElbo }) => negElbo,

  /** (z̄ − m)ᵀ C⁻¹ (z̄ − m), m and C the mean and covariance of the aggregated posterior. */
  mahalanobis({ code }, fitted) {
    const offset = sub(code, fitted('code.mean'));
    return sum(mul(matmul(offset, fitted('code.precision')), offset), 1);
  },

  /** Mean distance to the nearest codes of normal rows (Eskin et al. 2002, in code space). */
  knn: ({ code }, fitted) => nearestDistance(code, fitted('normal.codes'), neighbours),

  /** Distance to the nearest normal row, both taken apart into what was expected and what was missed. */
  nearest: (row, fitted) => nearestDistance(rowTakenApart(row), fitted('normal.rows'), 1),
};

export function isGraphScore(name: string): name is GraphScoreName {
  return Object.hasOwn(graphScores, name);
}

// Disentanglement, completeness and informativeness (Eastwood and Williams 2018, "A Framework for the Quantitative Evaluation
// of Disentangled Representations", section 2): a forest predicts each factor from the code; which dimensions it used is
// read two ways. Importances and depth are those of ./forest.ts, where the paper validates the depth on other rows and
// Locatello et al. 2019 boost trees; informativeness is an accuracy, as theirs.

import { average, type FactoredCodes } from './codes.ts';
import { type ForestOptions, fitForest } from './forest.ts';

/** Each from 0 to 1, 1 being best. */
export interface Dci {
  /** Whether a dimension says something of one factor only: {@link disentanglementOf}. */
  readonly disentanglement: number;
  /** Whether a factor is said by one dimension only: {@link completenessOf}. */
  readonly completeness: number;
  /** How well the codes tell the factors: accuracy on rows that a tree has not seen, averaged over factors. */
  readonly informativeness: number;
}

export function dci({ dimensions, factors }: FactoredCodes, forest: ForestOptions): Dci {
  const findings = factors.map(({ numbers }) => fitForest(dimensions, numbers, forest));
  const importance = findings.map(finding => finding.importance);
  return {
    disentanglement: disentanglementOf(importance),
    completeness: completenessOf(importance),
    informativeness: average(findings.map(({ accuracy }) => accuracy)),
  };
}

/**
 * Σᵢ ρᵢ (1 − H(Pᵢ)): the entropy, to the base of the number of factors, of how dimension i's importance is shared among
 * the factors, weighed by the dimension's share ρᵢ of all importance.
 *
 * @param importance `importance[factor][dimension]`, 0 or more
 */
export function disentanglementOf(importance: readonly ArrayLike<number>[]): number {
  const dimensions = Array.from(importance[0] ?? [], (_, i) => importance.map(of => of[i]!));
  const total = dimensions.flat().reduce((a, b) => a + b, 0);
  if (total === 0) return 0;
  return dimensions.reduce((sum, shares) => sum + (shares.reduce((a, b) => a + b) / total) * concentration(shares), 0);
}

/**
 * The mean over factors of 1 − H(P̃ₖ): the entropy, to the base of the number of dimensions, of how the importance for factor
 * k is shared among the dimensions.
 */
export function completenessOf(importance: readonly ArrayLike<number>[]): number {
  return average(importance.map(of => concentration(Array.from(of))));
}

/** 1 where one has all, 0 where all have as much: 1 + Σ p log p / log n. */
function concentration(shares: readonly number[]): number {
  const total = shares.reduce((a, b) => a + b, 0);
  if (total === 0) return 0;
  if (shares.length === 1) return 1;
  const negative = shares.reduce(
    (sum, share) => (share > 0 ? sum + (share / total) * Math.log(share / total) : sum),
    0,
  );
  return 1 + negative / Math.log(shares.length);
}

// How far the dimensions of a code are each about one factor of variation, by the scores that the literature compares models
// with, at the sizes of Locatello et al. 2019 ("Challenging Common Assumptions in the Unsupervised Learning of Disentangled
// Representations"): 10,000 rows; 10,000 training and 5,000 test points of 64 rows each. All follow from the
// codes and the seed.

import { betaVaeScore } from './beta-vae.ts';
import type { FactoredCodes } from './codes.ts';
import { dci } from './dci.ts';
import { factorVaeScore } from './factor-vae.ts';
import { mutualInformationGap } from './mig.ts';
import { separatedAttributePredictability } from './sap.ts';

export { type FactorColumn, type FactoredCodes, factoredCodes } from './codes.ts';

export interface DisentanglementOptions {
  /** Points that the classifiers of the β-VAE and FactorVAE scores learn from. Default 10,000. */
  readonly trainingPoints?: number | undefined;
  /** Points that they are judged on. Default 5,000. */
  readonly testPoints?: number | undefined;
  /** Rows, or pairs of rows, of a point. Default 64. */
  readonly batchSize?: number | undefined;
  /** Trees of each of DCI's forests. Default 10. */
  readonly trees?: number | undefined;
  readonly seed?: number | undefined;
}

/** The scores, each from 0 to 1, 1 being best. Those of FactorVAE and β-VAE are 1/K by chance, with K factors. */
export interface DisentanglementScores {
  readonly mig: number;
  readonly sap: number;
  readonly dciDisentanglement: number;
  readonly dciCompleteness: number;
  readonly dciInformativeness: number;
  readonly factorVaeScore: number;
  readonly betaVaeScore: number;
}

/**
 * All disentanglement scores of codes.
 * @example
 * const { test } = await loadSprites();
 * disentanglementScores(factoredCodes(await encodeAll(vae, test), test));
 */
export function disentanglementScores(
  codes: FactoredCodes,
  options: DisentanglementOptions = {},
): DisentanglementScores {
  const { trainingPoints = 10_000, testPoints = 5_000, batchSize = 64, trees = 10, seed = 0 } = options;
  const { disentanglement, completeness, informativeness } = dci(codes, { trees, depth: 12, seed });
  const points = { trainingPoints, testPoints, batchSize, seed };
  return {
    mig: mutualInformationGap(codes),
    sap: separatedAttributePredictability(codes),
    dciDisentanglement: disentanglement,
    dciCompleteness: completeness,
    dciInformativeness: informativeness,
    factorVaeScore: factorVaeScore(codes, points),
    betaVaeScore: betaVaeScore(codes, points),
  };
}

// Over-regularisation: the KL weighs so much that reconstructions are no better than the mean of the data. A weight above 1
// is a choice (Higgins et al. 2017), and one that leaves anything of the data is none of the doctor's business.

import { hasDensity, pressureOf } from '../codes.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { boundWeight, warmUp } from '../mends.ts';

/** Reconstructions that explain less of the data's variance are little better than its mean. */
const little = 0.1;

/** Nats a dimension below which a code is as good as empty. */
const empty = 0.05;

export const overRegularization: Diagnosis = {
  title: 'over-regularisation',
  acute: false,
  examine(patient) {
    const { spec, bound, vitals } = patient;
    const { explained = 1 } = vitals;
    const weight = pressureOf(patient);
    const perDimension = bound.kl / spec.latent;
    const seen =
      `reconstructions explain ${percent(explained)} of the data's variance, with ${perDimension.toFixed(3)} nats of KL ` +
      `a dimension under a KL weight of ${Number(weight.toPrecision(3))}`;
    if (!hasDensity(spec) || weight <= 1 || explained >= little || perDimension >= empty) return seen;
    return {
      severity: 'warning',
      seen,
      evidence: { explained, klPerDimension: perDimension, klWeight: weight },
      why: 'at this weight no dimension is worth its KL, and what is left is the mean of the data; some pressure is a choice, this much leaves no code',
      mends: [boundWeight, warmUp(patient)],
    };
  },
};

function percent(share: number): string {
  return `${Math.max(0, 100 * share).toFixed(1)} %`;
}

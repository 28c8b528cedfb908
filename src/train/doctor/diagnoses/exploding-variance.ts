// Exploding variance: what is an exponential in the model (a variance) or a product over its layers (a gradient) runs away.

import { likelihoods } from '../../../models/index.ts';
import { pressureOf } from '../codes.ts';
import type { Diagnosis, Patient } from '../diagnosis.ts';
import { clip, lowerRate } from '../mends.ts';

/** Log-variances of a posterior that has anything to do with a prior of variance 1: deviations from 5e-5 to 12. */
const usual = [-20, 5] as const;

/** Nats that no dimension is worth: those of a mean 25 deviations of the prior away. */
const tooFar = 300;

/** Log-variances of data on the scale of [0, 1], whose likelihoods hold theirs between -12 and 6. */
const widest = 5;

/** Log-density of a dimension in nats: that of a deviation of 0.004, a grey level of 255. */
const sharpest = 4.1;

/** Batches differ; a gradient so many times as long as most is none of their differences. */
const leap = 100;

export const explodingVariance: Diagnosis = {
  title: 'exploding variance',
  acute: true,
  examine(patient) {
    const { vitals, bound, training } = patient;
    const signs = signsOf(patient);
    const [low, high] = vitals.logVar ?? [0, 0];
    const { typical = 0, largest = 0 } = vitals.gradientNorm ?? {};
    if (signs.length === 0) return 'variances and gradients are in their usual range';
    return {
      severity: 'warning',
      seen: signs.join('; '),
      evidence: {
        lowestLogVar: low,
        highestLogVar: high,
        kl: bound.kl,
        gradientNorm: typical,
        largestGradientNorm: largest,
      },
      why: 'variances are exponentials of what the networks give, so one long step multiplies them, and the gradients with them',
      mends: [...clip(patient), lowerRate(training)],
    };
  },
};

function signsOf(patient: Patient): string[] {
  const { spec, vitals, bound } = patient;
  // Nothing holds a posterior that costs nothing.
  const held = pressureOf(patient) > 0;
  const { logVar, gradientNorm, likelihoodLogVar = 0 } = vitals;
  const signs: string[] = [];
  if (held && logVar && (logVar[0] < usual[0] || logVar[1] > usual[1])) {
    const [low, high] = logVar.map(value => Math.exp(value / 2).toPrecision(2));
    signs.push(`the posterior's deviations reach from ${low} to ${high}, where the prior's are 1`);
  }
  if (held && bound.kl > tooFar * spec.latent) signs.push(`the KL is ${Math.round(bound.kl)} nats`);
  if (gradientNorm && gradientNorm.largest > leap * gradientNorm.typical) {
    const [largest, typical] = [gradientNorm.largest, gradientNorm.typical].map(norm => norm.toPrecision(2));
    signs.push(`a gradient's norm is ${largest}, where ${typical} is usual`);
  }
  if (likelihoodLogVar > widest) {
    signs.push(`the likelihood's deviation is ${Math.exp(likelihoodLogVar / 2).toPrecision(2)} times the data's range`);
  }
  const isDensity = likelihoods[spec.likelihood.type].measure(spec.binarization) === 'density';
  const perDimension = -bound.reconstruction / spec.input.shape.reduce((a, b) => a * b, 1);
  if (isDensity && perDimension > sharpest) {
    signs.push(`the log-density of the data is ${perDimension.toFixed(1)} nats a dimension, which has no bound`);
  }
  return signs;
}

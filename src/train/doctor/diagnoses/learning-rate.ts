// Too high a learning rate: the loss leaps up between steps, or was not finite and training had to go back.

import type { Diagnosis } from '../diagnosis.ts';
import { clip, lowerRate } from '../mends.ts';

/** One leap in so many steps is too many, and fewer than this are chance. */
const share = 0.01;
const chance = 3;

export const learningRate: Diagnosis = {
  title: 'too high a learning rate',
  acute: true,
  examine(patient) {
    const { vitals, stepsPerEpoch, training } = patient;
    const { spikes, rollbacks } = vitals;
    const leaps = `the loss leapt up at ${spikes} of the epoch's ${stepsPerEpoch} steps`;
    if (rollbacks === 0 && spikes < Math.max(chance, share * stepsPerEpoch)) return leaps;
    const back = rollbacks === 1 ? 'once' : `${rollbacks} times`;
    return {
      severity: 'warning',
      seen: rollbacks === 0 ? leaps : `${leaps}, and training had to go back ${back}`,
      evidence: { spikes, rollbacks, learningRate: training.optimizer.learningRate },
      why: 'steps are longer than the loss is smooth: each lands somewhere worse, and the next gradient comes from there',
      mends: [lowerRate(training), ...clip(patient)],
    };
  },
};

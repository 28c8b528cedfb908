// What mends a training, as options of `latentkit train` and as the fields behind them.

import type { TrainingConfig } from '../../artifact/index.ts';
import type { ModelSpec } from '../../models/index.ts';
import type { Mend, Patient } from './diagnosis.ts';

/** The KL's weight rises from 0 once more, over half of what is left of the training and at most ten epochs. */
export function warmUp({ epochsLeft }: Patient): Mend {
  const epochs = Math.min(10, Math.max(1, Math.round(epochsLeft / 2)));
  return { option: `--kl-warmup-epochs ${epochs}`, objective: { klWarmup: { epochs } } };
}

/** A tenth of a nat for each dimension costs nothing: enough for it to be used, too little to miss in the bound. */
export const freeBits: Mend = { option: '--free-bits 0.1', objective: { freeBits: 0.1 } };

/** The bound's own weight. */
export const boundWeight: Mend = { option: '--kl-weight 1', objective: { klWeight: 1 } };

/** A quarter of the learning rate. */
export function lowerRate({ optimizer }: TrainingConfig): Mend {
  const learningRate = Number((optimizer.learningRate / 4).toPrecision(2));
  return { option: `--learning-rate ${learningRate}`, optimizer: { learningRate } };
}

/** Where few gradients are much longer than the others: those clipped to the norm that is usual, in one digit. */
export function clip({ vitals: { gradientNorm }, training }: Patient): Mend[] {
  if (gradientNorm === undefined || training.optimizer.clipNorm !== undefined) return [];
  const { typical, largest } = gradientNorm;
  if (largest < 10 * typical) return [];
  const clipNorm = Number(typical.toPrecision(1));
  return [{ option: `--clip-norm ${clipNorm}`, optimizer: { clipNorm } }];
}

/** A likelihood whose fixed deviation is too large to tell data apart is learned instead. */
export function learnedDeviation({ likelihood }: ModelSpec): Mend[] {
  const fixed = likelihood.type === 'normal' && likelihood.variance === 'fixed';
  return fixed ? [{ option: '--likelihood normal (a deviation that is learned)' }] : [];
}

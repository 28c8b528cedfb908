// The course of the loss, watched as steps pass: a leap is what no noise of batches explains. All of it is numbers in the
// checkpoint, so that a training which was stopped comes to the same verdicts.

import type { Pulse, Vitals } from '../../artifact/index.ts';

/** The pulse before the first step. */
export const stillPulse: Pulse = { level: null, spread: 0, spikes: 0, norms: { count: 0, logSum: 0, largest: 0 } };

/** How much of a new value the running means take up. */
const rate = 0.05;

/** A leap is a loss so many times its usual distance above its running mean. */
const leap = 8;

/**
 * The pulse after one more step. A leap counts as the largest usual distance, so that one does not hide the next.
 *
 * @param loss nats a row: of the bound, since other terms of an objective may leap by themselves
 * @param gradientNorm where it was measured at this step
 */
export function beat(pulse: Pulse, loss: number, gradientNorm: number | undefined): Pulse {
  const norms = gradientNorm === undefined ? pulse.norms : withNorm(pulse.norms, gradientNorm);
  // Until more is known, a third of the first loss passes for noise.
  if (pulse.level === null) return { ...pulse, norms, level: loss, spread: Math.max(1, Math.abs(loss) / 3) };
  const distance = loss - pulse.level;
  const leapt = distance > leap * pulse.spread;
  const most = leap * pulse.spread;
  const usual = Math.min(Math.max(distance, -most), most);
  return {
    level: pulse.level + rate * usual,
    spread: pulse.spread + rate * (Math.abs(usual) - pulse.spread),
    spikes: pulse.spikes + (leapt ? 1 : 0),
    norms,
  };
}

function withNorm({ count, logSum, largest }: Pulse['norms'], norm: number): Pulse['norms'] {
  return {
    count: count + 1,
    logSum: logSum + Math.log(Math.max(norm, Number.MIN_VALUE)),
    largest: Math.max(largest, norm),
  };
}

/** The pulse at the start of an epoch. */
export function rested({ level, spread }: Pulse): Pulse {
  return { ...stillPulse, level, spread };
}

/** What an epoch's pulse was. */
export function pulseVitals({ norms, spikes }: Pulse): Pick<Vitals, 'gradientNorm' | 'spikes'> {
  const { count, logSum, largest } = norms;
  return { spikes, ...(count > 0 && { gradientNorm: { typical: Math.exp(logSum / count), largest } }) };
}

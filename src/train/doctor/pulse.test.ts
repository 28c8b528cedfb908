import { expect, test } from 'vitest';
import type { Pulse } from '../../artifact/index.ts';
import { philox4x32 } from '../../random/index.ts';
import { beat, pulseVitals, rested } from './index.ts';
import { stillPulse } from './pulse.ts';

const after = (losses: readonly number[], pulse: Pulse = stillPulse): Pulse =>
  losses.reduce((state, loss) => beat(state, loss, undefined), pulse);

/** A loss that falls from 550 to 100, with the noise of batches. */
const falling = Array.from({ length: 400 }, (_, step) => {
  const [draw] = philox4x32([step, 0, 0, 0], [1, 1]);
  return 100 + 450 * Math.exp(-step / 60) + 6 * (draw / 2 ** 31 - 1);
});

test('a loss that falls, and its noise, are no leaps', () => {
  const pulse = after(falling);
  expect(pulse.spikes).toBe(0);
  // The mean distance of uniform noise of ±6 is 3.
  expect(pulse.level).toBeCloseTo(100, -1);
  expect(pulse.spread).toBeGreaterThan(2);
  expect(pulse.spread).toBeLessThan(5);
});

test('leaps are counted, and none hides the next', () => {
  const leaping = falling.map((loss, step) => (step > 300 && step % 20 === 0 ? 1000 : loss));
  expect(after(leaping).spikes).toBe(4);
  // From the start on: a loss that doubles at every step.
  expect(after([550, 1100, 2200, 4400, 8800, 17600, 35200, 70400, 140800]).spikes).toBeGreaterThan(3);
});

test('an epoch begins at rest, where the loss was', () => {
  const pulse = after([...falling, 1000]);
  expect(rested(pulse)).toEqual({ ...stillPulse, level: pulse.level, spread: pulse.spread });
  expect(pulseVitals(rested(pulse))).toEqual({ spikes: 0 });
});

test('of gradient norms it keeps the geometric mean and the largest', () => {
  const pulse = [1, undefined, 10, 100, undefined].reduce<Pulse>((state, norm) => beat(state, 5, norm), stillPulse);
  expect(pulseVitals(pulse).gradientNorm!.typical).toBeCloseTo(10, 10);
  expect(pulseVitals(pulse).gradientNorm!.largest).toBe(100);
});

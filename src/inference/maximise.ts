// The most probable code, by Adam (Kingma & Ba 2015, algorithm 1) on log p(y, z) of each chain: where a chain starts from,
// so that it need not spend its steps on the way there.

import type { Chains } from './engine.ts';

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

/** How far a coordinate goes in a step at first, in prior deviations of a code; it falls to 0. */
const rate = 0.1;

/** The level's coordinate has further to go. */
const levelRate = 1;

/**
 * Takes each chain uphill, so many steps, from where it is; it ends at the highest place that it saw.
 * @param latent coordinates of the code; the level's, if any, comes after.
 */
export async function maximise(chains: Chains, steps: number, latent: number): Promise<void> {
  const { state, gradient, logJoint, count, dimensions } = chains;
  const first = new Float64Array(state.length);
  const second = new Float64Array(state.length);
  const best = Float32Array.from(state);
  const highest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const keepHighest = (): void => {
    for (let chain = 0; chain < count; chain++) {
      if (!(logJoint[chain]! > highest[chain]!)) continue;
      highest[chain] = logJoint[chain]!;
      best.set(state.subarray(chain * dimensions, (chain + 1) * dimensions), chain * dimensions);
    }
  };
  for (let step = 1; step <= steps; step++) {
    await chains.evaluate();
    keepHighest();
    const share = 1 - (step - 1) / steps;
    const correction = Math.sqrt(1 - beta2 ** step) / (1 - beta1 ** step);
    for (let i = 0; i < state.length; i++) {
      const g = gradient[i]!;
      first[i] = beta1 * first[i]! + (1 - beta1) * g;
      second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
      const size = (i % dimensions < latent ? rate : levelRate) * share;
      state[i]! += (size * correction * first[i]!) / (Math.sqrt(second[i]!) + epsilon);
    }
  }
  await chains.evaluate();
  keepHighest();
  state.set(best);
}

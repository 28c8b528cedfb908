// Hamiltonian Monte Carlo (Neal 2011, "MCMC using Hamiltonian dynamics", section 3.2) on codes, with the gradient through
// the decoder. A trajectory of one leap is the Langevin proposal with its correction (section 5.2). Each chain finds the
// size of its leaps during warm-up by dual averaging (Hoffman & Gelman 2014, "The No-U-Turn Sampler", section 3.2.1), in
// the scale of each dimension that the chains of its row saw in the first half of it. From then on both are kept, so what
// is kept of the draws is of a chain that leaves p(z|y) as it is.

import { chainNoise } from './draws.ts';
import type { Chains } from './engine.ts';
import { Moments } from './moments.ts';

export interface HamiltonianOptions {
  readonly warmUp: number;
  readonly iterations: number;
  /** Leaps of a trajectory. */
  readonly leaps: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** After each iteration that is kept. */
  readonly visit: (iteration: number) => void | Promise<void>;
}

/** The acceptance at which the work is best spent: Neal's section 5.4.4, and of a single leap Roberts & Rosenthal 1998. */
const aim = (leaps: number): number => (leaps === 1 ? 0.574 : 0.65);

/** What makes of a chain's acceptances the size of its leaps: γ, t₀ and κ of the paper. */
const [pull, patience, forgetting] = [0.05, 10, 0.75];

/** Sizes are first tried from here: right for a code of which an image tells nothing, in units of the prior. */
const firstSize = 1;

/** Runs the chains on from their states; gives the mean acceptance of each chain after warm-up. */
export async function hamiltonian(chains: Chains, options: HamiltonianOptions): Promise<Float64Array> {
  const { warmUp, iterations, leaps, seed, signal } = options;
  const { state, gradient, logJoint, count, dimensions, observed } = chains;
  const range = { first: observed.firstRow * observed.chains, count };
  const momenta = chainNoise({ name: 'momentum', distribution: 'normal', width: dimensions }, seed, range);
  const uniforms = chainNoise({ name: 'accept', distribution: 'uniform', width: 2 }, seed, range);
  const momentum = momenta.numbers;
  const scale = new Float64Array(state.length).fill(1);
  const seen = new Moments(state.length);
  const half = Math.floor(warmUp / 2);
  const logSize = new Float64Array(count).fill(Math.log(firstSize / 10));
  const averaged = new Float64Array(count);
  const shortfall = new Float64Array(count);
  const size = new Float64Array(count);
  const acceptance = new Float64Array(count);
  const kinetic = (chain: number): number => {
    let sum = 0;
    for (let i = chain * dimensions; i < (chain + 1) * dimensions; i++) sum += momentum[i]! ** 2;
    return sum / 2;
  };
  const along = (by: Float32Array, to: Float32Array, share: number): void => {
    for (let i = 0; i < to.length; i++) to[i]! += share * size[Math.floor(i / dimensions)]! * scale[i]! * by[i]!;
  };
  await chains.evaluate();
  for (let iteration = 0; iteration < warmUp + iterations; iteration++) {
    signal?.throwIfAborted();
    momenta.fill(iteration);
    uniforms.fill(iteration);
    const before = { state: state.slice(), gradient: gradient.slice(), logJoint: logJoint.slice() };
    const energy = Float64Array.from(logJoint, (logP, chain) => kinetic(chain) - logP);
    for (let chain = 0; chain < count; chain++) {
      // Sizes differ a little, so that no trajectory comes round to where it began each time.
      const jitter = 0.9 + 0.2 * uniforms.numbers[2 * chain]!;
      size[chain] = jitter * Math.exp(iteration < warmUp ? logSize[chain]! : averaged[chain]!);
    }
    along(gradient, momentum, 0.5);
    for (let leap = 1; leap <= leaps; leap++) {
      along(momentum, state, 1);
      await chains.evaluate();
      along(gradient, momentum, leap < leaps ? 1 : 0.5);
    }
    for (let chain = 0; chain < count; chain++) {
      const ratio = energy[chain]! - kinetic(chain) + logJoint[chain]!;
      // Not a number where the trajectory left what float32 holds: refused.
      const probability = ratio >= 0 ? 1 : ratio > -100 ? Math.exp(ratio) : 0;
      if (!(uniforms.numbers[2 * chain + 1]! < probability)) {
        const [start, end] = [chain * dimensions, (chain + 1) * dimensions];
        state.set(before.state.subarray(start, end), start);
        gradient.set(before.gradient.subarray(start, end), start);
        logJoint[chain] = before.logJoint[chain]!;
      }
      if (iteration >= warmUp) {
        acceptance[chain]! += probability / iterations;
        continue;
      }
      const t = (iteration < half ? iteration : iteration - half) + 1;
      shortfall[chain]! += (aim(leaps) - probability - shortfall[chain]!) / (t + patience);
      logSize[chain] = Math.log(firstSize) - (Math.sqrt(t) / pull) * shortfall[chain]!;
      averaged[chain]! += t ** -forgetting * (logSize[chain]! - averaged[chain]!);
    }
    if (iteration >= half / 3 && iteration < half) seen.add(state);
    if (iteration === half - 1) {
      rescale(chains, seen, scale);
      shortfall.fill(0);
      logSize.fill(Math.log(firstSize / 2));
    }
    if (iteration >= warmUp) await options.visit(iteration - warmUp);
  }
  return acceptance;
}

/** Few draws say little of a small variance: one more of this is thought to have been seen. */
const supposed = 1e-3;

/** Sets the scale of each dimension to the deviation that the chains of its row saw about their own means. */
function rescale({ rows, dimensions, observed }: Chains, seen: Moments, scale: Float64Array): void {
  const { variance } = seen;
  const width = observed.chains * dimensions;
  for (let row = 0; row < rows; row++) {
    for (let d = 0; d < dimensions; d++) {
      let sum = 0;
      for (let i = row * width + d; i < (row + 1) * width; i += dimensions) sum += variance[i]! / observed.chains;
      const held = (seen.count * sum + supposed) / (seen.count + 1);
      for (let i = row * width + d; i < (row + 1) * width; i += dimensions) scale[i] = Math.sqrt(held);
    }
  }
}

// Pseudo-Gibbs sampling, corrected. What is hidden is filled in by what the code expects, the encoder answers to the
// filled row, and a new code is drawn of its answer (Rezende et al. 2014, "Stochastic Backpropagation", appendix F). By
// itself this finds no posterior that the encoder does not hold exactly; so the new code z′ is a proposal, which is
// accepted with the probability
//
//   min(1, p(y, z′) q(z | y filled by z′) / (p(y, z) q(z′ | y filled by z)))
//
// as Metropolis and Hastings say (Mattei & Frellsen 2018, "Leveraging the Exact Likelihood of Deep Latent Variable Models",
// section 3.3, where the hidden numbers are drawn and kept as part of the chain's state; here they are summed out of
// p(y, z), and only their expectation goes into the proposal, so that a chain moves on codes alone).

import type { Chains } from './engine.ts';

export interface GibbsOptions {
  readonly warmUp: number;
  readonly iterations: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** After each iteration that is kept. */
  readonly visit: (iteration: number) => void | Promise<void>;
}

/** Runs the chains on from their states; gives the mean acceptance of each chain after warm-up. */
export async function gibbs(chains: Chains, options: GibbsOptions): Promise<Float64Array> {
  const { warmUp, iterations, seed, signal, visit } = options;
  const acceptance = new Float64Array(chains.count);
  for (let iteration = 0; iteration < warmUp + iterations; iteration++) {
    signal?.throwIfAborted();
    // A chain that starts where the encoder's answer is off would stand still: it first goes wherever the answers lead.
    const accepted = await chains.gibbs(seed, iteration, { corrected: iteration >= warmUp / 2 });
    if (iteration < warmUp) continue;
    accepted.forEach((value, chain) => {
      acceptance[chain]! += value / iterations;
    });
    await visit(iteration - warmUp);
  }
  return acceptance;
}

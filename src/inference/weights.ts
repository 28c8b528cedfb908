// How much of the posterior each chain of a row stands for. A chain knows the posterior where it is, but not how probable
// that place is as a whole; chains that started at different digits may stay there. So codes are drawn anew from normals
// with the chains' own means and variances, and weighed by importance, each against the mixture of all normals of its row:
//
//   w = p(y, z) / (1/C Σ_c N(z; mean_c, variance_c)),   weight of chain c ∝ Σ w over the codes drawn of its normal
//
// which is layered adaptive importance sampling (Martino et al. 2017) with the balance heuristic (Veach & Guibas 1995).
// Two chains at one place share its weight. The mean of w is an estimate of p(y), in expectation exact.

import { chainNoise } from './draws.ts';
import type { Chains } from './engine.ts';
import { logSumExp } from './log-sum-exp.ts';

/** Normals are this much wider than what the chains saw of their places, since they saw it in few, dependent draws. */
const widening = 1.2;

/** The least variance of a normal: a chain may have stood still. */
const least = 1e-4;

export interface ChainWeights {
  /** [rows, chains]; those of a row add up to 1. */
  readonly weights: Float64Array;
  /** log p(y) in nats, estimated: [rows]. */
  readonly logEvidence: Float64Array;
  /** (Σ w)² / Σ w² of a row's codes, as a share of their number: [rows]. Near 0, one code outweighs all others. */
  readonly effective: Float64Array;
}

/** The means and variances of what chains saw: [count, dimensions] each. */
interface Seen {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Weighs chains by so many codes of each. Leaves the last codes in the chains' states. */
export async function weighChains(
  chains: Chains,
  { mean, variance }: Seen,
  draws: number,
  seed: number,
): Promise<ChainWeights> {
  const { rows, count, dimensions, state, logJoint, observed } = chains;
  const { chains: perRow, classes } = observed;
  const widened = variance.map(v => Math.max(least, widening ** 2 * v));
  const logDeterminant = Float64Array.from({ length: count }, (_, chain) =>
    widened
      .subarray(chain * dimensions, (chain + 1) * dimensions)
      .reduce((sum, v) => sum + Math.log(2 * Math.PI * v), 0),
  );
  /** log of a chain's normal at another chain's code. */
  const logNormal = (of: number, at: number): number => {
    let sum = logDeterminant[of]!;
    for (let d = 0; d < dimensions; d++) {
      const i = of * dimensions + d;
      sum += (state[at * dimensions + d]! - mean[i]!) ** 2 / widened[i]!;
    }
    return -0.5 * sum;
  };
  const classOf = (chain: number): number => classes?.[chain % perRow] ?? 0;
  const logClasses = classes === undefined ? 0 : Math.log(new Set(classes).size);
  const range = { first: observed.firstRow * perRow, count };
  const noise = chainNoise({ name: 'weigh', distribution: 'normal', width: dimensions }, seed, range);
  const logWeights: Float64Array[] = [];
  for (let draw = 0; draw < draws; draw++) {
    noise.fill(draw);
    for (let i = 0; i < state.length; i++) state[i] = mean[i]! + Math.sqrt(widened[i]!) * noise.numbers[i]!;
    await chains.evaluate();
    logWeights.push(
      Float64Array.from({ length: count }, (_, chain) => {
        const first = chains.rowOf(chain) * perRow;
        const own = Array.from({ length: perRow }, (_, c) => first + c).filter(c => classOf(c) === classOf(chain));
        const mixture = logSumExp(own.map(c => logNormal(c, chain))) - Math.log(perRow);
        const logWeight = logJoint[chain]! - logClasses - mixture;
        return Number.isNaN(logWeight) ? Number.NEGATIVE_INFINITY : logWeight;
      }),
    );
  }
  const weights = new Float64Array(count);
  const logEvidence = new Float64Array(rows);
  const effective = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const own = Array.from({ length: perRow }, (_, c) => row * perRow + c);
    const logs = own.map(chain => logWeights.map(of => of[chain]!));
    const total = logSumExp(logs.flat());
    own.forEach((chain, c) => {
      weights[chain] = total === Number.NEGATIVE_INFINITY ? 1 / perRow : Math.exp(logSumExp(logs[c]!) - total);
    });
    logEvidence[row] = total - Math.log(perRow * draws);
    effective[row] = Math.exp(2 * total - logSumExp(logs.flat().map(log => 2 * log))) / (perRow * draws);
  }
  return { weights, logEvidence, effective };
}

// Mixtures of Gaussians with full covariances by expectation–maximisation (Dempster, Laird and Rubin 1977; Bishop 2006,
// section 9.2.2), in float64. The start is k-means++ (Arthur and Vassilvitskii 2007).

import { streamOf, wordsOf } from '../random/index.ts';

/** Σₖ exp(logWeightₖ) N(z; meanₖ, factorₖ factorₖᵀ). Arrays are laid flat. */
export interface Mixture {
  readonly latent: number;
  /** [components]. */
  readonly logWeights: Float64Array;
  /** [components, latent]. */
  readonly means: Float64Array;
  /** Lower Cholesky factors of the covariances, [components, latent, latent]. */
  readonly factors: Float64Array;
}

/** One round: the mixture that it began with, and the mean log-likelihood of the codes under it, in nats. */
export interface Round {
  readonly mixture: Mixture;
  readonly logLikelihood: number;
}

/** What the diagonals of covariances are raised by, so that a component which holds a few codes alone has a density. */
const ridge = 1e-6;

/** The rounds of expectation–maximisation, endlessly: none is worse than the one before, but for the ridge. */
export function* rounds(codes: ArrayLike<number>, latent: number, components: number, seed: number): Generator<Round> {
  let mixture = start(codes, latent, components, seed);
  for (;;) {
    const { next, logLikelihood } = improve(mixture, codes);
    yield { mixture, logLikelihood };
    mixture = next;
  }
}

/** log p(z) in nats of each code. */
export function mixtureLogProb(mixture: Mixture, codes: ArrayLike<number>): Float64Array {
  const { latent, logWeights } = mixture;
  const joint = new Float64Array(logWeights.length);
  const { jointOf } = density(mixture, codes);
  return Float64Array.from({ length: codes.length / latent }, (_, row) => jointOf(row, joint));
}

/** Components about centres that k-means++ chose, as wide as codes lie about the nearest of them on average. */
function start(codes: ArrayLike<number>, latent: number, components: number, seed: number): Mixture {
  const rows = codes.length / latent;
  const words = wordsOf({ seed, stream: streamOf('samplers/k-means++'), step: 0 });
  const uniform = (): number => words() / 2 ** 32;
  const nearest = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const means = new Float64Array(components * latent);
  let [chosen, total] = [Math.floor(uniform() * rows), 0];
  for (let k = 0; k < components; k++) {
    for (let j = 0; j < latent; j++) means[k * latent + j] = codes[chosen * latent + j]!;
    total = 0;
    for (let row = 0; row < rows; row++) {
      let distance = 0;
      for (let j = 0; j < latent; j++) distance += (codes[row * latent + j]! - means[k * latent + j]!) ** 2;
      nearest[row] = Math.min(nearest[row]!, distance);
      total += nearest[row]!;
    }
    // The next centre is drawn in proportion to the squared distance from those there are.
    let left = uniform() * total;
    chosen = nearest.findIndex(distance => {
      left -= distance;
      return left < 0;
    });
    if (chosen < 0) chosen = Math.floor(uniform() * rows);
  }
  const deviation = Math.sqrt(total / codes.length + ridge);
  return {
    latent,
    means,
    logWeights: new Float64Array(components).fill(-Math.log(components)),
    factors: Float64Array.from({ length: components * latent * latent }, (_, i) =>
      Math.floor(i / latent) % latent === i % latent ? deviation : 0,
    ),
  };
}

/**
 * Densities of codes under a mixture. `jointOf` gives log p(z), and in `joint` log wₖ N(z; …) of each component;
 * `differences` then holds z − meanₖ, [components, latent].
 */
function density({ latent, logWeights, means, factors }: Mixture, codes: ArrayLike<number>) {
  const components = logWeights.length;
  const constants = logWeights.map((logWeight, k) => {
    let logDeterminant = 0;
    for (let j = 0; j < latent; j++) logDeterminant += Math.log(factors[(k * latent + j) * latent + j]!);
    return logWeight - logDeterminant - 0.5 * latent * Math.log(2 * Math.PI);
  });
  const differences = new Float64Array(components * latent);
  const whitened = new Float64Array(latent);
  const jointOf = (row: number, joint: Float64Array): number => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < components; k++) {
      // |factor⁻¹ (z − mean)|² by forward substitution.
      let squares = 0;
      for (let i = 0; i < latent; i++) {
        const at = (k * latent + i) * latent;
        const difference = codes[row * latent + i]! - means[k * latent + i]!;
        differences[k * latent + i] = difference;
        let rest = difference;
        for (let j = 0; j < i; j++) rest -= factors[at + j]! * whitened[j]!;
        const value = rest / factors[at + i]!;
        whitened[i] = value;
        squares += value * value;
      }
      joint[k] = constants[k]! - 0.5 * squares;
      largest = Math.max(largest, joint[k]!);
    }
    let sum = 0;
    for (let k = 0; k < components; k++) sum += Math.exp(joint[k]! - largest);
    return largest + Math.log(sum);
  };
  return { jointOf, differences };
}

/** Shares of a code below this change nothing that float64 could tell. */
const negligible = 1e-14;

/** One round: what each component takes of each code, and the weight, mean and covariance of what it took. */
function improve(mixture: Mixture, codes: ArrayLike<number>): { next: Mixture; logLikelihood: number } {
  const { latent, means, logWeights } = mixture;
  const components = logWeights.length;
  const rows = codes.length / latent;
  const { jointOf, differences } = density(mixture, codes);
  const joint = new Float64Array(components);
  const mass = new Float64Array(components);
  const shifts = new Float64Array(components * latent);
  const products = new Float64Array(components * latent * latent);
  let logLikelihood = 0;
  for (let row = 0; row < rows; row++) {
    const logProb = jointOf(row, joint);
    logLikelihood += logProb / rows;
    for (let k = 0; k < components; k++) {
      const share = Math.exp(joint[k]! - logProb);
      if (share < negligible) continue;
      mass[k]! += share;
      for (let i = 0; i < latent; i++) {
        const part = share * differences[k * latent + i]!;
        shifts[k * latent + i]! += part;
        const at = (k * latent + i) * latent;
        for (let j = 0; j <= i; j++) products[at + j]! += part * differences[k * latent + j]!;
      }
    }
  }
  const next = { latent, means: means.slice(), logWeights: logWeights.slice(), factors: mixture.factors.slice() };
  for (let k = 0; k < components; k++) {
    next.logWeights[k] = Math.log(Math.max(mass[k]!, Number.MIN_VALUE) / rows);
    // A component that holds nothing stays where it is.
    if (mass[k]! < negligible) continue;
    const shift = shifts.subarray(k * latent, (k + 1) * latent).map(value => value / mass[k]!);
    for (let i = 0; i < latent; i++) {
      next.means[k * latent + i]! += shift[i]!;
      const at = (k * latent + i) * latent;
      // About the new mean, of sums about the old one.
      for (let j = 0; j <= i; j++) products[at + j] = products[at + j]! / mass[k]! - shift[i]! * shift[j]!;
      products[at + i]! += ridge;
    }
    const square = k * latent * latent;
    next.factors.set(cholesky(products.subarray(square, square + latent * latent), latent), square);
  }
  return { next, logLikelihood };
}

/** The lower factor L of a positive definite matrix L Lᵀ, of which the lower half is read. */
function cholesky(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) rest -= factor[i * size + k]! * factor[j * size + k]!;
      factor[i * size + j] = i === j ? Math.sqrt(Math.max(rest, ridge)) : rest / factor[j * size + j]!;
    }
  }
  return factor;
}

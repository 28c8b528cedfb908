// The mutual information gap (Chen et al. 2018, "Isolating Sources of Disentanglement in Variational Autoencoders",
// section 4): by how much the dimension that says most of a factor is ahead of the next, as a share of all that there is
// to say. Codes are posterior means in bins of equal width, as in Locatello et al. 2019.

import { average, type FactoredCodes, gap } from './codes.ts';

/**
 * (1/K) Σₖ (I(z₁; vₖ) − I(z₂; vₖ)) / H(vₖ), z₁ and z₂ being the two dimensions that say most of factor k: from 0 to 1. Of a factor
 * with more values than there are bins, such as the rotation of sprites, even the best code tells log(bins) at most.
 */
export function mutualInformationGap({ dimensions, factors }: FactoredCodes, bins = 20): number {
  const binned = dimensions.map(values => inBins(values, bins));
  return average(
    factors.map(({ numbers }) => {
      return gap(binned.map(symbols => mutualInformation(symbols, numbers))) / entropy(numbers);
    }),
  );
}

/** Numbers of `bins` bins of equal width from the least value to the largest. */
function inBins(values: Float64Array, bins: number): Uint8Array {
  let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  const scale = largest > least ? bins / (largest - least) : 0;
  return Uint8Array.from(values, value => Math.min(bins - 1, Math.floor((value - least) * scale)));
}

/** I(a; b) = H(a) + H(b) − H(a, b) in nats, by counts. Of independent symbols it is above 0 by ½ (|a| − 1)(|b| − 1) / n. */
export function mutualInformation(a: Uint8Array, b: Uint8Array): number {
  const pairs = Uint16Array.from(a, (symbol, row) => 256 * symbol + b[row]!);
  return entropy(a) + entropy(b) - entropy(pairs);
}

/** −Σ p log p in nats, by counts. */
function entropy(symbols: Uint8Array | Uint16Array): number {
  const counts = new Float64Array(2 ** 16);
  for (const symbol of symbols) counts[symbol]! += 1;
  let sum = 0;
  for (const count of counts) if (count > 0) sum -= (count / symbols.length) * Math.log(count / symbols.length);
  return sum;
}

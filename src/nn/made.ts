// Masks that make a network autoregressive (Germain et al. 2015, "MADE: Masked Autoencoder for Distribution Estimation",
// section 4): every unit has a degree, and sees units of smaller degrees alone, or of degrees up to its own.

import { constant, type Tensor } from '../graph/index.ts';

/** A mask [from, to] for a weight between units of these degrees: 1 where `to` may see `from`. */
export function degreeMask(from: readonly number[], to: readonly number[], may: 'upTo' | 'below'): Tensor {
  const sees = (seen: number, seer: number): boolean => (may === 'upTo' ? seen <= seer : seen < seer);
  const values = from.flatMap(seen => to.map(seer => (sees(seen, seer) ? 1 : 0)));
  return constant(values, [from.length, to.length]);
}

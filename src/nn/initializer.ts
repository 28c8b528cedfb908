// How weights start, by name. Each rule gives the width of a distribution from the fans: how many inputs feed an
// output, and how many outputs an input feeds.

import { z } from 'zod';
import type { Initial } from '../graph/index.ts';

/**
 * - `glorotUniform`: uniform, bound √(6 / (fanIn + fanOut)) (Glorot & Bengio 2010); the default, as in Keras
 * - `heUniform`, `heNormal`: variance 2 / fanIn (He et al. 2015)
 * - `lecunUniform`: variance 1 / fanIn (LeCun et al. 1998)
 * - `pytorch`: uniform, bound 1 / √fanIn, for biases as well, as PyTorch's layers start
 * - `zeros`
 */
export type Initializer = 'glorotUniform' | 'heUniform' | 'heNormal' | 'lecunUniform' | 'pytorch' | 'zeros';

/** A layer's connections: inputs per output, outputs per input. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

const uniform = (bound: number): Initial => ({ type: 'uniform', bound });
const zeros: Initial = { type: 'constant', value: 0 };

const rules: Readonly<Record<Initializer, (fans: Fans) => Initial>> = {
  glorotUniform: ({ fanIn, fanOut }) => uniform(Math.sqrt(6 / (fanIn + fanOut))),
  heUniform: ({ fanIn }) => uniform(Math.sqrt(6 / fanIn)),
  heNormal: ({ fanIn }) => ({ type: 'normal', deviation: Math.sqrt(2 / fanIn) }),
  lecunUniform: ({ fanIn }) => uniform(Math.sqrt(3 / fanIn)),
  pytorch: ({ fanIn }) => uniform(1 / Math.sqrt(fanIn)),
  zeros: () => zeros,
};

export const initializerSchema: z.ZodType<Initializer> = z.enum(Object.keys(rules) as [Initializer, ...Initializer[]]);

/** The initial values of a weight. */
export function weightInitial(initializer: Initializer | undefined, fans: Fans): Initial {
  return rules[initializer ?? 'glorotUniform'](fans);
}

/** The initial values of a bias: zeros, but for PyTorch's rule. */
export function biasInitial(initializer: Initializer | undefined, fans: Fans): Initial {
  return initializer === 'pytorch' ? rules.pytorch(fans) : zeros;
}

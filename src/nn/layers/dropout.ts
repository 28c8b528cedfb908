// Dropout (Srivastava et al. 2014) in its inverted form: what is kept is scaled by 1 / (1 − rate) in training, so that
// outside training nothing needs doing.

import { z } from 'zod';
import { greaterOrEqual, mul, select } from '../../ops/index.ts';
import { defineLayer, type LayerDefinition } from '../layer.ts';

export interface Dropout {
  readonly type: 'dropout';
  /** The probability with which a number is set to 0, from 0 up to, not including, 1. */
  readonly rate: number;
}

export const dropoutLayer: LayerDefinition<Dropout> = defineLayer<Dropout>({
  type: 'dropout',
  schema: z.strictObject({ type: z.literal('dropout'), rate: z.number().min(0).lt(1) }),
  build({ rate }, x, { scope }) {
    if (!scope.training || rate === 0) return x;
    const uniform = scope.noise('mask', x.shape, 'uniform');
    return select(greaterOrEqual(uniform, rate), mul(x, 1 / (1 - rate)), 0);
  },
});

/** In training, sets each number to 0 with probability `rate`. */
export function dropout(rate: number): Dropout {
  return { type: 'dropout', rate };
}

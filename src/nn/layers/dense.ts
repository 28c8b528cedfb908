// A fully connected layer: y = x · W + b.

import { z } from 'zod';
import { add, matmul } from '../../ops/index.ts';
import { widthSchema } from '../fields.ts';
import { biasInitial, type Initializer, initializerSchema, weightInitial } from '../initializer.ts';
import {
  cannotTake,
  defineLayer,
  innerShape,
  type LayerDefinition,
  resolveWidth,
  volume,
  type Width,
} from '../layer.ts';

export interface Dense {
  readonly type: 'dense';
  /** How many numbers come out; `'output'`: as many as the likelihood needs. */
  readonly units: Width;
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** Default `glorotUniform`. */
  readonly initializer?: Initializer | undefined;
}

export const denseLayer: LayerDefinition<Dense> = defineLayer<Dense>({
  type: 'dense',
  schema: z.strictObject({
    type: z.literal('dense'),
    units: widthSchema,
    bias: z.boolean().optional(),
    initializer: initializerSchema.optional(),
  }),
  build({ units, bias = true, initializer }, x, { scope, output }) {
    const [fanIn, ...more] = innerShape(x);
    if (fanIn === undefined || more.length > 0) throw cannotTake('a vector (put flatten() before it)', x);
    const fanOut = resolveWidth(units, output && volume(output));
    const fans = { fanIn, fanOut };
    const y = matmul(x, scope.parameter('weight', [fanIn, fanOut], weightInitial(initializer, fans)));
    return bias ? add(y, scope.parameter('bias', [fanOut], biasInitial(initializer, fans))) : y;
  },
});

/** A fully connected layer of `units` outputs. */
export function dense(units: Width, options: Omit<Dense, 'type' | 'units'> = {}): Dense {
  return { type: 'dense', units, ...options };
}

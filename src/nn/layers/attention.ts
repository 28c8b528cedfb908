// Self-attention between the places of an image or a signal (Vaswani et al. 2017, section 3.2; for images as in Ho et al.
// 2020, appendix B): group normalisation, softmax(q kᵀ / √d) v over all places for each head, an output projection, and
// the input added. Every place is compared with every other, so it is for low resolutions.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import * as ops from '../../ops/index.ts';
import { countSchema } from '../fields.ts';
import { biasInitial, weightInitial } from '../initializer.ts';
import { cannotTake, defineLayer, innerShape, type LayerDefinition, volume } from '../layer.ts';
import type { Scope } from '../scope.ts';
import { normalize } from './group-norm.ts';

export interface Attention {
  readonly type: 'attention';
  /** Into how many parts the channels fall, each of which attends by itself. Default 1. */
  readonly heads?: number | undefined;
  /** Groups of the normalisation, as in `groupNorm`. */
  readonly groups?: number | undefined;
}

export const attentionLayer: LayerDefinition<Attention> = defineLayer<Attention>({
  type: 'attention',
  schema: z.strictObject({
    type: z.literal('attention'),
    heads: countSchema.optional(),
    groups: countSchema.optional(),
  }),
  build({ heads = 1, groups }, x, { scope }) {
    const [channels, ...size] = innerShape(x) as [number, ...number[]];
    if (size.length === 0) throw cannotTake('an image [channels, height, width] or a signal [channels, length]', x);
    if (channels % heads !== 0) throw cannotTake(`channels that ${heads} heads divide`, x);
    const [batch, places] = [x.shape[0]!, volume(size)];
    const normal = ops.reshape(normalize(x, { groups }, scope.child('norm')), [batch, channels, places]);
    const rows = ops.reshape(ops.transpose(normal, [0, 2, 1]), [-1, channels]);
    const byHead = (y: Tensor): Tensor =>
      ops.transpose(ops.reshape(y, [batch, places, heads, channels / heads]), [0, 2, 1, 3]);
    // Keys have no bias: it would add the same to all scores of a place, which softmax takes off again.
    const query = byHead(project(rows, scope.child('query'), { bias: true }));
    const key = byHead(project(rows, scope.child('key'), { bias: false }));
    const value = byHead(project(rows, scope.child('value'), { bias: true }));
    const scores = ops.matmul(ops.mul(query, Math.sqrt(heads / channels)), key, { transposeB: true });
    const mixed = ops.transpose(ops.matmul(ops.softmax(scores), value), [0, 2, 1, 3]);
    // The last projection starts at zero, and the layer as the identity.
    const out = project(ops.reshape(mixed, [-1, channels]), scope.child('output'), { bias: true, zero: true });
    const back = ops.transpose(ops.reshape(out, [batch, places, channels]), [0, 2, 1]);
    return ops.add(x, ops.reshape(back, x.shape));
  },
});

function project(x: Tensor, scope: Scope, { bias, zero = false }: { bias: boolean; zero?: boolean }): Tensor {
  const channels = x.shape[1] as number;
  const fans = { fanIn: channels, fanOut: channels };
  const weight = scope.parameter('weight', [channels, channels], weightInitial(zero ? 'zeros' : undefined, fans));
  const y = ops.matmul(x, weight);
  return bias ? ops.add(y, scope.parameter('bias', [channels], biasInitial(undefined, fans))) : y;
}

/** Lets every place of an image or a signal attend to all places. */
export function attention(options: Omit<Attention, 'type'> = {}): Attention {
  return { type: 'attention', ...options };
}

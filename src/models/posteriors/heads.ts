// What stands between the encoder's features and a posterior: linear heads.

import type { Tensor } from '../../graph/index.ts';
import { innerShape, type Scope, weightInitial } from '../../nn/index.ts';
import { add, matmul, slice } from '../../ops/index.ts';

/**
 * Linear heads of the given widths upon features [N, width], all in one product, which is faster than one each.
 * @param fanOut by which the weights start; each head as if it stood alone and had this width.
 */
export function linearHeads(features: Tensor, widths: readonly number[], fanOut: number, scope: Scope): Tensor[] {
  const [fanIn] = innerShape(features) as [number];
  const total = widths.reduce((a, b) => a + b, 0);
  const weight = scope.parameter('weight', [fanIn, total], weightInitial('glorotUniform', { fanIn, fanOut }));
  const bias = scope.parameter('bias', [total], { type: 'constant', value: 0 });
  const heads = add(matmul(features, weight), bias);
  let start = 0;
  return widths.map(width => {
    start += width;
    return slice(heads, 1, start - width, start);
  });
}

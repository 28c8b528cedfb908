// Reverse-mode differentiation: one walk over the graph, from the loss back. Each op gives its vector-Jacobian
// product; un-broadcasting and accumulation live here and nowhere else.

import { LatentkitError } from '../errors.ts';
import { constant, equalShapes, formatShape, type Tensor, topologicalOrder } from '../graph/index.ts';
import { add } from '../ops/elementwise.ts';
import { broadcastTo, unbroadcast } from '../ops/movement.ts';

/**
 * The gradients of a scalar with respect to tensors of its graph, as graph.
 *
 * @param loss float32 of shape [].
 * @param wrt tensors; one on which the loss does not depend gets zeros.
 * @returns for each of `wrt` a float32 tensor of its shape.
 */
export function grad(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0 || loss.dtype !== 'float32') {
    throw new LatentkitError('shape', `grad: expected a float32 scalar, got ${loss.dtype}${formatShape(loss.shape)}`);
  }
  const order = topologicalOrder([loss]);
  const needed = dependents(order, wrt);
  const cotangents = new Map<Tensor, Tensor>([[loss, constant(1)]]);
  const targets = new Set(wrt);

  for (const node of order.reverse()) {
    const arrived = cotangents.get(node);
    if (arrived === undefined || !needed.has(node)) continue;
    // Some rules take a cotangent that merely broadcasts, which spares writing out what is constant over axes.
    const lazy = node.op.elementwise || node.op.lazyCotangent;
    const cotangent = lazy ? arrived : broadcastTo(arrived, node.shape);
    if (targets.has(node)) cotangents.set(node, broadcastTo(arrived, node.shape));
    const parts = node.op.vjp?.(cotangent, node, node.attributes) ?? [];
    node.inputs.forEach((input, i) => {
      const part = parts[i];
      if (part == null || !needed.has(input)) return;
      const conformed = conform(part, node, input);
      const sofar = cotangents.get(input);
      cotangents.set(input, sofar === undefined ? conformed : add(sofar, conformed));
    });
  }
  return wrt.map(x => cotangents.get(x) ?? broadcastTo(constant(0), x.shape));
}

/** The nodes through which a gradient can reach one of `wrt`. */
function dependents(order: readonly Tensor[], wrt: readonly Tensor[]): Set<Tensor> {
  const needed = new Set(wrt);
  for (const node of order) {
    if (node.op.vjp !== null && node.inputs.some(input => needed.has(input))) needed.add(node);
  }
  return needed;
}

/** A cotangent brought to the input's shape: summed over the axes along which the input was broadcast. */
function conform(part: Tensor, node: Tensor, input: Tensor): Tensor {
  if (!node.op.elementwise) return unbroadcast(part, input.shape);
  // Where the input itself has the result's shape, a smaller cotangent stays small; otherwise it is written out first.
  return equalShapes(input.shape, node.shape) ? part : unbroadcast(broadcastTo(part, node.shape), input.shape);
}

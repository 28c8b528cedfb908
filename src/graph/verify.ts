// Checks that a graph is legal, whoever built it: every node's shape and type are what its op infers from its inputs.

import { LatentkitError } from '../errors.ts';
import type { Graph } from './graph.ts';
import { equalShapes, formatShape } from './shape.ts';

/** Throws a LatentkitError('internal') at the first node that is not what its op says. */
export function verify(graph: Graph): void {
  for (const node of graph.order) {
    const { shape, dtype } = node.op.infer(node.inputs, node.attributes);
    if (dtype !== node.dtype || !equalShapes(shape, node.shape)) {
      throw new LatentkitError(
        'internal',
        `${node.op.name}: expected ${dtype}${formatShape(shape)} by its rule, got ${node.dtype}${formatShape(node.shape)}`,
      );
    }
  }
}

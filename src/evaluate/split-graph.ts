// A graph in two: what is the same for every draw of some noise, and what is not. Whoever draws many times for the same
// rows computes the first part once.

import { type Graph, graph, input, inputOp, isOp, type NoiseAttributes, noiseOp, type Tensor } from '../graph/index.ts';

/** The two parts. The outputs of `fixed` are inputs of `drawn`, by name; parameters may be in both. */
export interface SplitGraph {
  readonly fixed: Graph;
  /** The outputs of the whole graph. */
  readonly drawn: Graph;
}

/**
 * Splits a graph by its noise: `fixed` holds what does not depend on the noise leaves that `isDrawn` names, `drawn` the
 * rest.
 */
export function splitByNoise(whole: Graph, isDrawn: (noise: NoiseAttributes) => boolean): SplitGraph {
  const cut: Record<string, Tensor> = {};
  // Of each node that depends on the draw: the node that takes its place in `drawn`.
  const drawn = new Map<Tensor, Tensor>();
  const kept = new Map<Tensor, Tensor>();
  const replacement = (node: Tensor): Tensor => {
    const known = drawn.get(node) ?? kept.get(node);
    if (known !== undefined) return known;
    const fed = isOp(node, inputOp) || isOp(node, noiseOp);
    const replaced = node.inputs.length === 0 && !fed ? node : cutAt(node);
    kept.set(node, replaced);
    return replaced;
  };
  const cutAt = (node: Tensor): Tensor => {
    const name = `fixed.${Object.keys(cut).length}`;
    cut[name] = node;
    return input(name, node.shape, node.dtype);
  };
  for (const node of whole.order) {
    if (isOp(node, noiseOp) && isDrawn(node.attributes)) drawn.set(node, node);
    else if (node.inputs.some(tensor => drawn.has(tensor))) {
      drawn.set(node, node.op.apply(node.inputs.map(replacement), node.attributes));
    }
  }
  const outputs = Object.entries(whole.outputs).map(([name, node]) => [name, replacement(node)] as const);
  return { fixed: graph(cut), drawn: graph(Object.fromEntries(outputs)) };
}

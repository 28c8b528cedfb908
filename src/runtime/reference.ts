// A slow evaluator of graphs in float64, written from the ops' definitions and sharing nothing with their lowerings:
// what tests hold ONNX Runtime and the gradients against, and a way to look inside a graph that misbehaves.

import { LatentkitError } from '../errors.ts';
import {
  bindShape,
  coefficientOf,
  formatShape,
  type Graph,
  isSymbolic,
  leafName,
  type Tensor,
} from '../graph/index.ts';
import { type OpName, ops } from '../ops/index.ts';
import { type Dense, lengthOf } from './reference/dense.ts';
import { callOf, kernels } from './reference/kernels.ts';

/** A value fed to the reference: anything that holds numbers, of any element type. */
export interface ReferenceFeed {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** What the reference computes: float64, whatever the element type. */
export type ReferenceTensor = Dense;

/**
 * Computes a graph's outputs in float64. N follows from the feeds, which must agree on it.
 *
 * @param feeds one value for each leaf (inputs, parameters, noise), by name.
 */
export function evaluateReference(
  graph: Graph,
  feeds: Readonly<Record<string, ReferenceFeed>>,
): Record<string, ReferenceTensor> {
  const { fed, batch } = bindFeeds(graph, feeds);
  const values = new Map<Tensor, Dense>();
  const named = new Map(Object.entries(ops).map(([name, op]) => [op, name as OpName]));
  for (const node of graph.order) {
    const leaf = leafName(node);
    if (leaf !== undefined) {
      values.set(node, fed.get(leaf)!);
      continue;
    }
    const name = named.get(node.op);
    if (name === undefined) throw new LatentkitError('internal', `reference: unknown op ${node.op.name}`);
    if (batch === undefined && node.shape.some(isSymbolic)) {
      throw new LatentkitError('shape', `reference: ${node.op.name} needs N, but none of the feeds has a dimension N`);
    }
    const inputs = node.inputs.map(input => values.get(input)!);
    const value = kernels[name](inputs, callOf(node, batch ?? 0));
    values.set(node, checked(node, value, bindShape(node.shape, batch ?? 0)));
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, values.get(node)!]));
}

/** The leaves' values by name, and N, or undefined where no leaf has it. */
function bindFeeds(
  graph: Graph,
  feeds: Readonly<Record<string, ReferenceFeed>>,
): { fed: Map<string, Dense>; batch: number | undefined } {
  const fed = new Map<string, Dense>();
  let bound: { batch: number; name: string } | undefined;
  for (const [name, leaf] of graph.leaves) {
    const feed = feeds[name];
    if (feed === undefined) throw new LatentkitError('shape', `reference: the ${leaf.op.name} "${name}" was not fed`);
    const misfit = (why: string): LatentkitError =>
      new LatentkitError(
        'shape',
        `reference: "${name}": expected ${formatShape(leaf.shape)}, got ${formatShape(feed.shape)}${why}`,
      );
    if (feed.shape.length !== leaf.shape.length) throw misfit('');
    for (const [axis, dim] of leaf.shape.entries()) {
      const length = feed.shape[axis]!;
      if (!isSymbolic(dim)) {
        if (length !== dim) throw misfit('');
        continue;
      }
      const batch = length / coefficientOf(dim);
      if (!Number.isInteger(batch)) throw misfit(` (${length} is no multiple of ${coefficientOf(dim)})`);
      bound ??= { batch, name };
      if (batch !== bound.batch) throw misfit(`: N would be ${batch} here, but is ${bound.batch} by "${bound.name}"`);
    }
    if (feed.data.length !== lengthOf(feed.shape)) throw misfit(` with ${feed.data.length} values`);
    fed.set(name, { shape: feed.shape, data: Float64Array.from(feed.data) });
  }
  return { fed, batch: bound?.batch };
}

function checked(node: Tensor, value: Dense, shape: readonly number[]): Dense {
  if (value.data.length === lengthOf(shape)) return value;
  throw new LatentkitError(
    'internal',
    `reference: ${node.op.name} gave ${value.data.length} values for ${formatShape(shape)}`,
  );
}

// A graph is a record of named outputs; its leaves and its order follow from them.

import { LatentkitError } from '../errors.ts';
import { inputOp, type NoiseAttributes, noiseOp, type ParameterAttributes, parameterOp } from './leaf.ts';
import { equalShapes } from './shape.ts';
import { isOp, type Tensor } from './tensor.ts';

/** Named outputs and everything they need, in an order in which each tensor comes after its inputs. */
export interface Graph {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly order: readonly Tensor[];
  /** The tensors fed at each run (inputs, parameters, noise), by name, in order of first use. */
  readonly leaves: ReadonlyMap<string, Tensor>;
}

/** The tensors that `roots` need, each after its inputs. Iterative: a graph may be deeper than the stack. */
export function topologicalOrder(roots: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { node: Tensor; next: number }[] = [];
  const enter = (node: Tensor): void => {
    if (seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const root of roots) {
    enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const child = top.node.inputs[top.next++];
      if (child !== undefined) enter(child);
      else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** The name under which a leaf is fed, or undefined for any other node. */
export function leafName(node: Tensor): string | undefined {
  return isOp(node, inputOp) || isOp(node, parameterOp) || isOp(node, noiseOp) ? node.attributes.name : undefined;
}

/** Collects and checks what the outputs need: two leaves of one name must be the same leaf in all but identity. */
export function graph(outputs: Readonly<Record<string, Tensor>>): Graph {
  const order = topologicalOrder(Object.values(outputs));
  const leaves = new Map<string, Tensor>();
  for (const node of order) {
    const name = leafName(node);
    if (name === undefined) continue;
    const other = leaves.get(name);
    if (other === undefined) leaves.set(name, node);
    else if (other.op !== node.op || other.dtype !== node.dtype || !equalShapes(other.shape, node.shape)) {
      throw new LatentkitError(
        'shape',
        `graph: two different leaves are named "${name}": ${describe(other)} and ${describe(node)}; rename one`,
      );
    }
  }
  return { outputs, order, leaves };
}

/** The attributes of a graph's parameters, in order of first use. */
export function parametersOf(graph: Graph): ParameterAttributes[] {
  return [...graph.leaves.values()].flatMap(leaf => (isOp(leaf, parameterOp) ? [leaf.attributes] : []));
}

/** The attributes of a graph's noise leaves, in order of first use. */
export function noisesOf(graph: Graph): NoiseAttributes[] {
  return [...graph.leaves.values()].flatMap(leaf => (isOp(leaf, noiseOp) ? [leaf.attributes] : []));
}

function describe(node: Tensor): string {
  return `${node.op.name} ${node.dtype}[${node.shape.join(', ')}]`;
}

// Prints a graph as text that a person reads and a test snapshots: one line a tensor, in order, with its shape.

import type { Graph } from './graph.ts';
import { leafName } from './graph.ts';
import { constantOp } from './leaf.ts';
import { isOp, type Tensor } from './tensor.ts';

/** The graph as text. Two graphs that print alike compute alike. */
export function printGraph(graph: Graph): string {
  const names = new Map<Tensor, string>();
  let count = 0;
  const nameOf = (node: Tensor): string => {
    if (isOp(node, constantOp) && node.attributes.data.length <= 4) {
      const { data, shape } = node.attributes;
      return shape.length === 0 ? String(data[0]) : `(${data.join(' ')})`;
    }
    const known = names.get(node);
    if (known !== undefined) return known;
    let name = leafName(node);
    if (name === undefined) {
      do name = letters(count++);
      while (graph.leaves.has(name));
    }
    names.set(node, name);
    return name;
  };
  const lines: string[] = [];
  for (const leaf of graph.leaves.values()) lines.push(`${leaf.op.name} ${nameOf(leaf)}: ${typeOf(leaf)}`);
  for (const node of graph.order) {
    if (leafName(node) !== undefined) continue;
    const inputs = node.inputs.map(nameOf);
    if (inputs.length === 0 && nameOf(node) !== names.get(node)) continue;
    lines.push(
      `let ${nameOf(node)}: ${typeOf(node)} = ${[node.op.name, ...inputs, ...printAttributes(node)].join(' ')}`,
    );
  }
  for (const [name, node] of Object.entries(graph.outputs)) lines.push(`return ${name} = ${nameOf(node)}`);
  return lines.join('\n');
}

function typeOf(node: Tensor): string {
  return `${node.dtype}[${node.shape.join(', ')}]`;
}

function printAttributes(node: Tensor): string[] {
  return Object.entries(node.attributes as Record<string, unknown>)
    .filter(([key]) => key !== 'data')
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
}

/** a, b, ..., z, aa, ab, ... */
function letters(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? letters(rest - 1) : '') + String.fromCharCode(97 + (index % 26));
}

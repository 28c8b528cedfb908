// Shared by the tests of this folder: values for every leaf of a graph, the same at each run.

import { expect } from 'vitest';
import { bindShape, type Graph, verify } from '../graph/index.ts';
import type { HostTensor } from '../runtime/host.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluateReference, type ReferenceFeed } from '../runtime/reference.ts';
import type { Model } from './build.ts';

/** Numbers between -1 and 1 without a pattern that matters. */
function numbers(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const value = Math.sin(12.9898 * (i + 1) + 78.233 * (seed + 1)) * 43758.5453;
    return 2 * (value - Math.floor(value)) - 1;
  });
}

/** Feeds for all leaves at a batch size: parameters within ±scale, noise, bytes for `x`, classes 0, 1 and 2, and `klWeight` 1. */
export function feedsFor(graph: Graph, batch: number, scale = 0.5): Record<string, ReferenceFeed> {
  const entries = [...graph.leaves].map(([name, leaf]): [string, ReferenceFeed] => {
    const shape = bindShape(leaf.shape, batch);
    const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7);
    const data = numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    );
    if (name === 'klWeight') return [name, { shape, data: [1] }];
    if (leaf.dtype === 'uint8') return [name, { shape, data: data.map(v => Math.round(127.5 * (v + 1))) }];
    if (leaf.dtype === 'int32') return [name, { shape, data: data.map(v => Math.floor(1.5 * (v + 1))) }];
    if (leaf.op.name === 'noise' && 'distribution' in (leaf.attributes as object)) {
      const { distribution } = leaf.attributes as { distribution: string };
      return [name, { shape, data: data.map(v => (distribution === 'uniform' ? (v + 1) / 2 : 2 * v)) }];
    }
    return [name, { shape, data: leaf.op.name === 'parameter' ? data.map(v => scale * v) : data }];
  });
  return Object.fromEntries(entries);
}

/** The same feeds for ONNX Runtime. */
export function toHost(graph: Graph, feeds: Readonly<Record<string, ReferenceFeed>>): Record<string, HostTensor> {
  const entries = [...graph.leaves].map(([name, leaf]): [string, HostTensor] => {
    const { shape, data } = feeds[name]!;
    if (leaf.dtype === 'uint8') return [name, { dtype: 'uint8', shape, data: Uint8Array.from(data) }];
    if (leaf.dtype === 'int32') return [name, { dtype: 'int32', shape, data: Int32Array.from(data) }];
    return [name, { dtype: 'float32', shape, data: Float32Array.from(data) }];
  });
  return Object.fromEntries(entries);
}

/** Expects of a graph on ONNX Runtime what the reference gives. */
export async function compareRuntimes(graph: Graph, batch = 3): Promise<void> {
  verify(graph);
  const feeds = feedsFor(graph, batch);
  const program = await (await nodeRuntime({ threads: 1 })).compile(graph);
  const got = await program.run(toHost(graph, feeds));
  await program.dispose();
  for (const [name, { data, shape }] of Object.entries(evaluateReference(graph, feeds))) {
    expect(got[name]!.shape).toEqual([...shape]);
    const scale = Math.max(1, ...data.map(Math.abs));
    const worst = Math.max(...data.map((value, i) => Math.abs(got[name]!.data[i]! - value)));
    expect(worst / scale, name).toBeLessThan(2e-5);
  }
}

/** Plain gradient steps of a model on one batch of 8 rows: the loss before each and after the last, and the first gradients. */
export async function plainSteps(model: Model, rate: number, count = 10): Promise<PlainSteps> {
  const step = model.stepGraph();
  const program = await (await nodeRuntime({ threads: 1 })).compile(step);
  const feeds = toHost(step, feedsFor(step, 8));
  const losses: number[] = [];
  const largest: Record<string, number> = {};
  for (let i = 0; i <= count; i++) {
    const out = await program.run(feeds);
    losses.push(out.loss!.data[0]!);
    for (const { name } of model.parameters.filter(({ role }) => role !== 'state')) {
      const [weights, gradient] = [feeds[name]!.data, out[`gradient/${name}`]!.data];
      largest[name] ??= Math.max(...Array.from(gradient, g => Math.abs(Number(g))));
      gradient.forEach((g, j) => {
        weights[j]! -= rate * g;
      });
    }
  }
  await program.dispose();
  return { losses, largest };
}

interface PlainSteps {
  readonly losses: readonly number[];
  /** The largest element of each parameter's gradient, at the first step. */
  readonly largest: Readonly<Record<string, number>>;
}

// What the tests of graphs share: seeded numbers, a run on ONNX Runtime, a comparison with the reference.

import { expect } from 'vitest';
import { bindShape, type DType, type Graph, type Shape, type Tensor } from '../graph/index.ts';
import type { HostTensor } from '../runtime/host.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluateReference, type ReferenceTensor } from '../runtime/reference.ts';
import type { Program, Runtime } from '../runtime/runtime.ts';

/** A seeded generator of uniform numbers on [0, 1) (mulberry32): tests need repeatable numbers, not good ones. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws the value of one element. */
export type Draw = (uniform: () => number) => number;

/** Uniform on [low, high], rounded to float32 so that both sides start from the same number. */
export const between =
  (low: number, high: number): Draw =>
  uniform =>
    Math.fround(low + (high - low) * uniform());

/** On [−2, 2] but at least 0.2 away from 0 and ±1: clear of the kinks of relu, abs, floor, min and max. */
const clear: Draw = uniform => {
  const x = between(0.2, 0.8)(uniform) + (uniform() < 0.5 ? 0 : 1);
  return Math.fround(uniform() < 0.5 ? -x : x);
};

/** A whole number from 0 to count − 1. */
export const whole =
  (count: number): Draw =>
  uniform =>
    Math.floor(uniform() * count);

const arrays: { readonly [D in DType]: (data: readonly number[]) => HostTensor['data'] } = {
  float32: data => Float32Array.from(data),
  int32: data => Int32Array.from(data),
  uint8: data => Uint8Array.from(data),
  bool: data => Uint8Array.from(data),
};

/** A host tensor with N bound, its elements drawn. */
export function drawn(shape: Shape, dtype: DType, batch: number, draw: Draw, uniform: () => number): HostTensor {
  const bound = bindShape(shape, batch);
  const size = bound.reduce((a, b) => a * b, 1);
  return { dtype, shape: bound, data: arrays[dtype](Array.from({ length: size }, () => draw(uniform))) };
}

/** Feeds for all leaves of a graph; `draws` says how, by name (default: clear of kinks). */
export function feedsFor(
  graph: Graph,
  batch: number,
  seed = 1,
  draws: Readonly<Record<string, Draw>> = {},
): Record<string, HostTensor> {
  const uniform = random(seed + batch);
  const feed = (name: string, leaf: Tensor): HostTensor =>
    drawn(leaf.shape, leaf.dtype, batch, draws[name] ?? clear, uniform);
  return Object.fromEntries([...graph.leaves].map(([name, leaf]) => [name, feed(name, leaf)]));
}

let runtime: Promise<Runtime> | undefined;

/** Compiles on the CPU, with one thread. */
export async function compile(graph: Graph): Promise<Program> {
  runtime ??= nodeRuntime({ threads: 1 });
  return (await runtime).compile(graph);
}

/** Runs a graph once on ONNX Runtime. */
export async function runOnnx(
  graph: Graph,
  feeds: Readonly<Record<string, HostTensor>>,
): Promise<Record<string, HostTensor>> {
  const program = await compile(graph);
  try {
    return await program.run(feeds);
  } finally {
    await program.dispose();
  }
}

/** Expects shape and elements to agree, up to a tolerance relative to max(1, the largest element). */
export function expectClose(
  got: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  expected: ReferenceTensor,
  what: string,
  tolerance = 1e-5,
): void {
  expect([...got.shape], `shape of ${what}`).toEqual([...expected.shape]);
  const scale = expected.data.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 1);
  for (const [i, x] of expected.data.entries()) {
    const y = got.data[i]!;
    const close = Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance * scale;
    if (!close) expect.fail(`${what}: element ${i} of [${got.shape.join(', ')}]: expected ${x}, got ${y}`);
  }
}

/** Runs a graph on ONNX Runtime and on the reference, and expects the same. */
export async function expectAgreement(
  graph: Graph,
  feeds: Readonly<Record<string, HostTensor>>,
  tolerance?: number,
): Promise<void> {
  const got = await runOnnx(graph, feeds);
  const expected = evaluateReference(graph, feeds);
  for (const name of Object.keys(graph.outputs)) expectClose(got[name]!, expected[name]!, name, tolerance);
}

// Every op against the reference on ONNX Runtime, and every gradient, first and second, against finite differences.

import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { checkGradients, grad } from '../autodiff/index.ts';
import { type Graph, graph, input, leafName, type Op, type Tensor } from '../graph/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { type Case, cases, composedCases } from './cases.ts';
import { add, cast, mul, ops, sum } from './index.ts';
import { compile, type Draw, expectClose, feedsFor } from './testing.ts';

/** A case as graph: its result, the projection of it on random numbers, and the projection's gradients. */
interface Built {
  readonly result: Tensor;
  readonly loss: Tensor;
  readonly wrt: readonly Tensor[];
  readonly gradients: readonly Tensor[];
}

/** Builds a case with its leaves under names of their own, so that all cases of an op fit in one model. */
function build({ leaves, build }: Case, prefix: string): Built {
  const entries = Object.entries(leaves).map(
    ([name, { shape, dtype }]) => [name, input(prefix + name, shape, dtype)] as const,
  );
  const result = build(Object.fromEntries(entries));
  const loss = sum(mul(result, input(`${prefix}projection`, result.shape)));
  const wrt = entries.map(([, leaf]) => leaf).filter(leaf => leaf.dtype === 'float32');
  return { result, loss, wrt, gradients: grad(loss, wrt) };
}

function drawsOf({ leaves }: Case, prefix: string): Record<string, Draw> {
  return Object.fromEntries(
    Object.entries(leaves).flatMap(([name, { draw }]) => (draw === undefined ? [] : [[prefix + name, draw]])),
  );
}

/** The graph's outputs that are not float32, as float32: ONNX outputs of any type are compared as numbers. */
function outputsOf(built: readonly Built[]): Graph {
  const outputs: Record<string, Tensor> = {};
  for (const [i, { result, gradients, wrt }] of built.entries()) {
    outputs[`case ${i}`] = cast(result, 'float32');
    gradients.forEach((gradient, k) => {
      outputs[`case ${i}, gradient by ${leafName(wrt[k]!)}`] = gradient;
    });
  }
  return graph(outputs);
}

describe.each(Object.entries({ ...cases, ...composedCases }))('%s', (_, list) => {
  const prefixes = list.map((_, i) => `${i}.`);
  const draws = Object.assign({}, ...list.map((one, i) => drawsOf(one, prefixes[i]!))) as Record<string, Draw>;
  const built = list.map((one, i) => build(one, prefixes[i]!));

  test('ONNX Runtime computes what the reference does, on one model, at every batch size', async () => {
    const all = outputsOf(built);
    const program = await compile(all);
    for (const batch of [1, 3, 7]) {
      const feeds = feedsFor(all, batch, 1, draws);
      const got = await program.run(feeds);
      const expected = evaluateReference(all, feeds);
      for (const name of Object.keys(all.outputs)) expectClose(got[name]!, expected[name]!, `${name} at N = ${batch}`);
    }
    await program.dispose();
  });

  test('gradients are those of finite differences', () => {
    for (const { loss, wrt } of built) checkGradients(loss, wrt, feedsFor(graph({ loss }), 2, 5, draws));
  });

  test('gradients of gradients are those of finite differences', () => {
    for (const { loss: first, wrt, gradients } of built) {
      for (const gradient of gradients) {
        // Added to the first loss, so that all leaves are there even where the gradient is constant.
        const loss = add(first, sum(mul(gradient, input('second projection', gradient.shape))));
        checkGradients(loss, wrt, feedsFor(graph({ loss }), 2, 9, draws));
      }
    }
  });
});

test('every op that a file of this folder exports is in the table', async () => {
  const known = new Set<unknown>(Object.values(ops));
  const files = (await readdir(new URL('.', import.meta.url))).filter(
    name => name.endsWith('.ts') && !name.endsWith('.test.ts') && !['cases.ts', 'testing.ts'].includes(name),
  );
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) {
    const exported = Object.entries((await import(/* @vite-ignore */ `./${file}`)) as Record<string, unknown>);
    for (const [name, value] of exported) {
      if (name.endsWith('Op')) expect(known.has(value), `${file} exports ${name}: add it to ops/index.ts`).toBe(true);
    }
  }
});

test('every op is filed under its own name', () => {
  for (const [name, op] of Object.entries(ops) as [string, Op<unknown>][]) expect(op.name).toBe(name);
});

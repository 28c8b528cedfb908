// Emitted models, read back by an independent decoder (the npm package onnx-proto) and by ONNX Runtime.

import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { constant, type Graph, graph, input, noise, parameter } from '../graph/index.ts';
import * as ops from '../ops/index.ts';
import { runOnnx } from '../ops/testing.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { type EmitOptions, emitOnnx } from './index.ts';

const { onnx } = onnxProto;

const x = input('x', ['N', 4]);
const weight = parameter('weight', [4, 3], { type: 'uniform', bound: 0.5 });

/** A model as plain numbers and strings. */
function read(graph: Graph, options?: EmitOptions) {
  const model = onnx.ModelProto.decode(emitOnnx(graph, options));
  const body = model.graph!;
  const value = (info: onnxProto.onnx.IValueInfoProto) => ({
    name: info.name,
    type: info.type!.tensorType!.elemType,
    shape: info.type!.tensorType!.shape!.dim!.map(d => d.dimParam || Number(d.dimValue)),
  });
  return {
    model,
    inputs: body.input!.map(value),
    outputs: body.output!.map(value),
    nodes: body.node!.map(n => ({ op: n.opType, inputs: n.input, outputs: n.output, attributes: n.attribute! })),
    initializers: body.initializer!.map(t => ({
      name: t.name,
      type: t.dataType,
      dims: t.dims!.map(Number),
      bytes: Uint8Array.from(t.rawData!),
    })),
  };
}

const floats = (bytes: Uint8Array): number[] => [...new Float32Array(bytes.buffer)];
const longs = (bytes: Uint8Array): number[] => [...new BigInt64Array(bytes.buffer)].map(Number);

test('the header says who wrote it, for which versions', () => {
  const { model } = read(graph({ y: ops.exp(x) }), { description: 'a test' });
  expect(model.producerName).toBe('latentkit');
  expect(model.docString).toBe('a test');
  expect(Number(model.irVersion)).toBe(10);
  expect(model.opsetImport.map(o => [o.domain, Number(o.version)])).toEqual([['', 21]]);
});

test('inputs and outputs carry names, types and dimensions, N by name', () => {
  const labels = input('labels', ['N'], 'int32');
  const bytes = input('bytes', ['49N', 2], 'uint8');
  const outputs = {
    hot: ops.oneHot(labels, 3),
    above: ops.greater(ops.matmul(x, weight), 0),
    scaled: ops.cast(bytes, 'float32'),
    count: ops.batchSize(),
  };
  const { inputs, outputs: results } = read(graph(outputs));
  expect(inputs).toEqual([
    { name: 'labels', type: 6, shape: ['N'] },
    { name: 'x', type: 1, shape: ['N', 4] },
    { name: 'weight', type: 1, shape: [4, 3] },
    { name: 'bytes', type: 2, shape: ['49N', 2] },
  ]);
  expect(results).toEqual([
    { name: 'hot', type: 1, shape: ['N', 3] },
    { name: 'above', type: 9, shape: ['N', 3] },
    { name: 'scaled', type: 1, shape: ['49N', 2] },
    { name: 'count', type: 1, shape: [] },
  ]);
});

test('attributes: integers, negative ones, lists', () => {
  const { nodes } = read(graph({ t: ops.transpose(x), c: ops.concat([x, x]), a: ops.argmax(x) }));
  const attribute = (op: string, name: string) => nodes.find(n => n.op === op)!.attributes.find(a => a.name === name)!;
  const perm = attribute('Transpose', 'perm');
  expect([perm.type, perm.ints!.map(Number)]).toEqual([7, [1, 0]]);
  const axis = attribute('Concat', 'axis');
  expect([axis.type, Number(axis.i)]).toEqual([2, 1]);
  expect(Number(attribute('ArgMax', 'keepdims').i)).toBe(0);
});

test('constants keep every bit, and equal ones are written once', () => {
  const y = ops.add(ops.mul(x, constant([0.1, -0, 1e-30, Number.NEGATIVE_INFINITY])), ops.mul(x, 0.1));
  const { initializers } = read(graph({ y, z: ops.mul(ops.mul(x, 0.1), 0.1) }));
  expect(initializers.map(t => t.dims)).toEqual([[4], []]);
  const [vector] = initializers;
  expect(floats(vector!.bytes)).toEqual([Math.fround(0.1), -0, Math.fround(1e-30), Number.NEGATIVE_INFINITY]);
});

test('shapes are int64 vectors, with -1 for N', () => {
  const { initializers } = read(graph({ y: ops.reshape(x, ['N', 2, 2]) }));
  expect(initializers.map(t => [t.type, t.dims, longs(t.bytes)])).toEqual([[7, [3], [-1, 2, 2]]]);
});

test('equal subexpressions are emitted once', () => {
  const { nodes } = read(graph({ y: ops.add(ops.exp(ops.neg(x)), ops.mul(ops.exp(ops.neg(x)), 2)) }));
  expect(nodes.map(n => n.op)).toEqual(['Neg', 'Exp', 'Mul', 'Add']);
});

test('expressions that differ in an attribute alone are not equal', () => {
  const y = input('y', ['N', 4, 4]);
  const { nodes } = read(graph({ a: ops.transpose(y, [0, 2, 1]), b: ops.transpose(y, [1, 0, 2]) }));
  expect(nodes.map(n => n.op)).toEqual(['Transpose', 'Transpose']);
});

test('every value is made before it is used, and only once', () => {
  const y = ops.softmax(ops.matmul(x, weight));
  const { nodes, inputs, initializers } = read(graph({ y, mean: ops.mean(y, 0), again: y }));
  const known = new Set([...inputs, ...initializers].map(v => v.name!));
  for (const node of nodes) {
    for (const name of node.inputs!) expect(known.has(name), `${node.op} reads ${name}`).toBe(true);
    for (const name of node.outputs!) {
      expect(known.has(name)).toBe(false);
      known.add(name);
    }
  }
  for (const name of ['y', 'mean', 'again']) expect(known.has(name)).toBe(true);
});

describe('embedding', () => {
  const data = Float32Array.from({ length: 12 }, (_, i) => i / 10);
  const y = ops.matmul(x, weight);

  test('turns a parameter from an input into an initializer', () => {
    const { inputs, initializers } = read(graph({ y }), { embed: new Map([['weight', data]]) });
    expect(inputs.map(i => i.name)).toEqual(['x']);
    expect(initializers.map(t => [t.name, t.type, t.dims, floats(t.bytes)])).toEqual([
      ['weight', 1, [4, 3], [...data]],
    ]);
  });

  test('gives the same numbers as feeding', async () => {
    const feeds = { x: { dtype: 'float32', shape: [2, 4], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) } } as const;
    const fed = await runOnnx(graph({ y }), { ...feeds, weight: { dtype: 'float32', shape: [4, 3], data } });
    const runtime = await nodeRuntime({ threads: 1 });
    const program = await runtime.compile(graph({ y }), new Map([['weight', data]]));
    expect(program.inputs).toEqual(['x']);
    expect((await program.run(feeds)).y!.data).toEqual(fed.y!.data);
    await program.dispose();
  });
});

test('outputs that are inputs, constants, or one another', async () => {
  const y = ops.neg(x);
  const all = graph({ y, twin: y, copy: x, chained: ops.exp(y), three: constant(3), bare: ops.stopGradient(x) });
  const got = await runOnnx(all, { x: { dtype: 'float32', shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) } });
  expect([...got.y!.data]).toEqual([-1, -2, -3, -4]);
  expect([...got.twin!.data]).toEqual([-1, -2, -3, -4]);
  expect([...got.copy!.data]).toEqual([1, 2, 3, 4]);
  expect([...got.bare!.data]).toEqual([1, 2, 3, 4]);
  expect([...got.three!.data]).toEqual([3]);
  expect(got.chained!.data[0]).toBeCloseTo(Math.exp(-1), 6);
});

test('an output may not take an input’s name', () => {
  expect(() => emitOnnx(graph({ x: ops.neg(x) }))).toThrow('an input and an output named "x"; rename one');
});

test('N comes from any leaf that has it, also as a multiple', async () => {
  const flat = input('flat', ['4N', 2]);
  const all = graph({ count: ops.batchSize(), wide: ops.broadcastTo(ops.sum(flat), ['N', 2]) });
  const got = await runOnnx(all, { flat: { dtype: 'float32', shape: [12, 2], data: new Float32Array(24).fill(1) } });
  expect([...got.count!.data]).toEqual([3]);
  expect(got.wide!.shape).toEqual([3, 2]);
  expect(() => emitOnnx(graph({ count: ops.batchSize() }))).toThrow('none of its inputs has a dimension N');
});

test('noise is fed like any input', () => {
  const { inputs } = read(graph({ z: ops.add(x, noise('epsilon', ['N', 4])) }));
  expect(inputs.map(i => i.name)).toEqual(['x', 'epsilon']);
});

// Graphs as data: order, leaves, print, and what verify refuses.

import { describe, expect, test } from 'vitest';
import * as ops from '../ops/index.ts';
import {
  constant,
  graph,
  input,
  noise,
  noisesOf,
  parameter,
  parametersOf,
  printGraph,
  type Tensor,
  topologicalOrder,
  verify,
} from './index.ts';

const x = input('x', ['N', 4]);
const weight = parameter('weight', [4, 3], { type: 'uniform', bound: 0.5 });
const bias = parameter('bias', [3], { type: 'constant', value: 0 });

test('every tensor comes after its inputs, and once', () => {
  const shared = ops.exp(x);
  const order = topologicalOrder([ops.add(shared, ops.mul(shared, shared)), shared]);
  expect(new Set(order).size).toBe(order.length);
  for (const [i, node] of order.entries())
    for (const child of node.inputs) expect(order.indexOf(child)).toBeLessThan(i);
});

test('a graph knows its leaves in order of first use', () => {
  const z = ops.add(ops.add(ops.matmul(x, weight), bias), noise('epsilon', ['N', 3]));
  const all = graph({ z });
  expect([...all.leaves.keys()]).toEqual(['x', 'weight', 'bias', 'epsilon']);
  expect(parametersOf(all).map(p => p.name)).toEqual(['weight', 'bias']);
  expect(noisesOf(all)).toEqual([{ name: 'epsilon', shape: ['N', 3], distribution: 'normal' }]);
});

test('two leaves of one name must be alike', () => {
  expect(() => graph({ y: ops.add(x, input('x', ['N', 4])) })).not.toThrow();
  expect(() => graph({ y: ops.add(x, input('x', [4])) })).toThrow(
    'graph: two different leaves are named "x": input float32[N, 4] and input float32[4]; rename one',
  );
  expect(() => graph({ y: ops.add(x, noise('x', ['N', 4])) })).toThrow('input float32[N, 4] and noise float32[N, 4]');
});

test('a small net prints', () => {
  const hidden = ops.relu(ops.add(ops.matmul(x, weight), bias));
  const loss = ops.mean(ops.sum(ops.mul(hidden, constant([1, 2, 3])), -1));
  expect(printGraph(graph({ loss, hidden }))).toMatchInlineSnapshot(`
    "input x: float32[N, 4]
    parameter weight: float32[4, 3]
    parameter bias: float32[3]
    let a: float32[N, 3] = matmul x weight transposeA=false transposeB=false
    let b: float32[N, 3] = add a bias
    let c: float32[N, 3] = relu b
    let d: float32[N, 3] = mul c (1 2 3)
    let e: float32[N] = sum d axes=[1] keepDims=false
    let f: float32[] = sum e axes=[0] keepDims=false
    let g: float32[] = batchSize
    let h: float32[] = div f g
    return loss = h
    return hidden = c"
  `);
});

test('tensors cannot be changed', () => {
  expect(() => {
    (x as { shape: unknown }).shape = [];
  }).toThrow(TypeError);
});

describe('verify', () => {
  const sum = ops.add(x, 1);

  test('accepts what ops built', () => {
    expect(() => verify(graph({ sum }))).not.toThrow();
  });

  test.each<[string, Partial<Tensor>, string]>([
    ['shape', { shape: ['N', 5] }, 'add: expected float32[N, 4] by its rule, got float32[N, 5]'],
    ['element type', { dtype: 'int32' }, 'add: expected float32[N, 4] by its rule, got int32[N, 4]'],
    ['inputs', { inputs: [x, input('y', [3])] }, 'add: expected shapes that broadcast'],
  ])('refuses a node with another %s', (_, fault, message) => {
    expect(() => verify(graph({ broken: { ...sum, ...fault } }))).toThrow(message);
  });
});

// The walk itself: what it accumulates, what it leaves out, and what it hands back.

import { describe, expect, test } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { constant, graph, input, noise, parameter, printGraph, type Tensor, verify } from '../graph/index.ts';
import * as ops from '../ops/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { checkGradients, grad } from './index.ts';

/** d loss / d x at x, where the loss is a function of one scalar. */
function slopeAt(at: number, f: (x: Tensor) => Tensor): number {
  const x = input('x', []);
  const slope = grad(f(x), [x])[0]!;
  return evaluateReference(graph({ x, slope }), { x: { shape: [], data: [at] } }).slope!.data[0]!;
}

test('a tensor used twice gets the sum of both cotangents', () => {
  expect(slopeAt(3, x => ops.mul(x, x))).toBe(6);
  // A diamond: x feeds a and b, which meet again.
  expect(
    slopeAt(2, x => {
      const shared = ops.mul(x, x);
      return ops.mul(ops.add(shared, 1), ops.mul(shared, 3));
    }),
  ).toBe(2 * 2 * (3 * 4 + 3 * 5));
});

test('a cotangent that is constant over broadcast axes is still summed over them', () => {
  const [x, bias, shift] = [input('x', ['N', 3]), input('bias', [3]), input('shift', [])];
  const weighted = ops.sum(ops.mul(ops.add(ops.add(x, bias), shift), constant([2, 3, 5])));
  const [ofBias, ofShift] = grad(weighted, [bias, shift]) as [Tensor, Tensor];
  const feeds = {
    x: { shape: [4, 3], data: new Float64Array(12) },
    bias: { shape: [3], data: [1, 2, 3] },
    shift: { shape: [], data: [7] },
  };
  const got = evaluateReference(graph({ x, weighted, ofBias, ofShift }), feeds);
  expect([...got.ofBias!.data]).toEqual([8, 12, 20]);
  expect([...got.ofShift!.data]).toEqual([40]);
  checkGradients(weighted, [x, bias, shift], feeds);
});

test('no gradient flows through stopGradient, cast, comparisons or argmax', () => {
  expect(slopeAt(3, x => ops.mul(x, ops.stopGradient(x)))).toBe(3);
  expect(slopeAt(3, x => ops.mul(x, ops.cast(ops.cast(x, 'int32'), 'float32')))).toBe(3);
  expect(slopeAt(3, x => ops.mul(x, ops.cast(ops.greater(x, 1), 'float32')))).toBe(1);
});

test('what the loss does not depend on gets zeros of its shape', () => {
  const x = input('x', ['N', 2]);
  const unused = parameter('unused', [3, 2], { type: 'constant', value: 1 });
  const [used, zeros] = grad(ops.sum(x), [x, unused]) as [Tensor, Tensor];
  expect(used.shape).toEqual(['N', 2]);
  expect(zeros.shape).toEqual([3, 2]);
  const got = evaluateReference(graph({ x, zeros }), { x: { shape: [1, 2], data: [1, 2] } });
  expect([...got.zeros!.data]).toEqual([0, 0, 0, 0, 0, 0]);
});

test('the gradient with respect to an inner node, and to the loss itself', () => {
  const x = input('x', ['N']);
  const inner = ops.exp(x);
  const loss = ops.sum(ops.mul(inner, inner));
  const [byInner, byLoss] = grad(loss, [inner, loss]) as [Tensor, Tensor];
  const got = evaluateReference(graph({ byInner, byLoss }), { x: { shape: [2], data: [0, 1] } });
  expect([...got.byInner!.data]).toEqual([2, 2 * Math.E]);
  expect([...got.byLoss!.data]).toEqual([1]);
});

test('broadcasts are summed back to the operand, whatever was added, stretched or N', () => {
  const y = input('y', ['N', 2, 3]);
  const operands = [[], [3], [1], [2, 1], [1, 2, 3], ['N', 1, 1]] as const;
  for (const [i, shape] of operands.entries()) {
    const x = input('x', shape);
    const loss = ops.sum(ops.mul(ops.exp(ops.mul(x, y)), y));
    const gradient = grad(loss, [x])[0]!;
    expect(gradient.shape).toEqual([...shape]);
    const size = shape.reduce<number>((n, d) => n * (typeof d === 'string' ? 2 : d), 1);
    checkGradients(loss, [x], {
      y: { shape: [2, 2, 3], data: Array.from({ length: 12 }, (_, k) => Math.sin(k + i)) },
      x: {
        shape: shape.map(d => (typeof d === 'string' ? 2 : d)),
        data: Array.from({ length: size }, (_, k) => k / 7),
      },
    });
  }
});

test('sums and means over N', () => {
  const x = input('x', ['N', 2]);
  const loss = ops.add(ops.mean(ops.exp(x)), ops.sum(ops.square(ops.mean(x, 0))));
  checkGradients(loss, [x], { x: { shape: [3, 2], data: [0.1, 0.2, -0.5, 1, 2, -2] } });
});

test('a chain of 20,000 nodes overflows no stack', () => {
  let y: Tensor = input('x', []);
  const x = y;
  for (let i = 0; i < 20_000; i++) y = ops.mul(y, 1.0001);
  const all = graph({ slope: grad(y, [x])[0]!, y });
  verify(all);
  const got = evaluateReference(all, { x: { shape: [], data: [1] } });
  expect(got.slope!.data[0]).toBeCloseTo(1.0001 ** 20_000, 9);
});

test('third derivatives', () => {
  const x = input('x', []);
  let y = ops.mul(ops.sin(x), ops.exp(x));
  for (let i = 0; i < 3; i++) y = grad(y, [x])[0]!;
  const at = 0.7;
  const got = evaluateReference(graph({ y }), { x: { shape: [], data: [at] } });
  expect(got.y!.data[0]).toBeCloseTo(2 * Math.exp(at) * (Math.cos(at) - Math.sin(at)), 12);
});

test('a loss that is no scalar is refused', () => {
  const x = input('x', ['N', 2]);
  expect(() => grad(x, [x])).toThrow('grad: expected a float32 scalar, got float32[N, 2]');
  expect(() => grad(ops.cast(ops.sum(x), 'int32'), [x])).toThrow('grad: expected a float32 scalar, got int32[]');
});

describe('the print of a gradient', () => {
  test('of a dense layer with a reparameterised sample', () => {
    const x = input('x', ['N', 4]);
    const w = parameter('w', [4, 2], { type: 'uniform', bound: 0.5 });
    const b = parameter('b', [2], { type: 'constant', value: 0 });
    const mean = ops.add(ops.matmul(x, w), b);
    const z = ops.add(mean, noise('epsilon', ['N', 2]));
    const loss = ops.mean(ops.sum(ops.square(z), 1));
    const [dw, db] = grad(loss, [w, b]) as [Tensor, Tensor];
    expect(printGraph(graph({ loss, dw, db }))).toMatchInlineSnapshot(`
      "input x: float32[N, 4]
      parameter w: float32[4, 2]
      parameter b: float32[2]
      noise epsilon: float32[N, 2]
      let a: float32[N, 2] = matmul x w transposeA=false transposeB=false
      let c: float32[N, 2] = add a b
      let d: float32[N, 2] = add c epsilon
      let e: float32[N, 2] = mul d d
      let f: float32[N] = sum e axes=[1] keepDims=false
      let g: float32[] = sum f axes=[0] keepDims=false
      let h: float32[] = batchSize
      let i: float32[] = div g h
      let j: float32[] = div 1 h
      let k: float32[N, 2] = mul j d
      let l: float32[N, 2] = mul j d
      let m: float32[N, 2] = add k l
      let n: float32[4, 2] = matmul x m transposeA=true transposeB=false
      let o: float32[2] = sum m axes=[0] keepDims=false
      return loss = i
      return dw = n
      return db = o"
    `);
  });
});

describe('checkGradients', () => {
  const x = input('x', [3]);
  const feeds = { x: { shape: [3], data: [0.5, 1, 2] } };

  test('gives the largest difference where all is well', () => {
    expect(checkGradients(ops.sum(ops.exp(x)), [x], feeds)).toBeLessThan(1e-8);
  });

  test('names leaf and element where a gradient is wrong', () => {
    // Its gradient leaves out the factor that is stopped, which finite differences see.
    const wrong = ops.sum(ops.mul(x, ops.stopGradient(x)));
    expect(() => checkGradients(wrong, [x], feeds)).toThrow(/"x"\[0\]: expected (1|0\.9999).* got 0\.5/);
  });

  test('takes leaves only', () => {
    const inner = ops.exp(x);
    expect(() => checkGradients(ops.sum(inner), [inner], feeds)).toThrow(LatentkitError);
    expect(() => checkGradients(ops.sum(inner), [constant(1)], feeds)).toThrow('expected leaves');
  });
});

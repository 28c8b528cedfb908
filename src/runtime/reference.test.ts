// The reference itself: against values from tables, and in what it refuses.

import { describe, expect, test } from 'vitest';
import { graph, input, parameter } from '../graph/index.ts';
import * as ops from '../ops/index.ts';
import { erf, sigmoid, softplus } from './reference/special.ts';
import { evaluateReference } from './reference.ts';

test('erf to 1e-15 (Abramowitz & Stegun table 7.1, and 20-digit values)', () => {
  const table = [
    [0, 0],
    [1e-8, 1.1283791670955126e-8],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [5, 0.9999999999984626],
    [9, 1],
  ] as const;
  for (const [x, y] of table) {
    expect(Math.abs(erf(x) - y)).toBeLessThanOrEqual(1e-15 * Math.max(y, 1e-8));
    expect(erf(-x)).toBe(-erf(x));
  }
});

test('softplus and sigmoid far from zero', () => {
  expect(softplus(800)).toBe(800);
  expect(softplus(-800)).toBe(0);
  expect(softplus(-40)).toBeCloseTo(Math.exp(-40), 30);
  expect(sigmoid(-800)).toBe(0);
  expect(sigmoid(800)).toBe(1);
});

test('a convolution worked out by hand', () => {
  const y = ops.conv2d(input('x', [1, 1, 3, 3]), input('w', [1, 1, 2, 2]), { strides: 2, pads: [1, 0, 0, 1] });
  const got = evaluateReference(graph({ y }), {
    x: { shape: [1, 1, 3, 3], data: [1, 2, 3, 4, 5, 6, 7, 8, 9] },
    w: { shape: [1, 1, 2, 2], data: [1, 10, 100, 1000] },
  });
  // Rows −1 and 0, then 1 and 2; columns 0 and 1, then 2 and the padding.
  expect([...got.y!.data]).toEqual([2100, 300, 4 + 50 + 700 + 8000, 6 + 900]);
});

describe('N', () => {
  const x = input('x', ['N', 2]);
  const flat = input('flat', ['3N']);
  const all = graph({ y: ops.add(ops.sum(x), ops.add(ops.sum(flat), ops.batchSize())) });
  const two = { shape: [2, 2], data: [1, 2, 3, 4] };

  test('is bound by the feeds', () => {
    const got = evaluateReference(all, { x: two, flat: { shape: [6], data: [1, 1, 1, 1, 1, 1] } });
    expect(got.y!.data[0]).toBe(10 + 6 + 2);
  });

  test('must be one number', () => {
    expect(() => evaluateReference(all, { x: two, flat: { shape: [9], data: new Float64Array(9) } })).toThrow(
      'reference: "flat": expected [3N], got [9]: N would be 3 here, but is 2 by "x"',
    );
    expect(() => evaluateReference(all, { x: two, flat: { shape: [7], data: new Float64Array(7) } })).toThrow(
      'reference: "flat": expected [3N], got [7] (7 is no multiple of 3)',
    );
  });

  test('must come from somewhere', () => {
    const w = parameter('w', [2], { type: 'constant', value: 0 });
    const y = ops.broadcastTo(w, ['N', 2]);
    expect(() => evaluateReference(graph({ y }), { w: { shape: [2], data: [1, 2] } })).toThrow(
      'reference: broadcastTo needs N, but none of the feeds has a dimension N',
    );
  });
});

test('feeds that are missing or of another shape are named', () => {
  const y = ops.exp(input('x', ['N', 2]));
  expect(() => evaluateReference(graph({ y }), {})).toThrow('reference: the input "x" was not fed');
  const fed = (shape: number[], count: number) => () =>
    evaluateReference(graph({ y }), { x: { shape, data: new Float64Array(count) } });
  expect(fed([1, 3], 3)).toThrow('reference: "x": expected [N, 2], got [1, 3]');
  expect(fed([2], 2)).toThrow('reference: "x": expected [N, 2], got [2]');
  expect(fed([1, 2], 3)).toThrow('reference: "x": expected [N, 2], got [1, 2] with 3 values');
});

test('an index out of range is refused; a negative one counts from the end', () => {
  const y = ops.gather(input('x', [3]), input('i', ['N'], 'int32'));
  const at = (i: number) =>
    evaluateReference(graph({ y }), { x: { shape: [3], data: [5, 6, 7] }, i: { shape: [1], data: [i] } });
  expect(at(-1).y!.data[0]).toBe(7);
  expect(() => at(3)).toThrow('reference: expected a row below 3, got 3');
});

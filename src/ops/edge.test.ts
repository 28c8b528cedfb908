// Values at which naive formulas overflow, cancel or divide by zero, and shapes that are easily forgotten.

import { expect, test } from 'vitest';
import { grad } from '../autodiff/index.ts';
import { constant, graph, input, parameter, type Tensor } from '../graph/index.ts';
import { float32, nodeRuntime } from '../runtime/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import * as ops from './index.ts';
import { drawn, expectAgreement, expectClose, random, runOnnx, whole } from './testing.ts';

/** The values that ONNX Runtime and the reference give for an expression of one vector, once they agree. */
async function valuesAt(at: readonly number[], f: (x: Tensor) => Tensor, tolerance = 1e-6): Promise<number[]> {
  const x = input('x', ['N']);
  const y = f(x);
  const all = graph({ y, slope: grad(ops.sum(y), [x])[0]! });
  const feeds = { x: { dtype: 'float32', shape: [at.length], data: Float32Array.from(at) } } as const;
  const got = await runOnnx(all, feeds);
  const expected = evaluateReference(all, feeds);
  expectClose(got.y!, expected.y!, 'value', tolerance);
  expectClose(got.slope!, expected.slope!, 'slope', tolerance);
  return [...got.y!.data];
}

test('softplus is exact to rounding far out on both sides', async () => {
  const [low, , , high] = await valuesAt([-80, -20, 20, 100], ops.softplus);
  expect(high).toBe(100);
  expect(low).toBeGreaterThanOrEqual(0);
  const near = await valuesAt([-3, -1e-3, 0, 1e-3, 3], ops.softplus);
  expect(near[2]).toBeCloseTo(Math.LN2, 6);
});

test('so is its sum over many elements, alone and in a Bernoulli log-probability', async () => {
  for (const scale of [0.01, 1, 30, 100, 1e4]) {
    const [x, a] = [input('x', ['N', 784]), input('a', ['N', 784])];
    const uniform = random(scale);
    const fed = (most: number) => drawn(['N', 784], 'float32', 3, u => Math.fround((2 * u() - 1) * most), uniform);
    const all = graph({
      sum: ops.sum(ops.softplus(x), 1),
      logProb: ops.sum(ops.sub(ops.mul(a, x), ops.softplus(x)), 1),
    });
    await expectAgreement(all, { x: fed(scale), a: fed(1) }, 2e-6);
  }
});

test('sigmoid and tanh saturate without NaN', async () => {
  await valuesAt([-100, -30, 0, 30, 100], ops.sigmoid);
  await valuesAt([-100, -30, 0, 30, 100], ops.tanh);
});

test('logSumExp and softmax of large numbers do not overflow', async () => {
  const [y] = await valuesAt([1000, 1000, -1000], x => ops.logSumExp(x, undefined, { keepDims: true }));
  expect(y).toBeCloseTo(1000 + Math.LN2, 3);
  expect(await valuesAt([1e4, -1e4, 1e4], ops.softmax)).toEqual([0.5, 0, 0.5]);
});

test('kinks take the subgradient that the documentation says', async () => {
  const x = input('x', [1]);
  const slopes = (f: (x: Tensor) => Tensor, at: number): number => {
    const slope = grad(ops.sum(f(x)), [x])[0]!;
    return evaluateReference(graph({ x, slope }), { x: { shape: [1], data: [at] } }).slope!.data[0]!;
  };
  expect(slopes(ops.abs, 0)).toBe(0);
  expect(slopes(ops.relu, 0)).toBe(0);
  // Equal operands: all to the first.
  expect(slopes(z => ops.maximum(z, 1), 1)).toBe(1);
  expect(slopes(z => ops.maximum(1, z), 1)).toBe(0);
  expect(slopes(z => ops.minimum(z, 1), 1)).toBe(1);
});

test('max shares its gradient among equals, argmax takes the first', async () => {
  const x = input('x', ['N', 3]);
  const all = graph({ slope: grad(ops.sum(ops.max(x, 1)), [x])[0]!, first: ops.argmax(x) });
  const data = Float32Array.of(1, 3, 3, 2, 2, 2);
  const got = await runOnnx(all, { x: { dtype: 'float32', shape: [2, 3], data } });
  expect([...got.slope!.data]).toEqual([0, 0.5, 0.5, 1 / 3, 1 / 3, 1 / 3].map(Math.fround));
  expect([...got.first!.data]).toEqual([1, 0]);
});

test('a reduction over no axes is the tensor itself, over all axes a scalar', async () => {
  const x = input('x', ['N', 2]);
  const all = graph({
    none: ops.sum(x, []),
    all: ops.sum(x),
    rows: ops.mean(x, 0),
    kept: ops.max(x, 0, { keepDims: true }),
  });
  await expectAgreement(all, { x: { dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 7) } });
  expect(ops.sum(x, []).shape).toEqual(['N', 2]);
});

test('indices that repeat add up, and scatterAdd leaves the other rows zero', async () => {
  const scattered = ops.scatterAdd(constant([2, 0, 2, 2], [4], 'int32'), input('u', [4]), 4);
  const got = await runOnnx(graph({ scattered }), {
    u: { dtype: 'float32', shape: [4], data: Float32Array.of(1, 2, 3, 4) },
  });
  expect([...got.scattered!.data]).toEqual([2, 0, 8, 0]);
});

test('one-hot of an index out of range is all zeros', async () => {
  const hot = ops.oneHot(input('i', ['N'], 'int32'), 3);
  const got = await runOnnx(graph({ hot }), { i: { dtype: 'int32', shape: [4], data: Int32Array.of(-1, 0, 2, 3) } });
  expect([...got.hot!.data]).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0]);
});

test('pairs of a batch: [N, N] distances and their gradient', async () => {
  const x = input('x', ['N', 2]);
  const difference = ops.sub(ops.reshape(x, ['N', 1, 2]), ops.reshape(x, [1, 'N', 2]));
  const kernel = ops.exp(ops.neg(ops.sum(ops.square(difference), 2)));
  expect(kernel.shape).toEqual(['N', 'N']);
  const all = graph({ kernel, slope: grad(ops.mean(kernel), [x])[0]! });
  const uniform = random(4);
  for (const batch of [1, 4])
    await expectAgreement(all, { x: drawn(x.shape, 'float32', batch, u => Math.fround(u()), uniform) });
});

test('a batch laid flat and back: [N, 7, 7, C] as [49N, C]', async () => {
  const x = input('x', ['N', 7, 7, 2]);
  const flat = ops.reshape(x, ['49N', 2]);
  const back = ops.reshape(ops.matmul(flat, parameter('w', [2, 3], { type: 'constant', value: 1 })), ['N', 7, 7, 3]);
  const uniform = random(5);
  await expectAgreement(graph({ back }), {
    x: drawn(x.shape, 'float32', 3, u => Math.fround(u()), uniform),
    w: drawn([2, 3], 'float32', 3, u => Math.fround(u()), uniform),
  });
  expect(ops.reshape(flat, ['N', -1]).shape).toEqual(['N', 98]);
  expect(ops.reshape(x, [-1, 2]).shape).toEqual(['49N', 2]);
});

test('indices and bytes travel as integers', async () => {
  const bytes = input('bytes', ['N', 4], 'uint8');
  const scaled = ops.mul(ops.cast(bytes, 'float32'), 1 / 255);
  const labels = ops.argmax(scaled);
  expect(labels.dtype).toBe('int32');
  const uniform = random(6);
  await expectAgreement(graph({ scaled, labels }), { bytes: drawn(bytes.shape, 'uint8', 3, whole(256), uniform) });
});

test('upsampling repeats pixels; pooling the result gives the image back', async () => {
  const x = input('x', ['N', 1, 1, 2]);
  const large = ops.upsampleNearest2d(x, [2, 3]);
  const got = await runOnnx(graph({ large, back: ops.avgPool2d(large, { kernel: [2, 3] }) }), {
    x: { dtype: 'float32', shape: [1, 1, 1, 2], data: Float32Array.of(5, 7) },
  });
  expect([...got.large!.data]).toEqual([5, 5, 5, 7, 7, 7, 5, 5, 5, 7, 7, 7]);
  expect([...got.back!.data]).toEqual([5, 7]);
});

test('images too large to gather patches from', async () => {
  const [x, w, g] = [input('x', ['N', 9, 32, 31]), input('w', [8, 9, 4, 5]), input('g', ['N', 8, 16, 16])];
  const options = { strides: 2, pads: [1, 2, 1, 2] } as const;
  const all = graph({
    small: ops.conv2d(x, w, options),
    large: ops.convTranspose2d(g, w, options),
    kernel: ops.conv2dFilterGrad(ops.concat([x, x, x, x, x, x], 1), g, { ...options, kernel: [4, 5] }),
  });
  const uniform = random(8);
  const fed = (t: Tensor) => drawn(t.shape, 'float32', 2, u => Math.fround(u() - 0.5), uniform);
  await expectAgreement(all, { x: fed(x), w: fed(w), g: fed(g) });
});

test('constants fold where they change nothing', () => {
  const x = input('x', ['N']);
  expect(ops.add(x, 0)).toBe(x);
  expect(ops.mul(1, x)).toBe(x);
  expect(ops.reshape(x, ['N'])).toBe(x);
  expect(ops.transpose(input('y', ['N', 2]), [0, 1]).op.name).toBe('input');
  expect(ops.pad(x, [0], [0])).toBe(x);
});

test('adds up what goes to one row in the same way every time, whatever the threads', async () => {
  const [count, width] = [20_000, 8];
  const indices = Int32Array.from({ length: count }, (_, i) => (i * 7919) % 5);
  const updates = Float32Array.from({ length: count * width }, (_, i) => Math.sin(i));
  const whole = graph({
    y: ops.scatterAdd(input('i', ['N'], 'int32'), input('u', ['N', width]), 5),
  });
  const feeds = { i: { dtype: 'int32', shape: [count], data: indices }, u: float32(updates, [count, width]) } as const;
  const expected = new Float64Array(5 * width);
  updates.forEach((value, i) => {
    expected[indices[Math.floor(i / width)]! * width + (i % width)]! += value;
  });
  const program = await (await nodeRuntime({ threads: 4 })).compile(whole);
  for (let run = 0; run < 20; run++) {
    const { y } = await program.run(feeds);
    y!.data.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-2);
    });
  }
  await program.dispose();
});

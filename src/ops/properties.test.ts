// Random shapes, axes, geometries and broadcasts, seeded: ONNX Runtime against the reference, and gradients against
// finite differences, where the cases table holds only chosen ones.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkGradients, grad } from '../autodiff/index.ts';
import { type Dim, graph, input, type Shape, type Tensor, verify } from '../graph/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import * as ops from './index.ts';
import { expectAgreement, feedsFor, whole } from './testing.ts';

const runs = { numRuns: 12, seed: 20131220 };

/** The result and its gradients by the leaves, both ways; gradients also against finite differences. */
async function check(result: Tensor, wrt: readonly Tensor[], batch: number): Promise<void> {
  const loss = ops.sum(ops.mul(result, input('projection', result.shape)));
  const gradients = Object.fromEntries(grad(loss, wrt).map((g, i) => [`gradient ${i}`, g]));
  const all = graph({ result, ...gradients });
  verify(all);
  const feeds = feedsFor(all, batch, 7);
  await expectAgreement(all, feeds);
  checkGradients(loss, wrt, feeds, { elements: 12 });
}

const dim: fc.Arbitrary<Dim> = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom<Dim>('N', '2N'));
const number = fc.integer({ min: 1, max: 4 });
const batch = fc.constantFrom(1, 2, 3);
const shape = fc
  .array(dim, { minLength: 1, maxLength: 4 })
  .filter(s => s.filter(d => typeof d === 'string').length < 3);

test('operands broadcast', async () => {
  const broadcasting = fc.record({
    full: shape,
    a: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    b: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    cut: fc.nat(3),
    batch,
  });
  await fc.assert(
    fc.asyncProperty(broadcasting, async ({ full, a, b, cut, batch }) => {
      const thin = (mask: readonly boolean[]): Shape => full.map((d, i) => (mask[i] ? 1 : d));
      const x = input('x', thin(a));
      const y = input('y', thin(b).slice(Math.min(cut, full.length)));
      await check(ops.mul(ops.add(x, y), ops.tanh(y)), [x, y], batch);
    }),
    runs,
  );
});

test('reductions over any axes', async () => {
  await fc.assert(
    fc.asyncProperty(shape, fc.array(fc.nat(3)), fc.boolean(), batch, async (shape, picks, keepDims, batch) => {
      const x = input('x', shape);
      const axes = [...new Set(picks.filter(axis => axis < shape.length))];
      const both = [ops.sum, ops.max, ops.mean, ops.logSumExp].map(f => f(x, axes, { keepDims }));
      await check(
        both.reduce((a, b) => ops.add(a, b)),
        [x],
        batch,
      );
    }),
    runs,
  );
});

test('transposes, reshapes, pads, slices and concatenations', async () => {
  const movement = fc.record({
    dims: fc.tuple(number, number, number),
    order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    pads: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
    step: fc.integer({ min: 1, max: 3 }),
    start: fc.nat(2),
    axis: fc.nat(2),
    batch,
  });
  await fc.assert(
    fc.asyncProperty(movement, async ({ dims, order, pads, step, start, axis, batch }) => {
      const x = input('x', ['N', ...dims]);
      const [top, left, bottom, right] = pads as [number, number, number, number];
      const padded = ops.pad(x, [0, top, left, 0], [0, bottom, right, 1], 0.5);
      const length = padded.shape[axis + 1] as number;
      const part = ops.slice(padded, axis + 1, Math.min(start, length - 1), length, step);
      const joined = ops.concat([part, part, ops.neg(part)], axis + 1);
      const turned = ops.transpose(joined, order);
      await check(ops.reshape(turned, ['N', -1]), [x], batch);
    }),
    runs,
  );
});

test('products of matrices, batched and transposed', async () => {
  const product = fc.record({
    lead: fc.array(fc.constantFrom<Dim>('N', 2), { maxLength: 2 }),
    thin: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
    cut: fc.nat(2),
    sizes: fc.tuple(fc.oneof(number, fc.constant<Dim>('N')), number, number),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    batch,
  });
  await fc.assert(
    fc.asyncProperty(product, async ({ lead, thin, cut, sizes: [m, k, n], transposeA, transposeB, batch }) => {
      const a = input('a', [...lead, ...(transposeA ? [k, m] : [m, k])]);
      const shared = lead.map((d, i) => (thin[i] ? 1 : d)).slice(Math.min(cut, lead.length));
      const b = input('b', [...shared, ...(transposeB ? [n, k] : [k, n])]);
      await check(ops.matmul(a, b, { transposeA, transposeB }), [a, b], batch);
    }),
    runs,
  );
});

/** A kernel, its steps and its padding, in an image that holds it. */
const geometry = fc
  .record({
    kernel: fc.tuple(number, number),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
    room: fc.tuple(fc.nat(5), fc.nat(5)),
    channels: fc.constantFrom(1, 2, 8, 9),
    outputs: fc.constantFrom(1, 3, 8),
  })
  .map(g => {
    const size = [0, 1].map(axis => {
      const reach = g.dilations[axis]! * (g.kernel[axis]! - 1) + 1;
      return Math.max(1, reach + g.room[axis]! - g.pads[axis]! - g.pads[axis + 2]!);
    });
    return { ...g, size };
  });

test('convolutions of any geometry', async () => {
  await fc.assert(
    fc.asyncProperty(geometry, batch, async ({ kernel, channels, outputs, size, room: _, ...options }, batch) => {
      const x = input('x', ['N', channels, ...size]);
      const w = input('w', [outputs, channels, ...kernel]);
      await check(ops.conv2d(x, w, options), [x, w], batch);
    }),
    { ...runs, numRuns: 40 },
  );
});

test('transposed convolutions of any geometry', async () => {
  await fc.assert(
    fc.asyncProperty(geometry, fc.nat(2), batch, async (g, extra, batch) => {
      const outputPadding = g.strides.map(s => Math.min(extra, s - 1)) as [number, number];
      const large = [0, 1].map(
        axis =>
          (g.size[axis]! - 1) * g.strides[axis]! +
          g.dilations[axis]! * (g.kernel[axis]! - 1) +
          1 +
          outputPadding[axis]! -
          g.pads[axis]! -
          g.pads[axis + 2]!,
      );
      fc.pre(large.every(n => n > 0));
      const x = input('x', ['N', g.channels, ...g.size]);
      const w = input('w', [g.channels, g.outputs, ...g.kernel]);
      const { strides, pads, dilations } = g;
      await check(ops.convTranspose2d(x, w, { strides, pads, dilations, outputPadding }), [x, w], batch);
    }),
    { ...runs, numRuns: 40 },
  );
});

test('pooling of any geometry, against its definition', async () => {
  const pooling = geometry.filter(g => g.pads.every((n, i) => n < g.kernel[i % 2]!));
  await fc.assert(
    fc.asyncProperty(pooling, batch, async ({ kernel, strides, pads, size }, batch) => {
      const x = input('x', ['N', 2, ...size]);
      fc.pre(size.every((n, i) => n + pads[i]! + pads[i + 2]! >= kernel[i]!));
      const [largest, average] = [
        ops.maxPool2d(x, { kernel, strides, pads }),
        ops.avgPool2d(x, { kernel, strides, pads }),
      ];
      await check(ops.concat([largest, average], 1), [x], batch);

      const feeds = feedsFor(graph({ x }), batch);
      const pooled = evaluateReference(graph({ largest, average }), feeds);
      const [height, width] = size as [number, number];
      const [, , rows, columns] = largest.shape as number[];
      const image = feeds.x!.data.subarray(0, height * width);
      for (let i = 0; i < rows!; i++)
        for (let j = 0; j < columns!; j++) {
          const seen = [...image].filter((_, at) => {
            const y = Math.floor(at / width) + pads[0] - i * strides[0];
            const z = (at % width) + pads[1] - j * strides[1];
            return y >= 0 && y < kernel[0] && z >= 0 && z < kernel[1];
          });
          expect(pooled.largest!.data[i * columns! + j]).toBe(Math.max(...seen));
          expect(pooled.average!.data[i * columns! + j]).toBeCloseTo(seen.reduce((a, b) => a + b, 0) / seen.length, 6);
        }
    }),
    runs,
  );
});

test('rows gathered and scattered, with indices that repeat', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(number, { minLength: 1, maxLength: 3 }),
      number,
      fc.nat(2),
      batch,
      async (dims, count, at, batch) => {
        const axis = Math.min(at, dims.length - 1);
        const [x, i] = [input('x', dims), input('i', ['N', count], 'int32')];
        const picked = ops.gather(x, i, axis);
        const back = ops.scatterAdd(i, ops.broadcastTo(ops.sum(picked), ['N', count]), dims[axis]!);
        const loss = ops.add(ops.sum(ops.mul(back, back)), ops.sum(ops.tanh(picked)));
        const all = graph({ picked, back, gradient: grad(loss, [x])[0]! });
        const feeds = feedsFor(all, batch, 3, { i: whole(dims[axis]!) });
        await expectAgreement(all, feeds);
        checkGradients(loss, [x], feeds);
      },
    ),
    runs,
  );
});

// Errors come when a graph is built, at the caller's line, and say what was expected and what came.

import { expect, test } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { constant, input } from '../graph/index.ts';
import * as ops from './index.ts';

const x = input('x', ['N', 3]);
const image = input('image', ['N', 2, 5, 4]);
const labels = input('labels', ['N'], 'int32');

const faults: readonly (readonly [string, () => unknown, string])[] = [
  [
    'operands that do not broadcast',
    () => ops.add(x, input('y', [4])),
    'add: expected shapes that broadcast, got float32[N, 3] and float32[4]',
  ],
  [
    'operands of two types',
    () => ops.mul(x, labels),
    'mul: expected two tensors of one type (float32), got float32[N, 3] and int32[N]',
  ],
  ['a function of integers', () => ops.exp(labels), 'exp: expected float32 tensors, got int32[N]'],
  ['a condition of numbers', () => ops.select(x, x, x), 'select: expected bool tensors, got float32[N, 3]'],
  [
    'inner dimensions that differ',
    () => ops.matmul(x, input('w', [4, 2])),
    'matmul: expected inner dimensions that agree, got float32[N, 3] and float32[4, 2]',
  ],
  [
    'a vector in a matrix product',
    () => ops.matmul(x, input('w', [3])),
    'matmul: expected tensors of rank 2 or more, got float32[N, 3] and float32[3]',
  ],
  [
    'a reshape to more elements',
    () => ops.reshape(x, ['N', 4]),
    'reshape: expected as many elements as [N, 4] has, got float32[N, 3]',
  ],
  [
    'a reshape that -1 cannot fill',
    () => ops.reshape(x, [2, -1, 'N']),
    'reshape: expected a tensor that fits [2, -1, N], got float32[N, 3]',
  ],
  ['an axis that is not there', () => ops.sum(x, 2), 'sum: expected an axis from -2 to 1, got 2'],
  ['an axis named twice', () => ops.sum(x, [1, -1]), 'sum: an axis is named twice in [1, 1]'],
  [
    'a permutation that is none',
    () => ops.transpose(x, [0, 0]),
    'transpose: expected a tensor whose axes [0, 0] permutes, got float32[N, 3]',
  ],
  [
    'a broadcast that shrinks',
    () => ops.broadcastTo(x, ['N', 1]),
    'broadcastTo: expected a shape that broadcasts to [N, 1], got float32[N, 3]',
  ],
  [
    'a slice along the batch',
    () => ops.slice(x, 0, 0, 1),
    'slice: expected a numbered dimension on axis 0, got float32[N, 3]',
  ],
  [
    'a slice past the end',
    () => ops.slice(x, 1, 1, 4),
    'slice: expected axis 1 to hold the range 1 to 4 by 1, got float32[N, 3]',
  ],
  [
    'a concatenation of unlike tensors',
    () => ops.concat([image, input('y', ['N', 2, 5, 3])], 1),
    'concat: expected tensors alike in all but axis 1, which has no N, got float32[N, 2, 5, 4] and float32[N, 2, 5, 3]',
  ],
  ['nothing to concatenate', () => ops.concat([]), 'concat: expected at least one tensor, got none'],
  [
    'padding on the batch',
    () => ops.pad(x, [1, 0], [0, 0]),
    'pad: expected padding [1, 0] and [0, 0] to fit, none on N, got float32[N, 3]',
  ],
  ['indices that are no integers', () => ops.gather(x, x), 'gather: expected int32 tensors, got float32[N, 3]'],
  [
    'updates that do not follow their indices',
    () => ops.scatterAdd(labels, input('u', [4, 3]), 5),
    'scatterAdd: expected updates whose leading dimensions are the indices’, got int32[N] and float32[4, 3]',
  ],
  [
    'a kernel of other channels',
    () => ops.conv2d(image, input('w', [8, 3, 3, 3])),
    'conv2d: expected an image and a kernel of as many channels, got float32[N, 2, 5, 4] and float32[8, 3, 3, 3]',
  ],
  [
    'a kernel larger than the image',
    () => ops.conv2d(image, input('w', [8, 2, 3, 5])),
    'conv2d: expected an image that holds the kernel, got float32[N, 2, 5, 4] and float32[8, 2, 3, 5]',
  ],
  [
    'no image at all',
    () => ops.conv2d(x, input('w', [8, 2, 3, 5])),
    'conv2d: expected images [batch, channels, height, width], got float32[N, 3]',
  ],
  [
    'negative padding',
    () => ops.conv2d(image, input('w', [8, 2, 3, 3]), { pads: -1 }),
    'conv2d: expected pads [top, left, bottom, right] of whole numbers from 0, got [-1, -1, -1, -1]',
  ],
  [
    'a stride of nothing',
    () => ops.conv2d(image, input('w', [8, 2, 3, 3]), { strides: 0 }),
    'conv2d: expected strides of one or two whole numbers from 1, got [0, 0]',
  ],
  [
    'output padding as large as the stride',
    () => ops.convTranspose2d(image, input('w', [2, 8, 3, 3]), { strides: 2, outputPadding: 2 }),
    'convTranspose2d: expected outputPadding smaller than the stride, got [2, 2]',
  ],
  [
    'a window that padding could fill',
    () => ops.maxPool2d(image, { kernel: 2, pads: 2 }),
    'maxPool2d: expected an image that holds the window [2, 2], padded by less than the window, got float32[N, 2, 5, 4]',
  ],
  ['too few numbers', () => constant([1, 2], [3]), 'constant: expected 3 values for [3], got 2'],
];

test.each(faults)('%s', (_, build, message) => {
  const error = (() => {
    try {
      build();
    } catch (caught) {
      return caught;
    }
    return undefined;
  })();
  expect(error).toBeInstanceOf(LatentkitError);
  expect((error as LatentkitError).code).toBe('shape');
  expect((error as LatentkitError).message).toBe(message);
});

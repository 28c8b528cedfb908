import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkGradients } from '../autodiff/check.ts';
import { grad } from '../autodiff/index.ts';
import type { Column } from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import { type Dim, graph, input, noisesOf, parametersOf, type Tensor, verify } from '../graph/index.ts';
import { mul, sum } from '../ops/index.ts';
import { float32 } from '../runtime/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { parseSpec } from '../schema.ts';
import * as nn from './index.ts';

const runtime = await nodeRuntime({ threads: 1 });

/** What the layer that embeds columns takes its input for. */
const columns: readonly Column[] = [
  { name: 'a', type: 'numeric' },
  { name: 'b', type: 'categorical', categories: 4 },
  { name: 'c', type: 'binary' },
];

const build = (
  list: readonly nn.Layer[],
  shape: readonly number[],
  training = false,
  output?: readonly number[],
  batch: Dim = 'N',
) => {
  const scope = new nn.RootScope({ training });
  const x = input('x', [batch, ...shape]);
  return { scope, y: nn.buildNetwork(list, x, { name: 'encoder', scope, columns, ...(output && { output }) }) };
};

const numbers = (count: number, seed = 1): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));

/** The sum of all numbers, each with a weight of its own: a plain sum does not see what a normalisation takes off. */
const weighted = (y: Tensor): Tensor => sum(mul(y, input('weights', y.shape)));

/** Values for every leaf of a graph. */
const feedsFor = (y: Tensor, batch: number) =>
  Object.fromEntries(
    [...graph({ y }).leaves].map(([name, leaf], i) => {
      const shape = leaf.shape.map(dim => (typeof dim === 'number' ? dim : batch));
      return [name, { shape, data: numbers(nn.volume(shape), i + 1) }];
    }),
  );

const every: readonly [nn.Layer, readonly number[], readonly number[]][] = [
  [nn.dense(5), [3], [5]],
  [nn.dense(5, { bias: false, initializer: 'heNormal' }), [3], [5]],
  [nn.flatten(), [2, 3, 4], [24]],
  [nn.reshape(3, 2, 4), [24], [3, 2, 4]],
  [nn.relu(), [3], [3]],
  [nn.leakyRelu(), [3], [3]],
  [nn.elu(), [3], [3]],
  [nn.gelu(), [3], [3]],
  [nn.silu(), [3], [3]],
  [nn.tanh(), [3], [3]],
  [nn.sigmoid(), [3], [3]],
  [nn.softplus(), [3], [3]],
  [nn.dropout(0.4), [3], [3]],
  [nn.conv2d(4, { kernel: 3 }), [2, 5, 6], [4, 3, 4]],
  [nn.conv2d(4, { kernel: 4, stride: 2, padding: 1 }), [1, 8, 6], [4, 4, 3]],
  [nn.conv2d(3, { kernel: [2, 3], stride: [1, 2], padding: [1, 0, 0, 2], dilation: [2, 1] }), [2, 5, 6], [3, 4, 3]],
  [nn.conv2d(2, { kernel: 3, stride: 2, padding: 'same', bias: false }), [1, 5, 6], [2, 3, 3]],
  [nn.convTranspose2d(3, { kernel: 4, stride: 2, padding: 1 }), [2, 3, 4], [3, 6, 8]],
  [nn.convTranspose2d(1, { kernel: 4, stride: 2, padding: 1, outputPadding: [1, 0] }), [2, 2, 3], [1, 5, 6]],
  [nn.convTranspose2d(2, { kernel: 3, stride: 2, padding: 'same' }), [1, 3, 4], [2, 6, 8]],
  [nn.convTranspose2d(2, { kernel: 1, stride: 2, padding: 'same' }), [1, 2, 2], [2, 4, 4]],
  [nn.conv1d(3, { kernel: 3 }), [2, 7], [3, 5]],
  [nn.conv1d(9, { kernel: 2, stride: 2, padding: [2, 1], dilation: 3, bias: false }), [2, 8], [9, 4]],
  [nn.conv1d(2, { kernel: 4, stride: 3, padding: 'same' }), [2, 8], [2, 3]],
  [nn.convTranspose1d(3, { kernel: 4, stride: 2, padding: 1, outputPadding: 1 }), [2, 3], [3, 7]],
  [nn.convTranspose1d(1, { kernel: 5, stride: 2, padding: 'same' }), [2, 4], [1, 8]],
  [nn.convTranspose1d(2, { kernel: 1, stride: 3, padding: 'same' }), [2, 4], [2, 12]],
  [nn.maxPool2d(2), [2, 4, 6], [2, 2, 3]],
  [nn.maxPool2d([3, 2], { stride: 2, padding: [1, 0, 1, 1] }), [2, 5, 3], [2, 3, 2]],
  [nn.avgPool2d([2, 3]), [2, 5, 6], [2, 2, 2]],
  [nn.avgPool2d(3, { stride: 2, padding: 'same' }), [2, 5, 4], [2, 3, 2]],
  [nn.upsample(2), [2, 2, 3], [2, 4, 6]],
  [nn.upsample([1, 3]), [2, 2, 3], [2, 2, 9]],
  [nn.pixelShuffle(2), [8, 2, 3], [2, 4, 6]],
  [nn.spaceToDepth(2), [2, 4, 6], [8, 2, 3]],
  [nn.groupNorm(), [4, 2, 3], [4, 2, 3]],
  [nn.groupNorm({ groups: 2, epsilon: 0.1 }), [6], [6]],
  [nn.groupNorm({ groups: 3, affine: false }), [6, 5], [6, 5]],
  [nn.layerNorm(), [5], [5]],
  [nn.layerNorm({ epsilon: 0.01, affine: false }), [2, 3, 2], [2, 3, 2]],
  [nn.batchNorm(), [5], [5]],
  [nn.batchNorm({ epsilon: 0.01, momentum: 0.3, affine: false }), [2, 3, 2], [2, 3, 2]],
  [nn.attention(), [3, 2, 3], [3, 2, 3]],
  [nn.attention({ heads: 2, groups: 1 }), [4, 5], [4, 5]],
  [nn.residual(nn.tanh(), nn.dense(4), nn.tanh(), nn.dense(3)), [3], [3]],
  [nn.residual(nn.dense(4), nn.residual(nn.dense(4), nn.tanh())), [3], [4]],
  [nn.residual(nn.conv2d(3, { kernel: 3, stride: 2, padding: 'same' }), nn.tanh()), [2, 5, 6], [3, 3, 3]],
  [nn.residual(nn.convTranspose2d(2, { kernel: 2, stride: 2, padding: [0, 0, 1, 0] })), [2, 2, 3], [2, 3, 6]],
  [nn.residual(nn.conv1d(3, { kernel: 3, padding: 'same' })), [2, 5], [3, 5]],
  [nn.columnEmbedding({ width: 3 }), [3], [7]],
];

describe('every layer', () => {
  it('is in this list', () => {
    expect(new Set(every.map(([layer]) => layer.type))).toEqual(new Set(Object.keys(nn.layers)));
  });

  it.each(every)('%j: %j → %j', (layer, from, to) => {
    expect(parseSpec(nn.layerSchema, JSON.parse(JSON.stringify(layer)), 'layer')).toEqual(layer);
    const { y, scope } = build([layer], from, true);
    expect(y.shape).toEqual(['N', ...to]);
    verify(graph({ y }));
    expect(scope.parameters.filter(({ role }) => role !== 'state')).toEqual(parametersOf(graph({ y })));
    const feeds = feedsFor(y, 2);
    expect(evaluateReference(graph({ y }), feeds).y!.shape).toEqual([2, ...to]);
    // Noise is no path for gradients: dropout's mask has steps.
    const leaves = [...graph({ y }).leaves.values()].filter(leaf => leaf.op.name !== 'noise');
    checkGradients(weighted(y), leaves, feedsFor(weighted(y), 2));
  });

  it.each(every)('for any number of rows an example: %j: %j', (layer, from, to) => {
    const [one, three] = [build([layer], from).y, build([layer], from, false, undefined, '3N').y];
    expect(three.shape).toEqual(['3N', ...to]);
    const feeds = feedsFor(one, 6);
    expect(evaluateReference(graph({ y: three }), feeds)).toEqual(evaluateReference(graph({ y: one }), feeds));
  });

  it.each(every)('on ONNX Runtime as in the reference, gradients too: %j: %j → %j', async (layer, from) => {
    const { y } = build([layer], from, true);
    const leaves = [...graph({ y }).leaves.values()].filter(leaf => leaf.op.name !== 'noise');
    const gradients = grad(weighted(y), leaves).map((g, i) => [`gradient ${i}`, g] as const);
    const whole = graph({ y, ...Object.fromEntries(gradients) });
    const feeds = feedsFor(weighted(y), 3);
    const program = await runtime.compile(whole);
    const got = await program.run(
      Object.fromEntries(
        Object.entries(feeds).map(([name, { shape, data }]) => [name, float32(Float32Array.from(data), shape)]),
      ),
    );
    await program.dispose();
    for (const [name, { shape, data }] of Object.entries(evaluateReference(whole, feeds))) {
      expect(got[name]!.shape).toEqual(shape);
      const scale = Math.max(1, ...data.map(Math.abs));
      data.forEach((value, i) => {
        expect(Math.abs(got[name]!.data[i]! - value), `${name}[${i}]`).toBeLessThan(2e-5 * scale);
      });
    }
  });
});

describe('names', () => {
  it('come from the network, the place in the list and the parameter', () => {
    const { scope } = build([nn.conv2d(2, { kernel: 3 }), nn.relu(), nn.flatten(), nn.dense(4)], [1, 4, 4]);
    expect(scope.parameters.map(p => `${p.name} [${p.shape.join()}]`)).toEqual([
      'encoder.0.weight [2,1,3,3]',
      'encoder.0.bias [2]',
      'encoder.3.weight [8,4]',
      'encoder.3.bias [4]',
    ]);
  });

  it('stand for one parameter, but for fresh noise', () => {
    const root = new nn.RootScope({ training: true });
    const scope = root.child('a').child('b');
    const initial = { type: 'constant', value: 0 } as const;
    const w = scope.parameter('w', [2], initial);
    expect(root.parameter('a.b.w', [2], initial)).toBe(w);
    expect(root.tensors).toEqual([w]);
    expect(() => scope.parameter('w', [3], initial)).toThrow(/"a.b.w" was asked for as \[2\] and as \[3\]/);
    const [first, second] = [scope.noise('u', ['N'], 'uniform'), scope.noise('u', ['N'], 'uniform')];
    expect([...graph({ y: sum(first), z: sum(second) }).leaves.keys()]).toEqual(['a.b.u', 'a.b.u.1']);
  });
});

describe('states', () => {
  it('follow the other parameters, keep the first update, and change in training alone', () => {
    const scope = new nn.RootScope({ training: true });
    const initial = { type: 'constant', value: 0 } as const;
    const state = scope.child('a').state('mean', [2], initial);
    const weight = scope.child('a').parameter('w', [2], initial);
    const critic = scope.adversary('critic').child('0').parameter('w', [1], initial);
    expect(scope.tensors).toEqual([weight, critic, state]);
    expect(scope.parameters.map(({ role }) => role)).toEqual(['model', 'adversary', 'state']);
    const next = sum(weight, 0, { keepDims: true });
    expect(() => scope.update(state, next)).toThrow(/a state of \[2\] cannot become \[1\]/);
    nn.holding(scope).update(state, weight);
    expect(scope.updates).toEqual({});
    scope.update(state, weight);
    scope.update(state, state);
    expect(scope.updates).toEqual({ 'a.mean': weight });
    const outside = new nn.RootScope({ training: false });
    outside.update(outside.state('mean', [2], initial), weight);
    expect(outside.updates).toEqual({});
  });
});

describe('initial values', () => {
  const initialOf = (layer: nn.Layer, shape: readonly number[]) =>
    build([layer], shape).scope.parameters.map(p => p.initial);
  const uniform = (bound: number) => ({ type: 'uniform', bound });
  const zero = { type: 'constant', value: 0 };

  it.each([
    [undefined, uniform(Math.sqrt(6 / 9)), zero],
    ['glorotUniform', uniform(Math.sqrt(6 / 9)), zero],
    ['heUniform', uniform(1), zero],
    ['heNormal', { type: 'normal', deviation: Math.sqrt(2 / 6) }, zero],
    ['lecunUniform', uniform(Math.sqrt(3 / 6)), zero],
    ['pytorch', uniform(1 / Math.sqrt(6)), uniform(1 / Math.sqrt(6))],
    ['zeros', zero, zero],
  ] as const)('by %s follow the fans of a dense layer', (initializer, weight, bias) => {
    expect(initialOf(nn.dense(3, { initializer }), [6])).toEqual([weight, bias]);
  });

  it('count the kernel’s area in the fans', () => {
    expect(initialOf(nn.conv2d(8, { kernel: 4, initializer: 'pytorch' }), [2, 4, 4])[0]).toEqual(
      uniform(1 / Math.sqrt(2 * 16)),
    );
    expect(initialOf(nn.conv2d(8, { kernel: [2, 3] }), [2, 4, 4])[0]).toEqual(uniform(Math.sqrt(6 / (6 * 10))));
    expect(initialOf(nn.convTranspose2d(8, { kernel: 4, initializer: 'pytorch' }), [2, 4, 4])[0]).toEqual(
      uniform(1 / Math.sqrt(8 * 16)),
    );
  });
});

describe('padding "same"', () => {
  const side = fc.integer({ min: 1, max: 12 });
  const few = fc.integer({ min: 1, max: 4 });

  it('keeps a convolution at ⌈size / stride⌉ and a transposed one at size · stride', () => {
    fc.assert(
      fc.property(side, side, few, few, few, (height, width, kernel, stride, dilation) => {
        const options = { kernel, stride, dilation, padding: 'same' } as const;
        const down = build([nn.conv2d(1, options)], [1, height, width]).y.shape;
        expect(down.slice(2)).toEqual([Math.ceil(height / stride), Math.ceil(width / stride)]);
        const up = build([nn.convTranspose2d(1, options)], [1, height, width]).y.shape;
        expect(up.slice(2)).toEqual([height * stride, width * stride]);
      }),
    );
  });
});

describe('dropout', () => {
  const uniform = Float64Array.from([0, 0.39, 0.4, 0.99]);
  const x = Float64Array.from([1, 2, 3, 4]);

  it('zeroes what the noise puts below the rate and scales the rest', () => {
    const { y } = build([nn.dropout(0.4)], [4], true);
    expect(noisesOf(graph({ y }))).toEqual([{ name: 'encoder.0.mask', shape: ['N', 4], distribution: 'uniform' }]);
    const feeds = { x: { shape: [1, 4], data: x }, 'encoder.0.mask': { shape: [1, 4], data: uniform } };
    const { data } = evaluateReference(graph({ y }), feeds).y!;
    [0, 0, 3 / 0.6, 4 / 0.6].forEach((value, i) => {
      expect(data[i]).toBeCloseTo(value, 6);
    });
  });

  it('does nothing outside training', () => {
    expect(build([nn.dropout(0.4)], [4], false).y.op.name).toBe('input');
  });
});

describe('the width "output"', () => {
  it('is what the network must end with', () => {
    const output = [6, 4, 5];
    expect(build([nn.dense('output')], [3], false, output).y.shape).toEqual(['N', 120]);
    expect(build([nn.conv2d('output', { kernel: 1 })], [2, 4, 5], false, output).y.shape).toEqual(['N', 6, 4, 5]);
    expect(build([nn.convTranspose2d('output', { kernel: 1 })], [2, 4, 5], false, output).y.shape[1]).toBe(6);
  });
});

describe('errors', () => {
  const message = (list: readonly nn.Layer[], shape: readonly number[]): string => {
    try {
      build(list, shape);
    } catch (error) {
      if (error instanceof LatentkitError) return `${error.code}: ${error.message}`;
      throw error;
    }
    throw new Error('expected an error');
  };

  it('name the layer, what it expected and what came', () => {
    expect(message([nn.relu(), nn.dense(3)], [1, 4, 4])).toBe(
      'shape: encoder layer 2 (dense): expected a vector (put flatten() before it), got an input of shape [1, 4, 4]',
    );
    expect(message([nn.conv2d(3, { kernel: 3 })], [16])).toBe(
      'shape: encoder layer 1 (conv2d): expected an image [channels, height, width], got an input of shape [16]',
    );
    expect(message([nn.conv2d(3, { kernel: 4, padding: [1, 0, 0, 0] })], [2, 2, 9])).toBe(
      'shape: encoder layer 1 (conv2d): expected an image of at least the kernel’s size (kernel 4×4 does not fit 3×9, ' +
        'the padding included), got an input of shape [2, 2, 9]',
    );
    expect(message([nn.conv2d(3, { kernel: 2, dilation: [4, 1] })], [2, 4, 4])).toMatch(
      /kernel 2×2 with dilation 4×1 does not fit 4×4/,
    );
    expect(message([nn.reshape(3, 5)], [16])).toMatch(/^shape: encoder layer 1 \(reshape\): expected 15 numbers/);
    expect(message([nn.dense('output')], [16])).toBe(
      'spec: encoder layer 1 (dense): expected a number, got "output", which has a meaning only in a decoder',
    );
    expect(message([nn.convTranspose2d(3, { kernel: 4, stride: 2, outputPadding: 2 })], [2, 4, 4])).toMatch(
      /encoder layer 1 \(convTranspose2d\): expected an outputPadding smaller than the stride 2×2/,
    );
    expect(message([nn.convTranspose2d(3, { kernel: 2, padding: 3 })], [2, 2, 4])).toMatch(
      /encoder layer 1 \(convTranspose2d\): expected an image larger than the padding/,
    );
  });

  it('name the layer within a residual block', () => {
    expect(message([nn.relu(), nn.residual(nn.relu(), nn.residual(nn.dense(3)))], [1, 4, 4])).toBe(
      'shape: encoder layer 2 (residual): its layer 2 (residual): its layer 1 (dense): expected a vector (put ' +
        'flatten() before it), got an input of shape [1, 4, 4]',
    );
    expect(message([nn.residual(nn.flatten())], [1, 4, 4])).toBe(
      'shape: encoder layer 1 (residual): expected layers that keep the number of axes (they give [16]), got an input ' +
        'of shape [1, 4, 4]',
    );
    expect(message([nn.residual(nn.conv2d(1, { kernel: 3 }))], [1, 5, 9])).toMatch(
      /expected layers that divide the size by a whole number, or multiply it \(they give \[1, 3, 7\]\)/,
    );
  });

  it.each<[nn.Layer, readonly number[], string]>([
    [nn.groupNorm({ groups: 3 }), [4, 2, 2], 'groupNorm): expected channels that 3 groups divide, got'],
    [nn.groupNorm({ groups: 4 }), [4], 'groupNorm): expected more than one number in each of the 4 groups, got'],
    [nn.layerNorm(), [1], 'layerNorm): expected more than one number in each of the 1 groups, got'],
    [
      nn.attention(),
      [4],
      'attention): expected an image [channels, height, width] or a signal [channels, length], got',
    ],
    [nn.attention({ heads: 3 }), [4, 4], 'attention): expected channels that 3 heads divide, got'],
    [nn.pixelShuffle(2), [6, 2, 2], 'pixelShuffle): expected a multiple of 4 channels, got'],
    [nn.spaceToDepth(2), [6, 3, 2], 'spaceToDepth): expected a height and a width that 2 divides, got'],
    [nn.upsample(2), [6], 'upsample): expected an image [channels, height, width], got'],
    [nn.maxPool2d(3), [2, 2, 5], 'maxPool2d): maxPool2d: expected an image that holds the window [3, 3]'],
    [nn.avgPool2d(2, { padding: 2 }), [2, 4, 4], 'avgPool2d): avgPool2d: expected an image that holds the window'],
    [nn.conv1d(2, { kernel: 2 }), [2, 3, 3], 'conv1d): expected a signal [channels, length], got'],
    [nn.conv1d(2, { kernel: 3, dilation: 2, padding: [1, 0] }), [2, 3], '(kernel 3 with dilation 2 does not fit 4, '],
    [nn.convTranspose1d(2, { kernel: 3, stride: 2, outputPadding: 2 }), [2, 3], 'smaller than the stride 2 (it is 2)'],
    [nn.convTranspose1d(2, { kernel: 2, padding: 2 }), [2, 3], 'expected a signal longer than the padding (4 less'],
  ])('say what %j expects of %j', (layer, shape, text) => {
    expect(message([layer], shape)).toMatch(/^shape: encoder layer 1 \(/);
    expect(message([layer], shape)).toContain(text);
  });

  it.each([
    [
      { type: 'dens', units: 3 },
      'type: expected one of: dense, flatten, reshape, activation, conv2d, convTranspose2d, conv1d, convTranspose1d, maxPool2d, avgPool2d, upsample, pixelShuffle, spaceToDepth, groupNorm, layerNorm, batchNorm, attention, residual, dropout, columnEmbedding, got "dens". Did you mean "dense"?',
    ],
    [{ type: 'dense', unit: 3, units: 3 }, 'unknown field "unit". Did you mean "units"?'],
    [
      { type: 'dense', units: 'outputs' },
      'units: expected a number or "output", got "outputs". Did you mean "output"?',
    ],
    [{ type: 'activation', function: 'Relu' }, 'got "Relu". Did you mean "relu"?'],
    [{ type: 'conv2d', channels: 3, kernel: 0 }, 'kernel: expected at least 1, got 0.'],
    [
      { type: 'conv2d', channels: 3, kernel: 3, padding: 'some' },
      'padding: expected a number or a list or "same", got "some". Did you mean "same"?',
    ],
    [{ type: 'dropout', rate: 1 }, 'rate: expected less than 1, got 1.'],
    [{ type: 'residual', layers: [{ type: 'dens' }] }, 'layers[0].type: expected one of: dense,'],
    [{ type: 'residual', layers: [] }, 'layers: expected a list of at least 1 elements'],
    [{ type: 'groupNorm', group: 3 }, 'unknown field "group". Did you mean "groups"?'],
    [{ type: 'groupNorm', epsilon: 0 }, 'epsilon: expected more than 0, got 0.'],
    [{ type: 'dense', units: 3, initializer: 'glorot' }, 'initializer: expected one of: glorotUniform,'],
  ])('name the field: %j', (value, text) => {
    expect(() => parseSpec(nn.layerSchema, value, 'layer')).toThrow(text);
  });
});

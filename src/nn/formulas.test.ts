// The layers against their formulas, written out in float64 loops that share nothing with how the layers are built.

import { describe, expect, it } from 'vitest';
import { graph, input } from '../graph/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import * as nn from './index.ts';

const BATCH = 2;

type Values = (name: string) => Float64Array;

/** Values of a leaf: the same at each call, different for each name. */
const valuesOf = (name: string, count: number): Float64Array => {
  const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7);
  return Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + seed) + (i % 3) / 4);
};

/** What a layer gives for a batch, as a function of [example, ...place], and its leaves' values. */
function run(layer: nn.Layer, shape: readonly number[]) {
  const scope = new nn.RootScope({ training: true });
  const y = nn.buildNetwork([layer], input('x', ['N', ...shape]), { name: 'net', scope });
  const leaves = [...graph({ y }).leaves];
  const feeds = Object.fromEntries(
    leaves.map(([name, leaf]) => {
      const dims = leaf.shape.map(dim => (typeof dim === 'number' ? dim : BATCH));
      return [name, { shape: dims, data: valuesOf(name, nn.volume(dims)) }];
    }),
  );
  const out = evaluateReference(graph({ y }), feeds).y!;
  const values: Values = name => feeds[name === 'x' ? 'x' : `net.0.${name}`]!.data;
  const xAt = (n: number, ...place: number[]): number => values('x')[offset([BATCH, ...shape], [n, ...place])]!;
  return { values, xAt, shape: out.shape.slice(1), yAt: (i: number) => out.data[i]!, data: [...out.data] };
}

function offset(shape: readonly number[], place: readonly number[]): number {
  return place.reduce((sum, index, axis) => sum * shape[axis]! + index, 0);
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const total = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** Expects `data` to hold formula(n, ...place) for each place of each example. */
function expectAll(data: readonly number[], shape: readonly number[], formula: (...place: number[]) => number): void {
  let places: number[][] = [[]];
  for (const dim of [BATCH, ...shape]) places = places.flatMap(place => range(dim).map(i => [...place, i]));
  expect(data.length).toBe(places.length);
  places.forEach((place, i) => {
    expect(data[i], `at [${place}]`).toBeCloseTo(formula(...place), 9);
  });
}

function standardized(list: readonly number[], epsilon: number): (value: number) => number {
  const mean = total(list) / list.length;
  const variance = total(list.map(v => (v - mean) ** 2)) / list.length;
  return value => (value - mean) / Math.sqrt(variance + epsilon);
}

describe('groupNorm', () => {
  it.each([
    [{}, 2, 1e-5],
    [{ groups: 3, epsilon: 0.5 }, 3, 0.5],
    [{ groups: 2, affine: false }, 2, 1e-5],
  ] as const)('%j brings each group of each example to mean 0 and variance 1', (options, groups, epsilon) => {
    const channels = groups === 3 ? 6 : 2 * groups + 2;
    const layer = nn.groupNorm(options);
    const { data, xAt, values } = run(layer, [channels, 2, 3]);
    const size = channels / groups;
    expectAll(data, [channels, 2, 3], (n, c, h, w) => {
      const first = Math.floor(c! / size) * size;
      const group = range(size).flatMap(k => range(6).map(p => xAt(n!, first + k, Math.floor(p / 3), p % 3)));
      const unit = standardized(group, epsilon)(xAt(n!, c!, h!, w!));
      return 'affine' in options ? unit : unit * values('weight')[c!]! + values('bias')[c!]!;
    });
  });

  it('starts as no more than the normalisation', () => {
    const scope = new nn.RootScope({ training: true });
    nn.buildNetwork([nn.groupNorm()], input('x', ['N', 8, 2]), { name: 'net', scope });
    expect(scope.parameters.map(({ initial }) => initial)).toEqual([
      { type: 'constant', value: 1 },
      { type: 'constant', value: 0 },
    ]);
  });
});

describe('layerNorm', () => {
  it('is over all units of a vector, each with its gain and bias', () => {
    const { data, xAt, values } = run(nn.layerNorm(), [6]);
    expectAll(data, [6], (n, i) => {
      const unit = standardized(
        range(6).map(j => xAt(n!, j)),
        1e-5,
      )(xAt(n!, i!));
      return unit * values('weight')[i!]! + values('bias')[i!]!;
    });
  });

  it('is over all of an image, with a gain and a bias for each channel', () => {
    const { data, xAt, values } = run(nn.layerNorm({ epsilon: 0.1 }), [4, 2, 2]);
    expectAll(data, [4, 2, 2], (n, c, h, w) => {
      const all = range(16).map(i => xAt(n!, Math.floor(i / 4), Math.floor(i / 2) % 2, i % 2));
      return standardized(all, 0.1)(xAt(n!, c!, h!, w!)) * values('weight')[c!]! + values('bias')[c!]!;
    });
  });
});

describe('batchNorm', () => {
  const shape = [3, 2, 2];
  const channel = (xAt: (...place: number[]) => number, c: number): number[] =>
    range(8).map(i => xAt(i >> 2, c, (i >> 1) % 2, i % 2));

  it('is over the batch and the places in training', () => {
    const { data, xAt, values } = run(nn.batchNorm({ epsilon: 0.1 }), shape);
    expectAll(data, shape, (n, c, h, w) => {
      const unit = standardized(channel(xAt, c!), 0.1)(xAt(n!, c!, h!, w!));
      return unit * values('weight')[c!]! + values('bias')[c!]!;
    });
  });

  it('keeps averages of the batches’ statistics, which take their place outside training', () => {
    const built = (training: boolean) => {
      const scope = new nn.RootScope({ training });
      const y = nn.buildNetwork([nn.batchNorm({ momentum: 0.25, affine: false })], input('x', ['N', ...shape]), {
        name: 'net',
        scope,
      });
      return { y, scope };
    };
    const x = { shape: [BATCH, ...shape], data: valuesOf('x', 24) };
    const averages = { mean: [0.1, 0.2, 0.3], variance: [1, 2, 3] };
    const feeds = {
      x,
      'net.0.runningMean': { shape: [3], data: averages.mean },
      'net.0.runningVariance': { shape: [3], data: averages.variance },
    };
    const outside = evaluateReference(graph({ y: built(false).y }), feeds).y!;
    expectAll([...outside.data], shape, (n, c, h, w) => {
      const value = x.data[offset(x.shape, [n!, c!, h!, w!])]!;
      return (value - averages.mean[c!]!) / Math.sqrt(averages.variance[c!]! + 1e-5);
    });
    const next = evaluateReference(graph(built(true).scope.updates), feeds);
    for (const c of range(3)) {
      const all = channel((...place) => x.data[offset(x.shape, place)]!, c);
      const mean = total(all) / 8;
      const variance = total(all.map(v => (v - mean) ** 2)) / 7;
      expect(next['net.0.runningMean']!.data[c]).toBeCloseTo(0.75 * averages.mean[c]! + 0.25 * mean, 10);
      expect(next['net.0.runningVariance']!.data[c]).toBeCloseTo(0.75 * averages.variance[c]! + 0.25 * variance, 10);
    }
  });
});

describe('attention', () => {
  it.each([1, 2])('with %i heads is softmax(q kᵀ / √d) v, projected and added', heads => {
    const [channels, places] = [4, 6];
    const { data, xAt, values } = run(nn.attention({ heads, groups: 2 }), [channels, 2, 3]);
    const d = channels / heads;
    const x = (n: number, p: number, c: number) => xAt(n, c, Math.floor(p / 3), p % 3);
    const normal = (n: number, p: number, c: number): number => {
      const first = c < 2 ? 0 : 2;
      const group = range(places).flatMap(q => [x(n, q, first), x(n, q, first + 1)]);
      return standardized(group, 1e-5)(x(n, p, c)) * values('norm.weight')[c]! + values('norm.bias')[c]!;
    };
    const projected = (name: string, n: number, p: number, c: number): number =>
      total(range(channels).map(k => normal(n, p, k) * values(`${name}.weight`)[k * channels + c]!)) +
      (name === 'key' ? 0 : values(`${name}.bias`)[c]!);
    const mixed = (n: number, p: number, c: number): number => {
      const head = Math.floor(c / d);
      const scores = range(places).map(q =>
        total(range(d).map(i => projected('query', n, p, head * d + i) * projected('key', n, q, head * d + i))),
      );
      const weights = scores.map(score => Math.exp(score / Math.sqrt(d)));
      return total(weights.map((weight, q) => weight * projected('value', n, q, c))) / total(weights);
    };
    expectAll(data, [channels, 2, 3], (n, c, h, w) => {
      const p = h! * 3 + w!;
      const out = total(range(channels).map(k => mixed(n!, p, k) * values('output.weight')[k * channels + c!]!));
      return x(n!, p, c!) + out + values('output.bias')[c!]!;
    });
  });

  it('starts as the identity', () => {
    const scope = new nn.RootScope({ training: true });
    nn.buildNetwork([nn.attention()], input('x', ['N', 4, 2, 2]), { name: 'net', scope });
    const output = scope.parameters.filter(({ name }) => name.startsWith('net.0.output.'));
    expect(output.map(({ initial }) => initial)).toEqual(output.map(() => ({ type: 'constant', value: 0 })));
    expect(output.length).toBe(2);
  });
});

describe('residual', () => {
  it('adds its input', () => {
    const { data, xAt, values } = run(nn.residual(nn.dense(3), nn.tanh()), [3]);
    expectAll(data, [3], (n, i) => {
      const inner = total(range(3).map(k => xAt(n!, k) * values('layers.0.weight')[k * 3 + i!]!));
      return xAt(n!, i!) + Math.tanh(inner + values('layers.0.bias')[i!]!);
    });
  });

  it('projects it where the channels change', () => {
    const { data, xAt, values } = run(nn.residual(nn.dense(2)), [3]);
    expectAll(data, [2], (n, i) => {
      const w = (name: string) => total(range(3).map(k => xAt(n!, k) * values(name)[k * 2 + i!]!));
      return w('layers.0.weight') + values('layers.0.bias')[i!]! + w('projection');
    });
  });

  it('takes every second pixel where the size halves', () => {
    const { data, xAt, values } = run(nn.residual(nn.conv2d(3, { kernel: 1, stride: 2, bias: false })), [2, 3, 4]);
    expectAll(data, [3, 2, 2], (n, o, h, w) =>
      total(
        range(2).map(
          c =>
            xAt(n!, c, 2 * h!, 2 * w!) * (values('layers.0.weight')[o! * 2 + c]! + values('projection')[o! * 2 + c]!),
        ),
      ),
    );
  });

  it('repeats pixels where the size grows, and needs no projection for that', () => {
    const inner = nn.upsample(2);
    const { data, xAt } = run(nn.residual(inner), [2, 2, 3]);
    expectAll(data, [2, 4, 6], (n, c, h, w) => 2 * xAt(n!, c!, Math.floor(h! / 2), Math.floor(w! / 2)));
  });
});

describe('moving pixels', () => {
  it('pixelShuffle lays channel c · r² + i · r + j at row i and column j of the blocks of channel c', () => {
    const { data, xAt } = run(nn.pixelShuffle(2), [8, 2, 3]);
    expectAll(data, [2, 4, 6], (n, c, h, w) =>
      xAt(n!, c! * 4 + (h! % 2) * 2 + (w! % 2), Math.floor(h! / 2), Math.floor(w! / 2)),
    );
  });

  it('spaceToDepth is its inverse', () => {
    const { data, xAt } = run(nn.spaceToDepth(3), [2, 3, 6]);
    expectAll(data, [18, 1, 2], (n, c, h, w) => {
      const tap = c! % 9;
      return xAt(n!, Math.floor(c! / 9), h! * 3 + Math.floor(tap / 3), w! * 3 + (tap % 3));
    });
  });

  it('upsample repeats each pixel', () => {
    const { data, xAt } = run(nn.upsample([3, 2]), [2, 2, 3]);
    expectAll(data, [2, 6, 6], (n, c, h, w) => xAt(n!, c!, Math.floor(h! / 3), Math.floor(w! / 2)));
  });
});

describe('pooling', () => {
  const pixels = (xAt: (...place: number[]) => number, n: number, c: number, rows: number[], columns: number[]) =>
    rows.flatMap(r => columns.flatMap(k => (r >= 0 && r < 5 && k >= 0 && k < 4 ? [xAt(n, c, r, k)] : [])));

  it('takes the largest, or the mean, of the pixels under each window', () => {
    for (const [layer, best] of [
      [nn.maxPool2d([3, 2], { stride: [2, 1], padding: [1, 0, 1, 1] }), (list: number[]) => Math.max(...list)],
      [nn.avgPool2d([3, 2], { stride: [2, 1], padding: [1, 0, 1, 1] }), (list: number[]) => total(list) / list.length],
    ] as const) {
      const { data, xAt } = run(layer, [2, 5, 4]);
      expectAll(data, [2, 3, 4], (n, c, h, w) =>
        best(pixels(xAt, n!, c!, [2 * h! - 1, 2 * h!, 2 * h! + 1], [w!, w! + 1])),
      );
    }
  });

  it('tiles the image unless told otherwise, and drops what fills no window', () => {
    const { data, xAt } = run(nn.avgPool2d(2), [2, 5, 4]);
    expectAll(
      data,
      [2, 2, 2],
      (n, c, h, w) => total(pixels(xAt, n!, c!, [2 * h!, 2 * h! + 1], [2 * w!, 2 * w! + 1])) / 4,
    );
  });
});

describe('signals', () => {
  it('conv1d slides its kernel along the length', () => {
    const layer = nn.conv1d(3, { kernel: 3, stride: 2, dilation: 2, padding: [1, 3] });
    const { data, xAt, values } = run(layer, [2, 9]);
    expectAll(data, [3, 5], (n, o, i) => {
      const taps = range(6).map(t => {
        const [c, k] = [Math.floor(t / 3), t % 3];
        const place = 2 * i! + 2 * k - 1;
        return place < 0 || place >= 9 ? 0 : xAt(n!, c, place) * values('weight')[(o! * 2 + c) * 3 + k]!;
      });
      return total(taps) + values('bias')[o!]!;
    });
  });

  it('convTranspose1d lays each number, times the kernel, on a longer signal', () => {
    const layer = nn.convTranspose1d(3, { kernel: 4, stride: 3, padding: [1, 0], outputPadding: 2 });
    const { data, xAt, values, shape } = run(layer, [2, 4]);
    expect(shape).toEqual([3, 14]);
    expectAll(data, [3, 14], (n, o, i) => {
      const terms = range(4).flatMap(place =>
        range(2).map(c => {
          const tap = i! + 1 - 3 * place;
          return tap < 0 || tap > 3 ? 0 : xAt(n!, c, place) * values('weight')[(c * 3 + o!) * 4 + tap]!;
        }),
      );
      return total(terms) + values('bias')[o!]!;
    });
  });
});

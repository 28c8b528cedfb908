import { describe, expect, it } from 'vitest';
import { ssim } from '../../evaluate/images.ts';
import { graph, input } from '../../graph/index.ts';
import { dense, flatten, RootScope } from '../../nn/index.ts';
import { evaluateReference } from '../../runtime/reference.ts';
import { vae } from '../index.ts';
import { type MsSsimLikelihood, msSsimLikelihood } from './ms-ssim.ts';

/** −log p of one image [height, width], given the image that the decoder's output means. */
function loss(spec: MsSsimLikelihood, side: number, image: readonly number[], mean: readonly number[]): number {
  const likelihood = msSsimLikelihood.build(spec, new RootScope({ training: false }), {
    shape: [side, side, 1],
    dtype: 'uint8',
    range: [0, 255],
  });
  const [x, y] = [input('x', ['N', 1, side, side]), input('output', ['N', 1, side, side])];
  const shape = [1, 1, side, side];
  const { p } = evaluateReference(graph({ p: likelihood.logProb(x, y) }), {
    x: { shape, data: image },
    output: { shape, data: mean.map(v => Math.log(v / (1 - v))) },
  });
  return -p!.data[0]!;
}

const texture = (side: number): number[] =>
  Array.from({ length: side * side }, (_, i) => 0.5 + 0.2 * Math.sin(0.9 * i) + 0.2 * Math.cos(0.31 * i + 1));
/** Errors of size 1 without a pattern, about 0. */
const errorAt = (i: number): number => (Math.floor(7919 * Math.abs(Math.sin(i * 12.9898 + 4))) % 2) * 2 - 1;

describe('MS-SSIM as a likelihood', () => {
  it.each([28, 8])('at one scale is the SSIM that evaluation reports, at a side of %i', side => {
    const image = texture(side);
    const other = image.map((v, i) => 0.9 * v + 0.05 * errorAt(i));
    const shape = [1, side, side, 1];
    const expected = ssim({ shape, data: image }, { shape, data: other })[0]!;
    expect(expected).toBeLessThan(0.99);
    const got = loss({ type: 'msSsim', weight: 1, scales: 1 }, side, image, other);
    expect(1 - got / side ** 2).toBeCloseTo(expected, 10);
  });

  it('is 0 where the images are equal, at any number of scales, and grows with the error', () => {
    const image = texture(22);
    for (const scales of [1, 2]) {
      const at = (size: number): number =>
        loss(
          { type: 'msSsim', weight: 1, scales },
          22,
          image,
          image.map((v, i) => v + size * errorAt(i)),
        );
      expect(at(0)).toBeCloseTo(0, 9);
      const course = [0.005, 0.01, 0.02, 0.04, 0.08].map(at);
      expect(course).toEqual(course.toSorted((a, b) => a - b));
      expect(course[0]).toBeGreaterThan(0);
    }
  });

  it('is in nats of a normal likelihood whose variance is the image’s own, for small errors at one scale', () => {
    const [side, deviation, size] = [40, 0.3, 0.01];
    // Of a chequered image all windows see the same variance.
    const image = Array.from({ length: side ** 2 }, (_, i) => 0.5 + deviation * (-1) ** (i + Math.floor(i / side)));
    const other = image.map((v, i) => v + size * errorAt(i));
    const nats = (side ** 2 * size ** 2) / (2 * deviation ** 2);
    const got = loss({ type: 'msSsim', weight: 1, scales: 1 }, side, image, other);
    // The error's mean under the window, 1 / (4π · 1.5²) of its variance, goes into luminance, where it weighs little.
    expect(got / nats).toBeGreaterThan(0.9);
    expect(got / nats).toBeLessThan(1.1);
  });

  it('takes as many scales as the image has room for, and no more', () => {
    const at = (side: number, scales: number): number =>
      loss(
        { type: 'msSsim', weight: 1, scales },
        side,
        texture(side),
        texture(side).map((_, i) => 0.5 + 0.3 * errorAt(i)),
      );
    for (const [side, most] of [
      [21, 1],
      [22, 2],
      [43, 2],
      [44, 3],
    ] as const) {
      const each = [1, 2, 3, 4, 5].map(scales => at(side, scales));
      expect(new Set(each.slice(most - 1)).size, `side ${side}`).toBe(1);
      expect(new Set(each).size, `side ${side}`).toBe(most);
    }
  });

  it.each([[[784]], [[3, 28, 1]], [[28, 3, 1]], [[28, 28]]])('refuses data of shape %j with the reason', shape => {
    const options = { latent: 1, encoder: [flatten(), dense(2)], decoder: [dense('output' as const)] };
    expect(() => vae({ ...options, input: shape, likelihood: 'msSsim' })).toThrow(
      'model spec: the likelihood "msSsim" does not fit: it compares images under a window, for which it needs an input ' +
        `[height, width, channels] of at least 4×4, got [${shape.join(', ')}].`,
    );
  });
});

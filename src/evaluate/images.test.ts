// PSNR and SSIM against the definitions written out place by place, and identities that they must keep.

import { describe, expect, it } from 'vitest';
import { type Images, psnr, ssim } from './images.ts';
import { numbers } from './testing.ts';

function images(shape: readonly number[], seed: number): Images {
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, data: numbers(count, seed).map(v => (v + 1) / 2) };
}

const map = ({ shape, data }: Images, change: (v: number, i: number) => number): Images => ({
  shape,
  data: Array.from(data, change),
});

/** SSIM of one grey image by a loop over places and the whole window at each. */
function direct(x: Images, y: Images): number {
  const [, height, width] = x.shape as [number, number, number];
  const gauss = (k: number): number => Math.exp(-((k - 5) ** 2) / (2 * 1.5 ** 2));
  let [total, places] = [0, 0];
  for (let r = 0; r + 11 <= height; r++) {
    for (let c = 0; c + 11 <= width; c++) {
      const points: { w: number; a: number; b: number }[] = [];
      for (let i = 0; i < 11; i++) {
        for (let j = 0; j < 11; j++) {
          const at = (r + i) * width + c + j;
          points.push({ w: gauss(i) * gauss(j), a: x.data[at]!, b: y.data[at]! });
        }
      }
      const weight = points.reduce((s, { w }) => s + w, 0);
      const mean = (f: (p: (typeof points)[number]) => number): number =>
        points.reduce((s, p) => s + p.w * f(p), 0) / weight;
      const [ma, mb] = [mean(p => p.a), mean(p => p.b)];
      const [va, vb] = [mean(p => (p.a - ma) ** 2), mean(p => (p.b - mb) ** 2)];
      const cov = mean(p => (p.a - ma) * (p.b - mb));
      const luminance = (2 * ma * mb + 1e-4) / (ma ** 2 + mb ** 2 + 1e-4);
      total += luminance * ((2 * cov + 9e-4) / (va + vb + 9e-4));
      places += 1;
    }
  }
  return total / places;
}

describe('SSIM', () => {
  it('is what the definition says at every place', () => {
    const [a, noise] = [images([1, 13, 16, 1], 1), images([1, 13, 16, 1], 2)];
    const b = map(a, (v, i) => 0.7 * v + 0.3 * noise.data[i]!);
    expect(ssim(a, b)[0]).toBeCloseTo(direct(a, b), 10);
    expect(ssim(a, noise)[0]).toBeCloseTo(direct(a, noise), 10);
  });

  it('is 1 for equal images alone, symmetric, and falls with noise', () => {
    const [a, noise] = [images([3, 12, 12, 2], 1), images([3, 12, 12, 2], 2)];
    const mixed = (share: number): Images => map(a, (v, i) => (1 - share) * v + share * noise.data[i]!);
    expect([...ssim(a, a)]).toEqual([1, 1, 1].map(v => expect.closeTo(v, 12)));
    expect([...ssim(a, noise)]).toEqual([...ssim(noise, a)].map(v => expect.closeTo(v, 12)));
    const falling = [0.1, 0.3, 0.6, 1].map(share => ssim(a, mixed(share))[1]!);
    falling.slice(1).forEach((value, i) => {
      expect(value).toBeLessThan(falling[i]!);
    });
    // Channels are averaged.
    const first = (x: Images): Images => ({
      shape: [3, 12, 12, 1],
      data: Array.from(x.data).filter((_, i) => i % 2 === 0),
    });
    const second = (x: Images): Images => ({
      shape: [3, 12, 12, 1],
      data: Array.from(x.data).filter((_, i) => i % 2 === 1),
    });
    const channels = [first, second].map(of => ssim(of(a), of(noise))[2]!);
    expect(ssim(a, noise)[2]).toBeCloseTo((channels[0]! + channels[1]!) / 2, 12);
  });

  it('of flat images is their luminance term', () => {
    const flat = (value: number): Images => ({ shape: [1, 11, 11, 1], data: new Array(121).fill(value) });
    const expected = (2 * 0.4 * 0.6 + 1e-4) / (0.16 + 0.36 + 1e-4);
    expect(ssim(flat(0.4), flat(0.6))[0]).toBeCloseTo(expected, 10);
    expect(ssim(flat(0.4), flat(0.4))[0]).toBeCloseTo(1, 12);
  });

  it('takes images smaller than the window', () => {
    const a = images([1, 4, 12, 1], 5);
    expect(ssim(a, a)[0]).toBeCloseTo(1, 12);
    expect(
      ssim(
        a,
        map(a, v => 1 - v),
      )[0],
    ).toBeLessThan(0);
  });
});

describe('PSNR', () => {
  it('is 20 dB for an error of a tenth, 6.02 dB more for half of it', () => {
    const a = images([2, 5, 4, 3], 1);
    const off = (by: number): Images => map(a, (v, i) => v + (i % 2 === 0 ? by : -by));
    expect([...psnr(a, off(0.1))]).toEqual([20, 20].map(v => expect.closeTo(v, 10)));
    expect(psnr(a, off(0.05))[0]).toBeCloseTo(20 + 20 * Math.log10(2), 10);
    expect(psnr(a, a)[0]).toBe(Number.POSITIVE_INFINITY);
  });
});

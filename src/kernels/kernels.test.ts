import { describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { alignedBytes, createKernels } from './index.ts';

describe('the memory of kernels', () => {
  it('gives aligned arrays that do not overlap, and refuses more than there is', () => {
    const kernels = createKernels(alignedBytes(4 * 3) + alignedBytes(5) + alignedBytes(8 * 9));
    const arrays = [kernels.float32(3), kernels.uint8(5), kernels.int64(9)];
    let end = 0;
    for (const array of arrays) {
      expect(array.byteOffset % 64).toBe(0);
      expect(array.byteOffset).toBeGreaterThanOrEqual(end);
      end = array.byteOffset + array.byteLength;
    }
    expect(() => kernels.uint8(200_000)).toThrow(/memory is full: 200000 bytes asked for/);
  });

  it('is private to each', () => {
    const [one, other] = [createKernels(1024), createKernels(1024)];
    const stranger = other.float32(4);
    expect(() => one.fillNormal(stranger, { seed: 0, stream: 0, step: 0 })).toThrow(LatentkitError);
    expect(() => one.sumOfSquares(new Float32Array(4))).toThrow(/in the kernels' memory/);
  });

  it('says so when there is not that much to be had', () => {
    expect(() => createKernels(2 ** 33)).toThrow(/need 8192 MiB/);
  });
});

describe('sumOfSquares', () => {
  const kernels = createKernels(4 * 2000);
  const x = kernels.float32(1001);

  it('adds in float64, whatever the length', () => {
    x.forEach((_, i) => {
      x[i] = 1e4 * Math.sin(i);
    });
    for (const length of [0, 1, 7, 8, 9, 1001]) {
      const view = x.subarray(0, length);
      const expected = view.reduce((sum, value) => sum + value * value, 0);
      expect(Math.abs(kernels.sumOfSquares(view) - expected)).toBeLessThanOrEqual(1e-12 * expected);
    }
  });

  it('is finite for the largest float32 and tells the infinite and NaN', () => {
    x.fill(3.4e38);
    expect(kernels.allFinite(x)).toBe(true);
    for (const [at, value] of [
      [0, Number.NaN],
      [999, Number.POSITIVE_INFINITY],
      [1000, Number.NEGATIVE_INFINITY],
    ] as const) {
      x.fill(1);
      x[at] = value;
      expect(kernels.allFinite(x)).toBe(false);
    }
  });
});

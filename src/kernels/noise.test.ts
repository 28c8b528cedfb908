import { describe, expect, it } from 'vitest';
import { wordsOf } from '../random/index.ts';
import { alignedBytes, createKernels } from './index.ts';

const COUNT = 1 << 20;
const kernels = createKernels(3 * alignedBytes(4 * COUNT));
const bits = kernels.uint32(COUNT);
const floats = kernels.float32(COUNT);
const others = kernels.float32(COUNT);
const key = { seed: 2 ** 40 + 17, stream: 0xdeadbeef, step: 5 };

/** Box and Muller in float64 from reference words, the uniform of the radius in float32; the partner's word lies four elements on. */
function referenceNormals(length: number, offset: number): number[] {
  const start = offset - (offset % 16);
  const next = wordsOf({ ...key, offset: start });
  const words = Array.from({ length: length + 32 }, next);
  return Array.from({ length }, (_, i) => {
    const at = i + (offset - start);
    const isSine = (at >> 2) % 2 === 1;
    const radiusWord = words[isSine ? at - 4 : at]!;
    const angle = (2 * Math.PI * words[isSine ? at : at + 4]!) / 2 ** 32;
    const radius = Math.sqrt(-2 * Math.log(Math.fround(((radiusWord >>> 1) | 1) / 2 ** 31)));
    return radius * (isSine ? Math.sin(angle) : Math.cos(angle));
  });
}

/** The largest distance between the empirical distribution of a sample and a cumulative distribution. */
function kolmogorovSmirnov(sample: Float32Array, cdf: (x: number) => number): number {
  const sorted = sample.slice().sort();
  let worst = 0;
  sorted.forEach((x, i) => {
    const p = cdf(x);
    worst = Math.max(worst, Math.abs(p - i / sorted.length), Math.abs(p - (i + 1) / sorted.length));
  });
  return worst;
}

/** Abramowitz and Stegun 7.1.26; within 1.5e-7. */
function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp(-z * z);
  return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
}

function moment(sample: Float32Array, power: number): number {
  let sum = 0;
  for (const x of sample) sum += x ** power;
  return sum / sample.length;
}

function correlation(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum / a.length;
}

function hash(view: Float32Array): string {
  let value = 0x811c9dc5;
  for (const byte of new Uint8Array(view.buffer, view.byteOffset, view.byteLength)) {
    value = Math.imul(value ^ byte, 0x01000193);
  }
  return (value >>> 0).toString(16);
}

describe('words', () => {
  it('are the published answer for counter 0, key 0', () => {
    const view = bits.subarray(0, 16);
    kernels.fillBits(view, { seed: 0, stream: 0, step: 0 });
    expect([0, 4, 8, 12].map(i => view[i])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  });

  it.each([
    [0, 1],
    [0, 64],
    [1, 15],
    [3, 16],
    [5, 200],
    [15, 2],
    [16, 17],
    [2 ** 32 * 16 - 7, 40],
    [2 ** 34 * 16 - 33, 70],
    [2 ** 53 - 1 - 64, 50],
  ])('are the reference from element %d, %d of them, and touch no others', (offset, length) => {
    bits.fill(0, 0, length + 2);
    const view = bits.subarray(1, 1 + length);
    kernels.fillBits(view, { ...key, offset });
    const next = wordsOf({ ...key, offset });
    expect([...view]).toEqual(Array.from({ length }, next));
    expect([bits[0], bits[length + 1]]).toEqual([0, 0]);
  });
});

describe('uniforms', () => {
  it('are the upper 24 bits of the words', () => {
    const view = floats.subarray(3, 1003);
    kernels.fillUniform(view, { ...key, offset: 7 });
    const next = wordsOf({ ...key, offset: 7 });
    expect([...view]).toEqual(Array.from({ length: 1000 }, () => (next() >>> 8) / 2 ** 24));
  });

  it('are uniform on [0, 1)', () => {
    kernels.fillUniform(floats, key);
    expect(floats.every(x => x >= 0 && x < 1)).toBe(true);
    expect(kolmogorovSmirnov(floats, x => x)).toBeLessThan(1.95 / Math.sqrt(COUNT)); // p = 0.001
  });
});

describe('normals', () => {
  it.each([0, 1, 6, 15, 2 ** 36 - 5])('are Box and Muller from element %d, to 2e-6', offset => {
    const length = 20_001;
    const view = floats.subarray(2, 2 + length);
    kernels.fillNormal(view, { ...key, offset });
    const reference = referenceNormals(length, offset);
    let worst = 0;
    for (let i = 0; i < length; i++) {
      // Relative, but near the zeros of sine and cosine relative to a float32's resolution of the angle.
      worst = Math.max(worst, Math.abs(view[i]! - reference[i]!) / Math.max(Math.abs(reference[i]!), 1e-2));
    }
    expect(worst).toBeLessThan(2e-6);
  });

  it('have the same bits on every machine and in every version', () => {
    const view = floats.subarray(0, 4096);
    kernels.fillNormal(view, key);
    expect(hash(view)).toMatchInlineSnapshot(`"6b5f9fd1"`);
  });

  it('do not depend on how a batch is split', () => {
    const length = 10_007;
    const whole = floats.subarray(0, length);
    kernels.fillNormal(whole, key);
    const parts = others.subarray(0, length);
    for (let start = 0, size = 1; start < length; start += size, size = (size * 7 + 3) % 101) {
      size = Math.min(Math.max(size, 1), length - start);
      kernels.fillNormal(parts.subarray(start, start + size), { ...key, offset: start });
    }
    expect(hash(parts)).toBe(hash(whole));
  });

  it('have the moments and the distribution of a standard normal', () => {
    kernels.fillNormal(floats, key);
    expect(kernels.allFinite(floats)).toBe(true);
    const deviations = 4 / Math.sqrt(COUNT);
    expect(Math.abs(moment(floats, 1))).toBeLessThan(deviations);
    expect(Math.abs(moment(floats, 2) - 1)).toBeLessThan(Math.sqrt(2) * deviations);
    expect(Math.abs(moment(floats, 3))).toBeLessThan(Math.sqrt(15) * deviations);
    expect(Math.abs(moment(floats, 4) - 3)).toBeLessThan(Math.sqrt(96) * deviations);
    expect(kolmogorovSmirnov(floats, normalCdf)).toBeLessThan(1.95 / Math.sqrt(COUNT));
  });

  it('are independent between seeds, streams, steps and elements', () => {
    kernels.fillNormal(floats, key);
    const changes = [
      { seed: key.seed + 1 },
      { seed: key.seed + 2 ** 32 },
      { stream: key.stream + 1 },
      { step: 6 },
      { offset: 1 },
      { offset: 4 },
      { offset: 16 },
      { offset: COUNT },
    ];
    for (const change of changes) {
      kernels.fillNormal(others, { ...key, ...change });
      expect(Math.abs(correlation(floats, others)), JSON.stringify(change)).toBeLessThan(4 / Math.sqrt(COUNT));
    }
  });
});

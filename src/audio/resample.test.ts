import { describe, expect, it } from 'vitest';
import { resample } from './resample.ts';

const sine = (frequency: number, rate: number, seconds: number): Float32Array =>
  Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) =>
    Math.sin((2 * Math.PI * frequency * i) / rate + 0.3),
  );

/** The greatest magnitude away from both ends, where the filter would reach beyond the signal. */
function greatest(samples: Float32Array, edge: number): number {
  return samples.subarray(edge, samples.length - edge).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

describe('resample', () => {
  it.each([
    [44_100, 8000],
    [48_000, 16_000],
    [8000, 16_000],
    [11_025, 8000],
    [8000, 44_100],
  ])('from %d to %d Hz keeps sines of the pass band where they are', (from, to) => {
    const nyquist = Math.min(from, to) / 2;
    for (const frequency of [100, 0.3 * nyquist, 0.8 * nyquist]) {
      const got = resample(sine(frequency, from, 0.2), from, to);
      const expected = sine(frequency, to, 0.2);
      expect(got.length).toBe(expected.length);
      const error = got.map((value, i) => value - expected[i]!);
      expect(greatest(error, Math.ceil((64 * to) / Math.min(from, to)))).toBeLessThan(1e-3);
    }
  });

  it('takes out, by 76 dB at least, what the lower rate would mirror into the pass band', () => {
    // Beyond 4 kHz a tone at f comes back at 8 kHz − f, and falls below the pass band's end from 4,640 Hz on.
    for (const frequency of [4640, 5000, 7000, 12_000]) {
      expect(greatest(resample(sine(frequency, 44_100, 0.2), 44_100, 8000), 100)).toBeLessThan(10 ** (-76 / 20));
    }
    // Towards a higher rate it is the images of the input's own band.
    const up = resample(sine(3000, 8000, 0.2), 8000, 16_000);
    const image = sine(5000, 16_000, 0.2);
    const [sum, norm] = [0, 0].map((_, k) =>
      up.reduce((total, value, i) => total + (k ? image[i]! ** 2 : value * image[i]!), 0),
    );
    expect(Math.abs(sum! / norm!)).toBeLessThan(1e-3);
  });

  it('keeps a constant exactly at every phase, and a signal of its own rate', () => {
    const constant = new Float32Array(2000).fill(0.5);
    for (const value of resample(constant, 44_100, 8000).subarray(70, 290)) expect(value).toBeCloseTo(0.5, 6);
    expect(resample(constant, 8000, 8000)).toBe(constant);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameCount, overlapAdd, spectra } from './spectrum.ts';

const framings = [
  { frame: 256, hop: 128 },
  { frame: 256, hop: 64 },
  { frame: 64, hop: 8 },
] as const;

describe('short-time spectra', () => {
  it('give the signal back, from its first sample to its last, at any length', () => {
    const signal = fc.float32Array({ min: -1, max: 1, noNaN: true, minLength: 1, maxLength: 700 });
    fc.assert(
      fc.property(signal, fc.constantFrom(...framings), (samples, framing) => {
        const again = overlapAdd(spectra(samples, framing), samples.length, framing);
        expect(again.length).toBe(samples.length);
        for (const [i, value] of again.entries()) expect(Math.abs(value - samples[i]!)).toBeLessThan(1e-6);
      }),
    );
  });

  it('are those of the discrete Fourier transform by its definition', () => {
    const framing = { frame: 16, hop: 8 };
    const samples = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i * i));
    // Frame 1 begins at sample 0.
    const got = spectra(samples, framing).subarray(18, 36);
    for (let k = 0; k <= 8; k++) {
      let [re, im] = [0, 0];
      for (let n = 0; n < 16; n++) {
        const value = samples[n]! * Math.sin((Math.PI * n) / 16);
        re += value * Math.cos((2 * Math.PI * k * n) / 16);
        im -= value * Math.sin((2 * Math.PI * k * n) / 16);
      }
      expect(got[2 * k]).toBeCloseTo(re, 10);
      expect(got[2 * k + 1]).toBeCloseTo(im, 10);
    }
  });

  it('hold the signal’s energy (Parseval)', () => {
    const samples = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i ** 1.5));
    for (const framing of framings) {
      const bins = framing.frame / 2 + 1;
      const energy = spectra(samples, framing).reduce((sum, value, i) => {
        const bin = Math.floor(i / 2) % bins;
        // Frequencies between the ends stand for themselves and for their mirror image.
        return sum + value * value * (bin === 0 || bin === bins - 1 ? 1 : 2);
      }, 0);
      const own = samples.reduce((sum, value) => sum + value * value, 0);
      // Each sample is seen through windows whose squares add up to frame / (2 hop).
      expect(energy / framing.frame / (framing.frame / (2 * framing.hop)) / own).toBeCloseTo(1, 6);
    }
  });

  it('take as many frames as touch the signal', () => {
    expect(frameCount(1, { frame: 256, hop: 128 })).toBe(2);
    expect(frameCount(128, { frame: 256, hop: 128 })).toBe(2);
    expect(frameCount(129, { frame: 256, hop: 128 })).toBe(3);
  });
});

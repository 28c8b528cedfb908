import { describe, expect, it } from 'vitest';
import { drawsOf } from './draws.ts';
import { makeNoise, meanPower, mix, type NoiseType, noiseTypes } from './noise.ts';
import { spectra } from './spectrum.ts';

const rate = 8000;
const framing = { frame: 256, hop: 128 };
const voices = [440, 700].map(f =>
  Float32Array.from({ length: 3000 }, (_, i) => Math.sin((2 * Math.PI * f * i) / rate)),
);
const make = (type: NoiseType, step = 0, length = 40_000) =>
  makeNoise(type, { length, rate, draws: drawsOf({ seed: 1, stream: 2, step }), voices });

/** The mean power in each bin. */
function spectrumOf(samples: Float32Array): Float64Array {
  const all = spectra(samples, framing);
  const power = new Float64Array(129);
  for (let i = 0; i < all.length; i++) power[(i >> 1) % 129]! += (all[i]! ** 2 * 258) / all.length;
  return power;
}

const band = (power: Float64Array, from: number, to: number): number =>
  power.subarray(from, to).reduce((sum, value) => sum + value, 0);

describe('noise', () => {
  it.each(noiseTypes)('%s has the power 1, is the same by the same key, and another by another', type => {
    expect(meanPower(make(type))).toBeCloseTo(1, 4);
    expect(make(type)).toEqual(make(type));
    expect(make(type, 1)).not.toEqual(make(type));
  });

  it('white is as strong in every octave as it is wide, pink in every octave', () => {
    // Octaves of 8–16, 16–32, 32–64 and 64–128 bins; each mean is over a thousand squares or more.
    const [white, pink] = [spectrumOf(make('white')), spectrumOf(make('pink'))];
    for (const start of [8, 16, 32]) {
      expect(band(white, 2 * start, 4 * start) / band(white, start, 2 * start)).toBeCloseTo(2, 0);
      expect(Math.abs(10 * Math.log10(band(pink, 2 * start, 4 * start) / band(pink, start, 2 * start)))).toBeLessThan(
        0.6,
      );
    }
    const values = make('white');
    // Of a normal distribution 68.27 % lie within one deviation; the standard error over 40,000 is 0.23 %.
    const within = values.filter(value => Math.abs(value) < 1).length / values.length;
    expect(Math.abs(within - 0.6827)).toBeLessThan(0.01);
  });

  it('hum stands on multiples of the mains, babble on the frequencies of its voices', () => {
    const hum = spectrumOf(make('hum'));
    expect(band(hum, 0, 42) / band(hum, 0, 129)).toBeGreaterThan(0.99);
    const babble = spectrumOf(make('babble'));
    // 440 and 700 Hz are bins 14 and 22.4.
    expect((band(babble, 12, 17) + band(babble, 20, 26)) / band(babble, 0, 129)).toBeGreaterThan(0.97);
  });

  it('clicks are short: most of the time there is next to nothing', () => {
    const quiet = make('clicks').filter(value => Math.abs(value) < 0.05).length / 40_000;
    expect(quiet).toBeGreaterThan(0.7);
  });

  it('is mixed in so loud as was asked for, by the power that is named', () => {
    const signal = Float32Array.from({ length: 40_000 }, (_, i) => (i % 2 ? 0 : Math.sin(i)));
    for (const [snr, power] of [
      [5, undefined],
      [-3, 7],
    ] as const) {
      const noisy = mix(signal, make('white'), { snr, ...(power && { power }) });
      const noise = noisy.map((value, i) => value - signal[i]!);
      expect(10 * Math.log10((power ?? meanPower(signal)) / meanPower(noise))).toBeCloseTo(snr, 3);
    }
    expect(mix(signal, new Float32Array(40_000), { snr: 0 })).toEqual(signal);
  });
});

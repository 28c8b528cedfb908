import { describe, expect, it } from 'vitest';
import { featureWidth, framesAhead, idealGain, NoisyFrames, writeFeatures } from './denoising.ts';
import { drawsOf } from './draws.ts';
import { MinimumPower, NoisePower } from './noise-power.ts';
import { siSdr } from './quality.ts';
import { overlapAdd, spectra } from './spectrum.ts';

const config = { rate: 8000, frame: 64, hop: 16, context: [-2, 0, 1] };
const bins = 33;
const normals = (length: number, step = 0) => drawsOf({ seed: 3, stream: 1, step }).normals(length);
const spectrumAt = (all: Float64Array, t: number) => all.subarray(2 * bins * t, 2 * bins * (t + 1));

/** Noise of a deviation with bursts, a quarter of the time, of a tone that is 30 times as loud. */
function burstsInNoise(deviation: number, length: number): Float32Array {
  return normals(length).map((value, i) => deviation * (value + (i % 4000 > 3000 ? 30 * Math.sin(i) : 0)));
}

describe('what a denoiser sees', () => {
  it('is spectra, noise and floor relative to the noise, whatever the loudness', () => {
    const seen = [1, 0.01].map(loudness => {
      const all = spectra(
        normals(2000).map(value => loudness * value),
        config,
      );
      const noisy = new NoisyFrames(config);
      const frames = Array.from({ length: all.length / (2 * bins) }, (_, t) => noisy.next(spectrumAt(all, t)));
      const into = new Float32Array(featureWidth(config));
      writeFeatures(frames, 50, { ...config, into });
      const level = frames[50]!.subarray(bins, 2 * bins).reduce((sum, value) => sum + value / bins, 0);
      const expected = [frames[48]!, frames[50]!, frames[51]!].flatMap(frame => [...frame.subarray(0, bins)]);
      expected.push(...frames[50]!.subarray(bins));
      expected.forEach((value, i) => void expect(into[i]).toBeCloseTo((value - level) / 4, 5));
      return into;
    });
    // 100 times as quiet is 40 dB: the silence below all power is still far away.
    seen[0]!.forEach((value, i) => void expect(Math.abs(value - seen[1]![i]!)).toBeLessThan(0.02));
    expect(framesAhead(config)).toBe(1);
    expect(framesAhead({ ...config, context: [-1] })).toBe(0);
  });

  it('takes the frames at the ends to go on', () => {
    const frames = [1, 2, 3].map(value => new Float32Array(3 * bins).fill(value));
    const into = new Float32Array(featureWidth(config));
    writeFeatures(frames, 0, { ...config, into });
    // Frame −2 is frame 0; all relative to the noise of frame 0, which is 1.
    const firsts = () => [into[0], into[bins], into[2 * bins]];
    expect(firsts()).toEqual([0, 0, 0.25].map(value => expect.closeTo(value, 6)));
    writeFeatures(frames, 2, { ...config, into });
    expect(firsts()).toEqual([-0.5, 0, 0].map(value => expect.closeTo(value, 6)));
  });

  it('passes over digital silence', () => {
    const noisy = new NoisyFrames(config);
    for (let t = 0; t < 100; t++) noisy.next(new Float64Array(2 * bins));
    const frame = noisy.next(new Float64Array(2 * bins).fill(1));
    for (const part of [0, 1, 2]) expect(frame[part * bins]).toBeCloseTo(Math.log(2), 5);
  });
});

describe('the ideal gain', () => {
  it('is the real factor from 0 to 1 that leaves the least squared error', () => {
    const [clean, noise] = [normals(66), normals(66, 1)].map(values => Float64Array.from(values)) as [
      Float64Array,
      Float64Array,
    ];
    const noisy = clean.map((value, i) => value + noise[i]!);
    for (const [k, gain] of idealGain(clean, noisy).entries()) {
      const error = (g: number) =>
        (clean[2 * k]! - g * noisy[2 * k]!) ** 2 + (clean[2 * k + 1]! - g * noisy[2 * k + 1]!) ** 2;
      for (let g = 0; g <= 1; g += 0.01) expect(error(gain)).toBeLessThanOrEqual(error(g) + 1e-6);
    }
    expect([...idealGain(new Float64Array(4).fill(1), new Float64Array(4))]).toEqual([0, 0]);
  });

  it('brings white noise down by far', () => {
    const clean = Float32Array.from({ length: 8000 }, (_, i) => Math.sin(i / 5));
    const noisy = normals(8000).map((value, i) => value + clean[i]!);
    const [pure, mixed] = [spectra(clean, config), spectra(noisy, config)];
    const gains = idealGain(pure, mixed);
    const restored = overlapAdd(
      mixed.map((value, i) => value * gains[i >> 1]!),
      8000,
      config,
    );
    expect(siSdr(restored, clean) - siSdr(noisy, clean)).toBeGreaterThan(12);
  });
});

describe('estimates of the noise', () => {
  it('are near its power while bursts go over it', () => {
    const all = spectra(burstsInNoise(0.1, 24_000), config);
    const [noise, floor] = [new NoisePower(0.002), new MinimumPower(0.002)];
    const sums = { noise: 0, floor: 0, atTone: 0, tone: 0, count: 0 };
    for (let t = 0; t < all.length / (2 * bins); t++) {
      const spectrum = spectrumAt(all, t);
      const power = Float32Array.from({ length: bins }, (_, k) => spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2);
      noise.push(power);
      floor.push(power);
      if (t < 200) continue;
      // The tone is in bin 10; away from it there is noise alone.
      sums.count += 1;
      sums.noise += noise.power[25]!;
      sums.floor += floor.power[25]!;
      sums.atTone += noise.power[10]!;
      sums.tone += power[10]!;
    }
    // The windows' squares add up to 32.
    const expected = 32 * 0.1 ** 2;
    expect(Math.abs(10 * Math.log10(sums.noise / sums.count / expected))).toBeLessThan(1.5);
    expect(sums.floor / sums.noise).toBeLessThan(1);
    expect(sums.floor / sums.noise).toBeGreaterThan(0.1);
    expect(sums.tone / sums.count / expected).toBeGreaterThan(500);
    expect(sums.atTone / sums.count / expected).toBeLessThan(5);
  });

  it('follow noise that rises', () => {
    const noise = new NoisePower(0.016);
    for (let t = 0; t < 100; t++) noise.push(Float32Array.of(1));
    expect(noise.power[0]).toBeCloseTo(1, 5);
    for (let t = 0; t < 600; t++) noise.push(Float32Array.of(100));
    expect(noise.power[0]).toBeGreaterThan(50);
    const floor = new MinimumPower(0.016);
    for (let t = 0; t < 100; t++) floor.push(Float32Array.of(1));
    for (let t = 0; t < 100; t++) floor.push(Float32Array.of(100));
    expect(floor.power[0]).toBeGreaterThan(90);
  });
});

describe('siSdr', () => {
  it('is the ratio of what lies along the reference to what does not, at any loudness', () => {
    const reference = Float32Array.of(1, 1, 0, 0);
    // Half of the error's energy would lie along the reference if it were not orthogonal: 4 against 1.
    expect(siSdr(Float32Array.of(2, 2, 1, -1), reference)).toBeCloseTo(10 * Math.log10(4), 6);
    expect(siSdr(Float32Array.of(0.2, 0.2, 0.1, -0.1), reference)).toBeCloseTo(10 * Math.log10(4), 6);
  });
});

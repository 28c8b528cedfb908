// Noises that spoil recordings, made by rule. Each has the mean power 1, whatever it is made of; `mix` sets how loud it is.

import FFT from 'fft.js';
import type { Draws } from './draws.ts';

/**
 * - `white`: equally strong at all frequencies
 * - `pink`: power as 1/f, equally strong in all octaves
 * - `hum`: 50 or 60 Hz mains with its harmonics
 * - `babble`: several voices at once
 * - `clicks`: 2 to 20 a second, each dying away within milliseconds
 */
export type NoiseType = 'white' | 'pink' | 'hum' | 'babble' | 'clicks';

export const noiseTypes: readonly [NoiseType, ...NoiseType[]] = ['white', 'pink', 'hum', 'babble', 'clicks'];

interface NoiseOptions {
  /** Samples. */
  readonly length: number;
  /** Samples a second. */
  readonly rate: number;
  readonly draws: Draws;
  /** Recordings that babble is made of. */
  readonly voices: readonly Float32Array[];
}

/** Noise of a type, of mean power 1. */
export function makeNoise(type: NoiseType, options: NoiseOptions): Float32Array {
  return scaled(makers[type](options), 1);
}

/** A signal scaled to a mean power; silence stays silence. */
export function scaled(samples: Float32Array, power: number): Float32Array {
  const own = meanPower(samples);
  const gain = own > 0 ? Math.sqrt(power / own) : 0;
  return samples.map(value => gain * value);
}

/** The mean of the squares. */
export function meanPower(samples: Float32Array): number {
  return samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
}

/**
 * A signal with noise added, so loud that the signal's power is `snr` decibels above the noise's.
 * @param power of the signal while it is not silent; its mean power unless told.
 */
export function mix(
  signal: Float32Array,
  noise: Float32Array,
  { snr, power = meanPower(signal) }: { readonly snr: number; readonly power?: number },
): Float32Array {
  const level = scaled(noise, power / 10 ** (snr / 10));
  return signal.map((value, i) => value + level[i]!);
}

const makers: Readonly<Record<NoiseType, (options: NoiseOptions) => Float32Array>> = {
  white: ({ length, draws }) => draws.normals(length),
  pink: ({ length, draws }) => pinkened(draws.normals(length)),
  hum({ length, rate, draws }) {
    const mains = (draws.below(2) === 0 ? 50 : 60) * draws.uniform(0.995, 1.005);
    const count = Math.min(20, Math.floor(rate / 2 / mains));
    const harmonics = Array.from({ length: count }, (_, h) => ({
      step: (2 * Math.PI * mains * (h + 1)) / rate,
      phase: draws.uniform(0, 2 * Math.PI),
      amplitude: draws.uniform(0.1, 1) / (h + 1),
    }));
    return Float32Array.from({ length }, (_, i) =>
      harmonics.reduce((sum, { step, phase, amplitude }) => sum + amplitude * Math.sin(step * i + phase), 0),
    );
  },
  babble({ length, draws, voices }) {
    const sum = new Float32Array(length);
    const count = 3 + draws.below(6);
    for (let voice = 0; voice < count; voice++) {
      const level = draws.uniform(0.5, 1);
      for (let at = -draws.below(length); at < length; ) {
        const said = scaled(voices[draws.below(voices.length)]!, level ** 2);
        for (let i = Math.max(0, -at); i < said.length && at + i < length; i++) sum[at + i] = sum[at + i]! + said[i]!;
        at += said.length;
      }
    }
    return sum;
  },
  clicks({ length, rate, draws }) {
    const sound = new Float32Array(length);
    const mean = rate / draws.uniform(2, 20);
    // Times between events that are independent of each other are exponentially distributed.
    for (let at = 0; at < length; at += Math.ceil(-mean * Math.log(draws.uniform(0, 1)))) {
      const [height, decay] = [draws.uniform(-1, 1), rate * draws.uniform(0.0002, 0.002)];
      const turn = Math.PI * draws.uniform(0.05, 0.9);
      for (let i = 0; i < 8 * decay && at + i < length; i++) {
        sound[at + i] = sound[at + i]! + height * Math.exp(-i / decay) * Math.cos(turn * i);
      }
    }
    return sound;
  },
};

/** White noise with its spectrum multiplied by 1/√f; the constant is taken out. */
function pinkened(white: Float32Array): Float32Array {
  const size = 2 ** Math.max(2, Math.ceil(Math.log2(white.length)));
  const fft = new FFT(size);
  const [time, spectrum, shaped] = [new Float64Array(size), new Float64Array(2 * size), new Float64Array(2 * size)];
  time.set(white);
  fft.realTransform(spectrum, time);
  for (let k = 0; k <= size / 2; k++) {
    const gain = k === 0 ? 0 : 1 / Math.sqrt(k);
    spectrum[2 * k] = spectrum[2 * k]! * gain;
    spectrum[2 * k + 1] = spectrum[2 * k + 1]! * gain;
  }
  fft.completeSpectrum(spectrum);
  fft.inverseTransform(shaped, spectrum);
  return Float32Array.from(white, (_, i) => shaped[2 * i]!);
}

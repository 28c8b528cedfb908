// What a denoiser of short-time spectra sees and says. It sees the logarithm of the noisy power in a frame and around it, and
// two estimates of the noise's power, all relative to the noise's mean level, so that how loud a recording is does not
// matter. It says the clean spectrum in units of the noisy one: Re(S Ȳ) / |Y|² from 0 to 1 (the truncated phase-sensitive
// mask, Erdogan et al. 2015), whose conditional mean is the real gain that leaves the least squared error.

import { MinimumPower, NoisePower } from './noise-power.ts';
import type { Framing } from './spectrum.ts';

/** How sound becomes the rows of a denoiser. */
export interface DenoisingConfig extends Framing {
  /** Samples a second. */
  readonly rate: number;
  /** Which frames are seen, counted from the one that is restored: −1 is the one before. */
  readonly context: readonly number[];
}

/** Power below which there is nothing: the rounding noise of 16 bits under a frame of 256 samples. */
const SILENCE = 1e-8;
/** Nats to a unit of what the denoiser sees. */
const SCALE = 4;

/** Numbers that a denoiser sees of each frame. */
export function featureWidth({ frame, context }: DenoisingConfig): number {
  return (context.length + 2) * (frame / 2 + 1);
}

/** How many frames must be known after the one that is restored. */
export function framesAhead({ context }: DenoisingConfig): number {
  return Math.max(0, ...context);
}

/** Frames in the order of time as a denoiser takes them in; one object serves one signal. */
export class NoisyFrames {
  readonly #bins: number;
  readonly #noise: NoisePower;
  readonly #floor: MinimumPower;

  constructor({ frame, hop, rate }: DenoisingConfig) {
    this.#bins = frame / 2 + 1;
    this.#noise = new NoisePower(hop / rate);
    this.#floor = new MinimumPower(hop / rate);
  }

  /** Of the next spectrum ([bins, 2], as `ShortTimeFourier` gives it) logarithms of power: its own, the noise's, the floor's, [3, bins]. */
  next(spectrum: Float64Array): Float32Array {
    const power = Float32Array.from(
      { length: this.#bins },
      (_, k) => spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2,
    );
    // Digital silence, such as before a recording begins, says nothing of its noise.
    if (power.some(value => value > SILENCE)) {
      this.#noise.push(power);
      this.#floor.push(power);
    }
    const frame = new Float32Array(3 * this.#bins);
    for (const [part, values] of [power, this.#noise.power, this.#floor.power].entries()) {
      for (let k = 0; k < this.#bins; k++) frame[part * this.#bins + k] = Math.log((values[k] ?? 0) + SILENCE);
    }
    return frame;
  }
}

/**
 * What is seen of frame `index`: spectra in the order of `context`, then the noise, then the floor. Beyond either end, the
 * frame there is taken to go on.
 */
export function writeFeatures(
  frames: readonly Float32Array[],
  index: number,
  { context, into }: { readonly context: readonly number[]; readonly into: Float32Array },
): void {
  const own = frames[index]!;
  const bins = own.length / 3;
  let level = 0;
  for (let k = bins; k < 2 * bins; k++) level += own[k]! / bins;
  let at = 0;
  for (const offset of context) {
    const frame = frames[Math.min(frames.length - 1, Math.max(0, index + offset))]!;
    for (let k = 0; k < bins; k++) into[at++] = (frame[k]! - level) / SCALE;
  }
  for (let k = bins; k < 3 * bins; k++) into[at++] = (own[k]! - level) / SCALE;
}

/** The gain of each bin that brings a noisy spectrum nearest to the clean one, from 0 to 1; of [bins, 2] each. */
export function idealGain(clean: Float64Array, noisy: Float64Array): Float32Array {
  return Float32Array.from({ length: clean.length / 2 }, (_, k) => {
    const [a, b, c, d] = [clean[2 * k]!, clean[2 * k + 1]!, noisy[2 * k]!, noisy[2 * k + 1]!];
    const power = c * c + d * d;
    return power < SILENCE ? 0 : Math.min(1, Math.max(0, (a * c + b * d) / power));
  });
}

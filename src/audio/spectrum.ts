// Short-time spectra (Allen and Rabiner 1977) under the square root of a periodic Hann window, for analysis and again for
// synthesis: where frames overlap by a half or more, the squares of the windows add up to a constant, so overlap-add gives
// a signal back exactly, and spectra that were changed are put together by least squares (Griffin and Lim 1984).

import FFT from 'fft.js';

/** How a signal is cut into frames: both in samples, `frame` a power of two, `hop` a half of it or a smaller power of two. */
export interface Framing {
  readonly frame: number;
  readonly hop: number;
}

/** Spectra of single frames and back. An object of this class serves one caller at a time: its buffers are reused. */
export class ShortTimeFourier {
  /** Frequencies of a spectrum: frame / 2 + 1, from 0 to the Nyquist frequency. */
  readonly bins: number;
  readonly #fft: FFT;
  readonly #window: Float64Array;
  readonly #time: Float64Array;
  readonly #spectrum: Float64Array;
  readonly #inverse: Float64Array;
  /** What the squares of all windows over one sample add up to. */
  readonly #overlap: number;

  constructor({ frame, hop }: Framing) {
    this.bins = frame / 2 + 1;
    this.#fft = new FFT(frame);
    this.#window = Float64Array.from({ length: frame }, (_, i) => Math.sin((Math.PI * i) / frame));
    this.#time = new Float64Array(frame);
    this.#spectrum = new Float64Array(2 * frame);
    this.#inverse = new Float64Array(2 * frame);
    this.#overlap = frame / (2 * hop);
  }

  /** The spectrum of `frame` samples: `bins` complex numbers, real and imaginary parts in turn, into `out`. */
  analyse(samples: Float32Array, out: Float64Array): void {
    for (let i = 0; i < this.#time.length; i++) this.#time[i] = samples[i]! * this.#window[i]!;
    this.#fft.realTransform(this.#spectrum, this.#time);
    out.set(this.#spectrum.subarray(0, 2 * this.bins));
  }

  /** Adds the signal of a spectrum to `frame` samples, under the window. */
  synthesise(spectrum: Float64Array, into: Float32Array): void {
    this.#spectrum.set(spectrum);
    this.#fft.completeSpectrum(this.#spectrum);
    this.#fft.inverseTransform(this.#inverse, this.#spectrum);
    for (let i = 0; i < into.length; i++) {
      into[i] = into[i]! + (this.#inverse[2 * i]! * this.#window[i]!) / this.#overlap;
    }
  }
}

/** Frames of a whole signal: the first begins frame − hop samples before it, the last is the last that touches it. */
export function frameCount(length: number, { frame, hop }: Framing): number {
  return Math.ceil((length + frame - hop) / hop);
}

/** All spectra of a signal, taken as silent before and after: [frames, bins, 2]. */
export function spectra(samples: Float32Array, framing: Framing): Float64Array {
  const { frame, hop } = framing;
  const fourier = new ShortTimeFourier(framing);
  const count = frameCount(samples.length, framing);
  const padded = new Float32Array((count - 1) * hop + frame);
  padded.set(samples, frame - hop);
  const out = new Float64Array(count * 2 * fourier.bins);
  for (let t = 0; t < count; t++) {
    fourier.analyse(
      padded.subarray(t * hop, t * hop + frame),
      out.subarray(t * 2 * fourier.bins, (t + 1) * 2 * fourier.bins),
    );
  }
  return out;
}

/** The signal of `length` samples of which these are the spectra, as `spectra` gives them. */
export function overlapAdd(all: Float64Array, length: number, framing: Framing): Float32Array {
  const { frame, hop } = framing;
  const fourier = new ShortTimeFourier(framing);
  const count = frameCount(length, framing);
  const padded = new Float32Array((count - 1) * hop + frame);
  for (let t = 0; t < count; t++) {
    fourier.synthesise(
      all.subarray(t * 2 * fourier.bins, (t + 1) * 2 * fourier.bins),
      padded.subarray(t * hop, t * hop + frame),
    );
  }
  return padded.slice(frame - hop, frame - hop + length);
}

// What of the package fft.js is used; it comes without types.

declare module 'fft.js' {
  export default class FFT {
    /** @param size a power of two */
    constructor(size: number);
    /** Of `size` real numbers the first half of the spectrum, up to and with the middle: real and imaginary parts in turn. */
    realTransform(out: Float64Array, data: Float64Array): void;
    /** Fills in the second half of a real signal's spectrum. */
    completeSpectrum(spectrum: Float64Array): void;
    /** Complex numbers to complex numbers, divided by `size`. */
    inverseTransform(out: Float64Array, data: Float64Array): void;
  }
}

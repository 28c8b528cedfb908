// Sound: WAV files, other sampling rates, short-time spectra.

export { resample } from './resample.ts';
export { type Framing, frameCount, overlapAdd, ShortTimeFourier, spectra } from './spectrum.ts';
export { decodeWav, encodeWav, mono, type SampleFormat, type Sound } from './wav.ts';

// Sound: WAV files, other sampling rates, short-time spectra, noises, and what a denoiser of spectra sees and says.

export {
  type DenoisingConfig,
  featureWidth,
  framesAhead,
  idealGain,
  NoisyFrames,
  writeFeatures,
} from './denoising.ts';
export { type Draws, drawsOf } from './draws.ts';
export { makeNoise, meanPower, mix, type NoiseType, noiseTypes, scaled } from './noise.ts';
export { siSdr } from './quality.ts';
export { resample } from './resample.ts';
export { type Framing, frameCount, overlapAdd, ShortTimeFourier, spectra } from './spectrum.ts';
export { decodeWav, encodeWav, mono, type SampleFormat, type Sound } from './wav.ts';

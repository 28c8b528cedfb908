// Codes of rows that were seen in part or through noise, and what is expected of the rows given these.

export { calibrate, canBeCalibrated, measureErrors } from './calibration.ts';
export { readErrorCurve, writeErrorCurve } from './calibration-store.ts';
export { type CompleteOptions, type Completions, completeRows } from './complete.ts';
export { type Denoised, type DenoiseOptions, denoiseByModel } from './denoise.ts';
export type { ErrorCurve } from './error-curve.ts';
export { type Diagnostics, type InferenceOptions, type InferredCodes, inferCodes } from './infer.ts';
export { type Half, halves, hiddenAtRandom, hiddenBox, hiddenHalf, hiddenStroke } from './masks.ts';
export type { Noise, NoiseType } from './noise.ts';
export type { InferenceMethod } from './refuse.ts';

// Images compared in learned features.

export { digitsOf } from './classify.ts';
export { type SampleQuality, type SampleQualityOptions, sampleQuality } from './compare.ts';
